"""I14, at the moment at which a deletion is written down as over; each way to break it."""

from local.arm.portrait import DISK
from local.worlds.invariants import Records
from tests.unit.worlds.history import NODE, History, disk, id_of, nic, public_ip, vm


def ended(history: History, **view: object) -> list[str]:
    """Return what is wrong when the records say that (nothing: the node is gone)."""
    records = Records({NODE: history.view(**view)}) if view else Records()
    history.watch.ended(history.now, records)
    return history.broken


def gone() -> History:
    """The owner deletes the node and keeps its disks."""
    return History().lives().deletes(DISK).goes_down(vm()).loses(vm(), nic(), public_ip())


def test_what_its_owner_keeps_has_lost_our_tag_when_the_node_is_forgotten() -> None:
    history = gone().is_now(disk("os"), tags={})

    assert ended(history) == ["I14"]
    assert "data of node ssn-00000001, whose deletion has ended" in str(history.watch.breaches[0])


def test_what_azure_refuses_for_good_to_change_keeps_its_tag() -> None:
    history = gone().is_now(disk("os"), tags={})
    history.watch.refusals.barred.add(id_of(DISK, "data"))

    assert ended(history) == []
    assert history.reckons().passes(20).reckons().broken == []
    assert history.watch.over(history.now, Records()) == []


def test_nor_may_it_have_it_while_the_node_waits_for_the_rest() -> None:
    waits = {"status": "DEALLOCATING", "retained": frozenset({id_of(DISK, "other")})}

    assert ended(gone(), **waits) == ["I14", "I14"]


def test_a_disk_that_was_given_up_before_goes_in_a_time_of_its_own() -> None:
    history = gone().is_now(disk("os"), tags={})
    kept = frozenset({id_of(DISK, "data")})

    assert ended(history, status="DEALLOCATING", retained=kept) == []


def test_a_deletion_that_goes_on_or_came_to_nothing_is_not_judged() -> None:
    assert ended(gone(), status="DEALLOCATING", operation="op-1") == []
    assert ended(gone(), status="ERROR") == []


def test_a_node_on_its_way_out_keeps_something_that_ends_it() -> None:
    history = gone().is_now(disk("os"), tags={}).is_now(disk("data"), tags={})

    assert ended(history) == []
    assert ended(history, status="DEALLOCATING", retained=frozenset({"a"})) == []
    assert ended(history, status="DEALLOCATING") == ["I14"]
