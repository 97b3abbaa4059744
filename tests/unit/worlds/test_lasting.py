"""I2 and I3, by what would go with a node's VM."""

import pytest

from local.arm.portrait import DISK, NIC
from tests.unit.worlds.history import History, id_of, vm


def test_a_vm_with_which_nothing_goes_is_as_it_must_be() -> None:
    assert History().lives().broken == []


@pytest.mark.parametrize(
    ("what", "broken"), [(id_of(DISK, "data"), "I2"), (id_of(NIC, "nic"), "I3")]
)
def test_a_disk_or_a_nic_that_would_go_with_its_vm_is_a_breach_before_it_goes(
    what: str, broken: str
) -> None:
    made, changed = History().has(vm(dying=(what,))), History().lives()

    assert made.broken == [broken]
    assert changed.is_now(vm(), dying=(what,)).is_now(vm(), power="stopped").broken == [broken]


def test_the_vm_of_somebody_else_may_take_with_it_what_it_likes_until_it_is_a_nodes() -> None:
    history = History().has(vm(tags={}, dying=(id_of(DISK, "os"),)))

    assert history.broken == []
    assert history.is_now(vm(), tags=vm().tags).broken == ["I2"]
