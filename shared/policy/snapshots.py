"""Snapshots of disks in use: when, of which disks, and which may go again.

They are for the day on which a zone goes down with its disks in it: a node that may live in other
zones then goes on from the newest. While the zone is up nobody needs them, because a disk that is
down is copied as it is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.model.run import DiskRef, LogEntry, Retained, RunState
from shared.model.seen import DiskSnapshot, SnapshotRound, Stranded
from shared.names import parts_of
from shared.policy.attach import ZRS

KEEP: Final = 2
"""Complete snapshots of each disk that stay: the newest may hold what went wrong just before."""
FIRST_AFTER: Final = timedelta(minutes=10)
"""From a launch to its first round: what a guest does at its first boot is over by then."""
AFTER_TROUBLE: Final = timedelta(minutes=30)
"""From a round that was refused something, or not answered, to the next."""
REATTACH: Final = "reattach"
STRANDED: Final = "stranded"
"""Why a disk is retained whose zone went down with it."""
STRANDED_KEPT: Final = timedelta(days=30)
"""How long such a disk is kept: its zone comes back within days, and its owner needs time to fetch
what the node does not have. Ours."""


def wanted(document: Mapping[str, Any]) -> bool:
    """Tell whether a node's disks are copied while its VM runs: several zones, disks that move."""
    zones = (document.get("compute") or {}).get("zones") or ()
    return len(zones) > 1 and any(_moves(document, kind) for kind in ("osDisk", "dataDisks"))


def _moves(document: Mapping[str, Any], kind: str) -> bool:
    kept = document.get("persistence") or {}
    should = f"shouldPersist{kind[0].upper()}{kind[1:]}"
    mode = kept.get(f"{kind}PersistenceMode") or REATTACH
    return bool(kept.get(should)) and mode == REATTACH


def disks_to_snapshot(document: Mapping[str, Any], run: RunState) -> tuple[DiskRef, ...]:
    """Return the disks that are bound to a zone and must outlive it, OS disk first."""
    if not wanted(document):
        return ()
    os_disk = (run.os_disk,) if run.os_disk and _moves(document, "osDisk") else ()
    data = run.data_disks if _moves(document, "dataDisks") else ()
    return tuple(disk for disk in (*os_disk, *data) if _is_zonal(disk))


def _is_zonal(disk: DiskRef) -> bool:
    return disk.zone is not None and not (disk.sku or "").upper().endswith(ZRS)


def round_of(run: RunState) -> SnapshotRound | None:
    """Return the latest round, if its disks are the node's and their copies there still."""
    latest = run.snapshot_round
    if latest is None:
        return None
    had = {disk.id for disk in (run.os_disk, *run.data_disks) if disk}
    if not latest.is_troubled:
        had &= {one.disk_id for one in present(run)}
    return latest if had.issuperset(latest.disk_ids) else None


def present(run: RunState) -> tuple[DiskSnapshot, ...]:
    """Return the snapshots of disks in use that the node still has."""
    return tuple(one for one in run.disk_snapshots if one.id in run.snapshots)


def newest(run: RunState, disk_id: str) -> DiskSnapshot | None:
    """Return the newest complete snapshot of a disk."""
    made = [one for one in present(run) if one.is_complete and one.disk_id == disk_id]
    return max(made, key=lambda one: one.taken_at, default=None)


def snapshot_at(run: RunState) -> datetime | None:
    """Return from when on all would be lost if the zone went down now; None: no copy of all."""
    latest = round_of(run)
    copies = [newest(run, disk_id) for disk_id in latest.disk_ids] if latest else []
    if not copies or None in copies:
        return None
    return min(one.taken_at for one in copies if one)


def is_due(
    latest: SnapshotRound | None, launched_at: datetime | None, every: timedelta, now: datetime
) -> bool:
    """Tell whether a round is due; `every` of zero: never."""
    if launched_at is None or not every:
        return False
    if now < launched_at + FIRST_AFTER:
        return False
    pause = min(every, AFTER_TROUBLE) if latest and latest.is_troubled else every
    return latest is None or now >= latest.at + pause


def obsolete(taken: Iterable[DiskSnapshot], disks: Iterable[DiskRef]) -> tuple[str, ...]:
    """Return the ids of what nobody needs: older than the newest `KEEP` that are complete.

    And what is broken. And all of a disk that is not among `disks`, once each of these has a
    complete one: until then it may be the second copy of what one of them was made from.
    """
    taken, disks = tuple(taken), tuple(disks)
    whole_of = {one.disk_id for one in taken if one.is_complete}
    present_ids = {disk.id for disk in disks}
    covered = whole_of.issuperset(present_ids)
    kept = {one.id for one in taken if not covered and one.disk_id not in present_ids}
    for disk in disks:
        of_disk = [one for one in taken if one.disk_id == disk.id and not one.is_broken]
        whole = sorted(one.taken_at for one in of_disk if one.is_complete)
        since = whole[-KEEP] if len(whole) >= KEEP else None
        kept |= {one.id for one in of_disk if since is None or one.taken_at >= since}
    return tuple(one.id for one in taken if one.id not in kept)


def after_round(
    run: RunState, disks: Iterable[DiskRef], taken: tuple[DiskSnapshot, ...], latest: SnapshotRound
) -> RunState:
    """Return the run state after a round: what there may be now is the node's, all else is not."""
    before = {one.id for one in run.disk_snapshots}
    others = [one for one in run.snapshots if one not in before]
    about = latest.model_copy(update={"disk_ids": tuple(disk.id for disk in disks)})
    return run.model_copy(
        update={
            "snapshots": (*others, *(one.id for one in taken)),
            "disk_snapshots": taken,
            "snapshot_round": about,
        }
    )


def kept_stranded(stranded: Iterable[Stranded], now: datetime) -> tuple[Retained, ...]:
    """Return disks that hold more than their copies, as they are kept for their owner."""
    return tuple(
        Retained(id=one.disk_id, until=now + STRANDED_KEPT, why=STRANDED) for one in stranded
    )


def stranded_told(stranded: Iterable[Stranded], now: datetime) -> tuple[LogEntry, ...]:
    """Return what the node's user must read of them."""
    return tuple(
        LogEntry(
            at=now,
            message=(
                f"{parts_of(one.disk_id)[2]} is in a zone that does not answer: the VM goes on "
                f"from its snapshot of {one.copied_at:%Y-%m-%d %H:%M} UTC; the disk holds what was "
                f"written since, and is kept until {now + STRANDED_KEPT:%Y-%m-%d %H:%M} UTC"
            ),
            severity="WARN",
            resource_id=one.disk_id,
        )
        for one in stranded
    )


def of_other_disks(run: RunState, disk_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the snapshots in use of all disks but these."""
    copied = set(disk_ids)
    return tuple(one.id for one in present(run) if one.disk_id not in copied)
