"""I8: updates of VMs that change nothing."""

from typing import Any

import pytest

from local.arm.portrait import Portrait
from tests.unit.worlds.history import History, nic, vm

DOWN = vm(size="d2", power="deallocated", allocated=False)
UPDATE = {"action": "write"}


def updated(history: History, was: Portrait = DOWN, **changes: Any) -> list[str]:
    """Azure takes an update, works on it, and is done."""
    history.asked("PATCH", was, **UPDATE).is_now(was, provisioning="Updating")
    history.is_now(was, provisioning="Succeeded", **changes)
    return history.broken


def lies() -> History:
    return History().lives().has(DOWN)


def test_a_vm_is_not_told_to_have_the_size_that_it_has() -> None:
    history = lies()

    assert updated(history) == ["I8"]
    assert "to be as it was" in str(history.watch.breaches[0])


@pytest.mark.parametrize("change", [{"size": "d4"}, {"tags": {}}, {"spot": True}])
def test_an_update_that_changes_something_is_none_of_that(change: dict[str, Any]) -> None:
    assert updated(lies(), **change) == []


def test_a_step_that_is_repeated_may_find_that_it_was_done() -> None:
    history = lies()
    updated(history, size="d4")

    assert updated(history) == []


def test_one_that_was_refused_or_failed_or_is_a_persons_is_not_judged() -> None:
    assert lies().asked("PATCH", DOWN, status=409, **UPDATE).has(DOWN).broken == []
    assert lies().asked("PATCH", DOWN, caller="ada", **UPDATE).has(DOWN).broken == []
    failed = lies().asked("PATCH", DOWN, **UPDATE).is_now(DOWN, provisioning="Failed")
    assert failed.broken == []


def test_what_follows_at_once_is_not_taken_for_its_end() -> None:
    """A start that was asked for meanwhile ends what is seen of the update."""
    history = lies().asked("PATCH", DOWN, **UPDATE).asked("POST", DOWN)

    assert history.is_now(DOWN, power="running", allocated=True).broken == []


def test_a_nic_that_is_as_it_is_asked_for_is_not_written_again() -> None:
    history = History().lives().asked("PUT", nic(), idle=True)

    assert history.broken == ["I8"]
    assert "was so already" in str(history.watch.breaches[0])


def test_but_a_step_may_send_it_twice_and_what_azure_refuses_changes_nothing() -> None:
    history = History().lives().asked("PUT", nic())

    assert history.asked("PUT", nic(), idle=True).broken == []
    assert History().lives().asked("PUT", nic(), idle=True, caller="ada").broken == []
    assert History().lives().asked("PUT", nic(), idle=True, status=412).broken == []
