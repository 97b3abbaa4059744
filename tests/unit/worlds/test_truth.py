"""I9, by what may be shown that is not so."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from local.arm.portrait import VM
from local.worlds.invariants import NodeView, Records, Told
from tests.unit.worlds.history import NODE, NOON, History, disk, id_of, vm

IMAGE = "canonical:ubuntu:server:1.2.3"
UP = vm(size="d2", zone="1", image=IMAGE)
TOLD = Told(
    vm=UP.id,
    size="d2",
    zone="1",
    spot=False,
    disks=frozenset((slot, one, "") for slot, one in UP.disks),
    nics=frozenset(UP.nics),
    addresses=frozenset(("10.0.0.4", "20.0.0.4")),
    born=UP.born,
    since=NOON,
    image=IMAGE,
)


def shown(history: History, told: Told = TOLD, **view: Any) -> list[str]:
    values: dict[str, Any] = {"status": "ACTIVE", "told": told} | view
    seen = NodeView(NODE, **values)
    history.watch.reckon(history.now, Records({NODE: seen}))
    return [one for one in history.broken if one == "I9"]


def lives() -> History:
    return History().lives().has(UP)


def test_what_is_so_may_be_shown() -> None:
    assert shown(lives()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": "d4"},
        {"zone": "2"},
        {"spot": True},
        {"disks": frozenset()},
        {"nics": frozenset()},
        {"addresses": frozenset(("10.0.0.9",))},
        {"image": ":::"},
    ],
)
def test_what_is_not_so_breaks_i9(wrong: dict[str, Any]) -> None:
    assert shown(lives(), replace(TOLD, **wrong)) == ["I9"]


def test_what_a_person_took_off_may_be_shown_still_and_nothing_else_that_is_not_so() -> None:
    history = lives()
    history.watch.taken_off(NODE, disk("data").id)
    history.is_now(UP, disks=vm(disks="os").disks)

    assert shown(history) == []
    assert shown(history, replace(TOLD, disks=frozenset())) == ["I9"]


def test_an_image_counts_only_where_azure_names_one() -> None:
    """A VM that was made with a disk that there was has none; its node remembers the first."""
    assert shown(lives().is_now(UP, image="")) == []


def test_while_something_is_under_way_nothing_need_be_so() -> None:
    wrong = replace(TOLD, size="d4")

    assert shown(lives(), wrong, operation="op-1") == []
    assert shown(lives(), wrong, status="PAUSED") == []


def test_a_vm_without_the_tag_is_shown_only_if_it_came_after_the_one_that_is_known() -> None:
    foreign = lives().is_now(UP, tags={})

    assert shown(foreign) == ["I9"]
    assert shown(lives().is_now(UP, tags={}, born="another")) == []


def test_a_vm_that_was_never_made_is_not_up() -> None:
    failed = History().lives().loses(vm()).has(replace(UP, provisioning="Failed", born="late"))

    assert shown(failed, replace(TOLD, born="late")) == ["I9"]
    assert shown(lives().is_now(UP, provisioning="Failed")) == []


def test_a_disk_that_the_vm_has_not_let_go_of_is_shown() -> None:
    held = disk("third", owners=(UP.id,))

    assert shown(lives().has(held)) == ["I9"]
    assert shown(lives().has(replace(held, owners=()))) == []


RECYCLING: dict[str, Any] = {
    "status": "RECYCLING",
    "operation": "op-1",
    "busy_since": NOON + timedelta(hours=1),
}


def test_a_recycled_node_does_not_show_its_old_vm_beside_the_next_one() -> None:
    history = lives()

    assert shown(history, **RECYCLING) == []
    assert shown(history.loses(UP), **RECYCLING) == []
    assert shown(history.has(replace(UP, born="next")), **RECYCLING) == ["I9"]


def test_what_an_import_keeps_is_no_next_vm_and_one_of_the_same_recycle_no_old_one() -> None:
    kept = replace(UP, id=id_of(VM, "legacy"), born="legacy")
    history = lives().has(kept).loses(UP)

    assert shown(history, **RECYCLING, retained=frozenset({kept.id})) == []
    late = replace(TOLD, since=NOON + timedelta(hours=2))
    assert shown(history, late, **RECYCLING) == []
    assert shown(history, **RECYCLING) == ["I9"]


@pytest.mark.parametrize("status", ["PAUSED", "STOPPED"])
def test_the_disks_of_a_node_that_rests_are_shown_where_they_are(status: str) -> None:
    there = disk("os", zone="1")
    rests = History().has(there)

    def seen(zone: str, **view: Any) -> list[str]:
        disks = frozenset(((there.id, zone), (id_of(there.type, "gone"), "3")))
        values: dict[str, Any] = {"status": status, "disks": disks} | view
        rests.watch.reckon(rests.now, Records({NODE: NodeView(NODE, **values)}))
        return rests.broken

    assert seen("1") == []
    assert seen("2", operation="op-1") == []
    assert seen("2") == ["I9"]
