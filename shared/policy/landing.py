"""What the run row becomes when an operation ends."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from shared.contracts.node import Claimed
from shared.contracts.vm import VmUp
from shared.model.market import Market, Rung
from shared.model.run import (
    DueItem,
    DueKind,
    LogEntry,
    NicRef,
    Notice,
    RunState,
    Status,
    Waiting,
)
from shared.model.seen import Stranded
from shared.policy.footing import Footing, after_failure, next_generation
from shared.policy.retained import unused
from shared.policy.snapshots import kept_stranded
from shared.policy.strays import keeping
from shared.policy.traces import in_the_way


def landed(node: Claimed, up: VmUp, rung: Rung, now_on: Footing, now: datetime) -> RunState:
    """Return the run state of a node whose VM is up."""
    in_place = rung in (Rung.START, Rung.RESIZE)
    primary = next((nic for nic in up.nics if nic.is_primary), None)
    off = _taken_off(node.run, up, rung)
    changes: dict[str, Any] = {
        "status": Status.ACTIVE,
        "generation": node.run.generation if in_place else next_generation(node.run),
        "vm": up.vm,
        "os_disk": up.os_disk,
        "data_disks": up.data_disks,
        "nics": up.nics,
        "private_ip": primary.private_ip if primary else None,
        "public_ip": primary.public_ip if primary else None,
        "launched_version": node.run.launched_version if in_place else up.version,
        "launched_digest": node.run.launched_digest if in_place else _digest(up),
        "image": up.image or node.run.image,
        "waiting": None,
        "progress": None,
        "error_reason": None,
        "rollback_reason": None,
        "rests_since": None,
        "leftovers": without(leftovers(node, up, now_on), off),
        "snapshots": now_on.snapshots,
        "retained": (*node.run.retained, *kept_stranded(stranded(up, now_on), now)),
        "vm_health": "UNKNOWN",
        "updated_at": now,
    }
    return unused(keeping(node.run.model_copy(update=changes), off, now))


def _taken_off(run: RunState, up: VmUp, rung: Rung) -> tuple[str, ...]:
    """Return what the node had that its VM, which is the one it was, has not any more.

    Somebody took it off in Azure, to use it elsewhere or to keep it: it is nobody's to delete.
    """
    if rung not in (Rung.START, Rung.RESIZE):
        return ()
    had = [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    had += [one for nic in run.nics for one in of_nic(nic)]
    return without(had, _of_vm(up))


def stranded(up: VmUp, now_on: Footing) -> tuple[Stranded, ...]:
    """Return the disks that the VM would have, had their zone not gone down with them."""
    used = {disk.id for disk in (up.os_disk, *up.data_disks)}
    return tuple(one for one in now_on.stranded if one.disk_id not in used)


def turned_away(node: Claimed, up: VmUp, rung: Rung, now_on: Footing, now: datetime) -> Claimed:
    """Return the node with a VM that was not ready in its time: its own, and never to be started.

    Its disks hold what it wrote, so the next VM must have them.
    """
    run = landed(node, up, rung, now_on, now)
    changes = {"status": node.run.status, "launched_digest": ""}
    return node.model_copy(update={"run": run.model_copy(update=changes)})


def market_of(up: VmUp) -> Market:
    """Return the market that a VM is in."""
    return Market(size=up.vm.size, zone=up.vm.zone, lifecycle=up.vm.lifecycle)


def on_unready(up: VmUp, now_on: Footing, market: Market) -> Footing:
    """Return the footing of a launch that must replace a VM that was not ready in its time."""
    tried = after_failure(now_on, market)
    return Footing(
        vm_id=up.vm.id,
        os_disk=up.os_disk,
        data_disks=up.data_disks,
        nics=up.nics,
        snapshots=now_on.snapshots,
        **tried.model_dump(
            include={"tries", "rounds", "changes", "vm_failures", "refused", "scopes"}
        ),
    )


def _digest(up: VmUp) -> str:
    """Return what the VM was built from, so that it may be started in place.

    Nothing for one that was taken before its extensions were all there.
    """
    return "" if up.taken else up.digest


def leftovers(node: Claimed, up: VmUp, now_on: Footing) -> tuple[str, ...]:
    """Return what the node had and does not use any more: NICs, addresses, disks, snapshots.

    A disk of which a copy was taken goes only here, after the VM runs on the copy and its
    snapshot stays: two good copies remain.
    """
    run = node.run
    kept = _of_vm(up)
    kept |= {*now_on.snapshots, *(one.disk_id for one in now_on.stranded)}
    had: list[str] = [*run.leftovers]
    for nic in (*run.nics, *now_on.nics):
        had += of_nic(nic)
    had += [disk.id for disk in (run.os_disk, *run.data_disks, *now_on.copied) if disk]
    had += [*run.snapshots, *now_on.made]
    return without(had, kept)


def _of_vm(up: VmUp) -> set[str]:
    nics = (one for nic in up.nics for one in of_nic(nic))
    return {disk.id for disk in (up.os_disk, *up.data_disks)} | {*nics}


def without(ids: Iterable[str], kept: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that name nothing of what is kept, each once."""
    keeps = {one.strip("/").lower() for one in kept}
    return tuple(dict.fromkeys(one for one in ids if one and one.strip("/").lower() not in keeps))


def of_nic(nic: NicRef) -> list[str]:
    """Return the ARM ids of a NIC and of its public IP."""
    return [nic.id, *([nic.public_ip_id] if nic.public_ip_id else [])]


def cleared(run: RunState, gone: tuple[str, ...]) -> RunState:
    """Return the run state once `gone` are cleared away."""
    return run.model_copy(update={"leftovers": without(run.leftovers, gone)})


def spent(run: RunState, now_on: Footing) -> tuple[str, ...]:
    """Return the leftovers of a waiting node that its next try has no use for.

    Copies of disks that nobody has written to since are of use: they are not made twice.
    """
    return without(run.leftovers, (disk.id for disk in now_on.copied))


def held_up(node: Claimed, now_on: Footing, waiting: Waiting, now: datetime) -> RunState:
    """Return the run state of a node that found no market: it waits, with all it has."""
    nics = now_on.nics or node.run.nics
    return node.run.model_copy(
        update={
            "status": Status.PENDING if node.run.generation == 0 else Status.RESUMING,
            "vm": now_on.body or (node.run.vm if now_on.vm_id else None),
            "nics": nics,
            "snapshots": now_on.snapshots,
            "waiting": waiting,
            "progress": None,
            "leftovers": _extra(node, now_on, nics),
            "updated_at": now,
        }
    )


def _extra(node: Claimed, now_on: Footing, nics: tuple[NicRef, ...]) -> tuple[str, ...]:
    """Return what a launch that did not succeed has made; the node's own things are never extra."""
    run = node.run
    extra = [*run.leftovers, *(disk.id for disk in now_on.copied), *now_on.made, *run.snapshots]
    extra += [one for nic in run.nics for one in of_nic(nic)]
    extra += in_the_way(node, now_on)
    own = [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    own += [one for nic in nics for one in of_nic(nic)]
    return without(extra, [*own, *now_on.snapshots])


def stopped_by_refusal(node: Claimed, now_on: Footing, reason: str, now: datetime) -> RunState:
    """Return the run state of a node that Azure refuses for a reason a person must mend."""
    waiting = Waiting(reason=reason, until=now)
    run = held_up(node, now_on, waiting, now)
    return run.model_copy(update={"status": Status.ERROR, "error_reason": reason, "waiting": None})


def ask_again(node: Claimed, until: datetime) -> DueItem:
    """Return the due item that tries a waiting node again."""
    key = node.work.key
    return DueItem(
        account_id=key.account_id, node_id=key.node_id, kind=DueKind.CAPACITY_RETRY, due_at=until
    )


def retry_attempts(run: RunState) -> int:
    """Return how often this node has found no market in a row."""
    return (run.waiting.attempt if run.waiting else 0) + 1


def entry(now: datetime, message: str, severity: str = "INFO") -> LogEntry:
    """Return a line for the node's log."""
    return LogEntry(at=now, message=message, severity=severity)


def story_of(up: VmUp, rung: Rung) -> str:
    """Tell in one line how the node came up."""
    how = {
        Rung.START: "started in place",
        Rung.RESIZE: "resized and started in place",
        Rung.REATTACH: "created anew on the kept disks",
        Rung.COPY: "created anew on copied disks",
        Rung.LAUNCH: "created",
    }[rung]
    where = f"zone {up.vm.zone}" if up.vm.zone else "the region, no zone"
    source = f", from {up.image}" if up.image and rung not in (Rung.START, Rung.RESIZE) else ""
    return f"{up.vm.name} {how}: {up.vm.lifecycle} {up.vm.size} in {where}{source}"


def false_alarm(node: Claimed, now: datetime) -> RunState:
    """Return the run state of a node whose VM runs after all."""
    return node.run.model_copy(
        update={"status": Status.ACTIVE, "progress": None, "waiting": None, "updated_at": now}
    )


def read_up_to(heard: list[Notice], run: RunState) -> str:
    """Return the key up to which notices are about earlier VMs and need no second look."""
    read = run.notices_read
    for notice in heard:
        if run.vm and run.vm.launched_at and notice.occurred_at > run.vm.launched_at:
            break
        read = notice.key
    return read
