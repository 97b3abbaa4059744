"""What a node gives up with its VM, and what it keeps."""

from datetime import datetime
from typing import Any, Final

from shared.contracts.disk import CopyAnswer, DisksCopied
from shared.contracts.node import Claimed
from shared.contracts.signal import Signal
from shared.contracts.vm import VmFacts
from shared.model.market import Market, Move, Rung
from shared.model.run import DiskRef, Lifecycle, LogEntry, NicRef, RunState, Status
from shared.model.strategy import DRAINING_TIMEOUT_S, SIGNAL_TIMEOUT_S
from shared.policy.attach import copied_for
from shared.policy.footing import persists
from shared.policy.landing import of_nic, without
from shared.policy.rungs import RUNNING
from shared.policy.snapshots import of_other_disks
from shared.policy.wishes import wishes_of

SLICE_S: Final = 60.0
"""A signal is waited for in slices, and the VM looked at after each: one that Azure has taken says
nothing any more. As often as the fleet is looked at."""
SLICES_MAX: Final = 30
"""Slices of one wait; they are longer where the time granted is."""


def has_backends(document: dict[str, Any], nics: tuple[NicRef, ...] = ()) -> bool:
    """Tell whether the document names backend pools, or once did that these NICs are still in."""
    launch = document.get("compute", {}).get("launchSpecification") or {}
    named = bool((launch.get("loadBalancersConfig") or {}).get("loadBalancers"))
    return named or any(nic.pool_marks for nic in nics)


def draining_s(document: dict[str, Any]) -> float:
    """Return how long open connections are given once nothing new comes."""
    strategy = document.get("strategy") or {}
    return float(strategy.get("drainingTimeout") or DRAINING_TIMEOUT_S)


def granted_s(document: dict[str, Any], signal: Signal) -> float | None:
    """Return how long a signal is waited for; None: the document does not ask for it."""
    for one in (document.get("strategy") or {}).get("signals") or ():
        if one.get("type") == signal:
            return float(one.get("timeout") or SIGNAL_TIMEOUT_S)
    return None


def slice_s(granted: float) -> float:
    """Return how long one slice of a wait is."""
    return max(SLICE_S, granted / SLICES_MAX)


def is_up(facts: VmFacts) -> bool:
    """Tell whether a VM runs, so that it can be drained and can speak."""
    return facts.exists and facts.power in RUNNING


def disks_to_capture(node: Claimed) -> tuple[DiskRef, ...]:
    """Return the persisted disks that the next VM gets copies of: those whose mode is onLaunch."""
    wishes, run = wishes_of(node.document), node.run
    disks = [run.os_disk] if run.os_disk and wishes.persists_os and wishes.os_on_launch else []
    if wishes.persists_data and wishes.data_on_launch:
        disks += run.data_disks
    return tuple(disks)


def released(node: Claimed) -> RunState:
    """Return the run state once the VM is gone: what persists is kept, the rest is left over."""
    run = node.run
    os_disk = run.os_disk if persists(node, "OsDisk") else None
    data_disks = run.data_disks if persists(node, "DataDisks") else ()
    nics = run.nics if persists(node, "Network") else ()
    had = [*run.leftovers, *(one for nic in run.nics for one in of_nic(nic))]
    had += [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    kept = [disk.id for disk in (os_disk, *data_disks) if disk]
    kept += [one for nic in nics for one in of_nic(nic)]
    return run.model_copy(
        update={
            "vm": None,
            "os_disk": os_disk,
            "data_disks": data_disks,
            "nics": nics,
            "private_ip": None,
            "public_ip": None,
            "launched_digest": "",
            "leftovers": without(had, kept),
            "vm_health": "UNKNOWN",
            "waiting": None,
            "rests_since": None,
        }
    )


def captured(run: RunState, answer: CopyAnswer) -> RunState:
    """Return the run state with new snapshots; what they replace, or what failed, is left over."""
    if not isinstance(answer, DisksCopied):
        return run.model_copy(update={"leftovers": without((*run.leftovers, *answer.made), ())})
    kept = (*of_other_disks(run, (disk.id for disk in answer.disks)), *answer.snapshot_ids)
    spent = without((*run.leftovers, *run.snapshots, *answer.made), kept)
    return run.model_copy(update={"snapshots": kept, "leftovers": spent})


def paused(run: RunState, now: datetime) -> RunState:
    """Return the run state of a node that was put to rest without a VM."""
    return _ended(run, Status.PAUSED, now)


def stopped(run: RunState, now: datetime) -> RunState:
    """Return the run state of a node whose VM its owner had deallocated."""
    return _ended(run, Status.STOPPED, now).model_copy(update={"rests_since": now})


def _ended(run: RunState, status: Status, now: datetime) -> RunState:
    changes: dict[str, Any] = {
        "status": status,
        "waiting": None,
        "progress": None,
        "error_reason": None,
        "rollback_reason": None,
        "updated_at": now,
    }
    return run.model_copy(update=changes)


def action_failed(
    run: RunState, action: str, reason: str, now: datetime
) -> tuple[RunState, LogEntry]:
    """Return the state and the log line of an action that Azure refused."""
    message = f"{action} action failed. {reason}"
    changes = {"status": Status.ERROR, "error_reason": message, "updated_at": now}
    return run.model_copy(update=changes), LogEntry(at=now, message=message, severity="ERROR")


def in_place(facts: VmFacts) -> Move:
    """Return the move that starts a VM where it is, as it is."""
    lifecycle = Lifecycle.SPOT if facts.spot else Lifecycle.OD
    return Move(
        market=Market(size=facts.size, zone=facts.zone, lifecycle=lifecycle), rung=Rung.START
    )


def way_back(before: RunState, after: Claimed) -> Move | None:
    """Return the move to the market that the VM given up was in; None: there was none."""
    vm, run = before.vm, after.run
    if vm is None:
        return None
    copies = copied_for(wishes_of(after.document), run.os_disk, run.data_disks, vm.zone)
    rung = Rung.COPY if copies else Rung.REATTACH
    fast = any(nic.accelerated for nic in before.nics)
    was = Market(size=vm.size, zone=vm.zone, lifecycle=vm.lifecycle, accelerated=fast)
    return Move(market=was, rung=rung)
