"""Which disks in use are copied, when, and which copies may go."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.model.run import DiskRef, RunState
from shared.model.seen import DiskSnapshot, SnapshotRound, Stranded
from shared.policy.snapshots import (
    after_round,
    disks_to_snapshot,
    is_due,
    kept_stranded,
    newest,
    obsolete,
    of_other_disks,
    present,
    round_of,
    snapshot_at,
    stranded_told,
    wanted,
)
from tests.store.worlds import NOON

OS = DiskRef(id="/os", name="os", zone="1", sku="Premium_LRS")
DATA = DiskRef(id="/data", name="data", lun=0, zone="1", sku="Premium_LRS")
EVERY = timedelta(hours=6)


def hour(number: float) -> datetime:
    return NOON + timedelta(hours=number)


def snap(name: str, at: float, disk: DiskRef = OS, *, whole: bool = True) -> DiskSnapshot:
    return DiskSnapshot(id=name, disk_id=disk.id, taken_at=hour(at), is_complete=whole)


def document(**changes: Any) -> dict[str, Any]:
    kept = {
        "shouldPersistOsDisk": True,
        "osDiskPersistenceMode": "reattach",
        "shouldPersistDataDisks": True,
    }
    return {"compute": {"zones": ["1", "2"]}, "persistence": kept | changes}


def run(*taken: DiskSnapshot, **changes: Any) -> RunState:
    facts: dict[str, Any] = {
        "os_disk": OS,
        "data_disks": (DATA,),
        "disk_snapshots": taken,
        "snapshots": tuple(one.id for one in taken),
    }
    return RunState(**(facts | changes))


@pytest.mark.parametrize(
    ("changes", "disks"),
    [
        ({}, (OS, DATA)),
        ({"osDiskPersistenceMode": None}, (OS, DATA)),
        ({"osDiskPersistenceMode": "onLaunch"}, (DATA,)),
        ({"shouldPersistDataDisks": False}, (OS,)),
        ({"shouldPersistOsDisk": False, "shouldPersistDataDisks": False}, ()),
        (
            {"osDiskPersistenceMode": "onLaunch", "dataDisksPersistenceMode": "onLaunch"},
            (),
        ),
    ],
    ids=str,
)
def test_disks_that_are_reattached_are_copied(
    changes: dict[str, Any], disks: tuple[DiskRef, ...]
) -> None:
    """S5."""
    assert disks_to_snapshot(document(**changes), run()) == disks
    assert wanted(document(**changes)) is bool(disks)


@pytest.mark.parametrize("zones", [None, [], ["1"]])
def test_a_node_in_one_zone_has_nowhere_to_go_with_a_copy(zones: list[str] | None) -> None:
    """R15."""
    one = document() | {"compute": {"zones": zones}}

    assert not wanted(one)
    assert disks_to_snapshot(one, run()) == ()


def test_disks_of_all_zones_need_no_copy() -> None:
    everywhere = OS.model_copy(update={"sku": "Premium_ZRS"})
    regional = DATA.model_copy(update={"zone": None})

    assert disks_to_snapshot(document(), run(os_disk=everywhere, data_disks=(regional,))) == ()


@pytest.mark.parametrize(
    ("latest", "at", "due"),
    [
        (None, 0.1, False),
        (None, 0.17, True),
        (SnapshotRound(at=hour(-1)), 0.17, False),
        (SnapshotRound(at=hour(-7)), 0.1, False),
        (SnapshotRound(at=hour(-7)), 0.17, True),
        (SnapshotRound(at=hour(1)), 6.9, False),
        (SnapshotRound(at=hour(1)), 7, True),
        (SnapshotRound(at=hour(1), is_troubled=True), 1.4, False),
        (SnapshotRound(at=hour(1), is_troubled=True), 1.5, True),
    ],
)
def test_a_round_is_due_after_six_hours_and_not_right_after_a_launch(
    latest: SnapshotRound | None, at: float, *, due: bool
) -> None:
    assert is_due(latest, NOON, EVERY, hour(at)) is due


def test_a_node_whose_launch_is_not_known_or_that_wants_none_is_never_due() -> None:
    assert not is_due(None, None, EVERY, hour(99))
    assert not is_due(None, NOON, timedelta(), hour(99))


def test_the_two_newest_that_are_complete_stay_and_all_that_is_newer() -> None:
    taken = [snap("a", 0), snap("b", 6), snap("c", 12), snap("d", 18, whole=False)]

    assert obsolete(taken, [OS]) == ("a",)
    assert obsolete([snap("e", 0, whole=False), *taken[1:]], [OS]) == ("e",)
    assert obsolete(taken[2:], [OS]) == ()
    assert obsolete([], [OS]) == ()


def test_each_disk_keeps_its_own_and_a_disk_that_left_keeps_none() -> None:
    taken = [snap("a", 0), snap("b", 6), snap("c", 0, DATA), snap("d", 6, DATA), snap("e", 9, DATA)]

    assert obsolete(taken, [OS, DATA]) == ("c",)
    assert obsolete(taken, [OS]) == ("c", "d", "e")
    assert obsolete(taken, []) == ("a", "b", "c", "d", "e")


def test_the_age_is_that_of_the_disk_that_was_copied_longest_ago() -> None:
    taken = (snap("a", 0), snap("b", 6), snap("c", 0, DATA), snap("d", 6, DATA, whole=False))
    latest = SnapshotRound(at=hour(6), disk_ids=(OS.id, DATA.id))

    assert snapshot_at(run(*taken, snapshot_round=latest)) == hour(0)
    assert newest(run(*taken), OS.id) == taken[1]
    assert snapshot_at(run(taken[0], snapshot_round=latest)) is None
    assert snapshot_at(run(*taken)) is None


def test_what_was_cleared_away_is_not_counted() -> None:
    gone = run(snap("a", 0), snapshots=("other",))

    assert present(gone) == ()
    assert newest(gone, OS.id) is None


def test_a_round_about_other_disks_is_none() -> None:
    before = SnapshotRound(at=NOON, disk_ids=("/an-earlier-one",))
    of_os = SnapshotRound(at=NOON, disk_ids=(OS.id,))

    assert round_of(run(snapshot_round=before)) is None
    assert round_of(run(snap("a", 0), snapshot_round=of_os)) == of_os


def test_a_round_whose_snapshots_are_gone_is_made_up_for_unless_it_was_in_trouble() -> None:
    of_os = SnapshotRound(at=NOON, disk_ids=(OS.id,))
    troubled = of_os.model_copy(update={"is_troubled": True})

    assert round_of(run(snap("a", 0), snapshots=(), snapshot_round=of_os)) is None
    assert round_of(run(snap("a", 0, DATA), snapshot_round=of_os)) is None
    assert round_of(run(snapshot_round=troubled)) == troubled


def test_copies_of_some_disks_leave_the_snapshots_of_the_others() -> None:
    both = run(snap("a", 0), snap("b", 0, DATA), snap("c", 6, DATA))

    assert of_other_disks(both, [OS.id]) == ("b", "c")
    assert of_other_disks(both, []) == ("a", "b", "c")


def test_after_a_round_the_node_has_what_there_is_and_keeps_its_other_copies() -> None:
    before = run(snap("a", 0), snapshots=("copied", "a"))
    taken = (snap("b", 6), snap("c", 6, DATA, whole=False))

    after = after_round(before, [OS, DATA], taken, SnapshotRound(at=hour(6)))

    assert after.snapshots == ("copied", "b", "c")
    assert present(after) == taken
    assert after.snapshot_round == SnapshotRound(at=hour(6), disk_ids=(OS.id, DATA.id))


def test_what_is_left_of_other_disks_stays_until_each_present_one_has_a_copy() -> None:
    old = DiskRef(id="/old", name="old", zone="2")
    before = snap("a", 0, old)

    assert obsolete([before, snap("b", 6, whole=False)], [OS]) == ()
    assert obsolete([before, snap("b", 6)], [OS, DATA]) == ()
    assert obsolete([before, snap("b", 6), snap("c", 6, DATA)], [OS, DATA]) == ("a",)


def test_a_disk_that_holds_more_than_its_copy_is_kept_for_a_month_and_told_of() -> None:
    lost = [Stranded(disk_id="/a/b/c/fleet/e/Microsoft.Compute/disks/web-os", copied_at=hour(-3))]

    (kept,) = kept_stranded(lost, NOON)
    (line,) = stranded_told(lost, NOON)

    assert (kept.id, kept.until) == (lost[0].disk_id, NOON + timedelta(days=30))
    assert line.severity == "WARN"
    assert "snapshot of 2026-11-23 09:00 UTC" in line.message
    assert "kept until 2026-12-23" in line.message
