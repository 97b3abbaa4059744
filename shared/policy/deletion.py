"""What goes when a node is deleted, when, and what stays."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.model.market import Market
from shared.model.run import Lifecycle, LogEntry, Retained, Row, RunState, Status, Vm
from shared.names import parts_of
from shared.policy.retained import named_by, unused

DELETED: Final = "deleted"
"""Why something is retained that a delete of its node has chosen."""
OWN_TIME: Final = frozenset({"detached", "swapped", "imported"})
"""Why something is retained whose time its owner named; a delete of the node leaves it that."""
NIC: Final = "microsoft.network/networkinterfaces"
PUBLIC_IP: Final = "microsoft.network/publicipaddresses"
DISK: Final = "microsoft.compute/disks"
SNAPSHOT: Final = "microsoft.compute/snapshots"
LINE_MAX: Final = 2_000
"""Characters of a line that a person reads."""


class Deallocation(Row):
    """What the user chose: the VM, kinds of resources, and how many hours each kind stays."""

    terminate_vm: bool
    network: bool = False
    disks: bool = False
    snapshots: bool = False
    public_ips: bool = False
    network_ttl_h: int = 0
    disks_ttl_h: int = 0
    snapshots_ttl_h: int = 0
    public_ips_ttl_h: int = 0
    deregister: bool = False
    """Take the VM out of its load balancers first."""
    revert_to_od: bool = False
    """Move a VM that stays from Spot to on-demand."""
    lets_go: bool = False
    """Take our tags off what stays: False only in operations that an earlier release began."""

    def ttl_h(self, kind: str) -> int | None:
        """Return the hours that a kind of resource stays; None: it was not chosen.

        A public IP goes with its NIC, so the NIC goes no later than the address is to.
        """
        network = self.network_ttl_h if self.network else None
        public = self.public_ips_ttl_h if self.public_ips else None
        of_nic = [one for one in (network, public) if one is not None]
        return {
            NIC: min(of_nic, default=None),
            PUBLIC_IP: public,
            DISK: self.disks_ttl_h if self.disks else None,
            SNAPSHOT: self.snapshots_ttl_h if self.snapshots else None,
        }.get(kind)


class Fates(Row):
    """What becomes of all that a node has."""

    now: tuple[str, ...] = ()
    """ARM ids of what goes at once, users of others first."""
    later: tuple[Retained, ...] = ()
    """What goes once it has been kept as long as its owner said."""
    stays: tuple[str, ...] = ()
    """ARM ids of what stays in Azure and is the node's no longer."""


def fates(run: RunState, chosen: Deallocation, now: datetime) -> Fates:
    """Return what becomes of each thing that the node names.

    With the VM kept, its disks, interfaces and addresses stay with it. What a failed launch left
    behind goes at once: it was never the user's, unless a VM that could not go may have it. What
    the user gave up at a time of his own keeps that; what else is kept for a time is chosen anew,
    as a delete before this one had left it.
    """
    run = unused(run)
    of_vm = run.leftovers if run.import_failed and run.vm else ()
    soon, stays = [one for one in run.leftovers if one not in of_vm], [*run.lent]
    later = [one for one in run.retained if one.why in OWN_TIME]
    earlier = [one.id for one in run.retained if one.why not in OWN_TIME]
    for resource_id in dict.fromkeys((*_in_order((*named_by(run), *of_vm)), *earlier)):
        kind = parts_of(resource_id)[1]
        ttl_h = chosen.ttl_h(kind) if chosen.terminate_vm or kind == SNAPSHOT else None
        if ttl_h is None:
            stays.append(resource_id)
        elif ttl_h == 0:
            soon.append(resource_id)
        else:
            until = now + timedelta(hours=ttl_h)
            later.append(Retained(id=resource_id, until=until, why=DELETED))
    if chosen.terminate_vm:
        stays = [one for one in stays if run.vm is None or one != run.vm.id]
    return Fates(now=_each(soon), later=tuple(later), stays=_each(stays))


def _in_order(ids: Iterable[str]) -> tuple[str, ...]:
    """Return these, users of others first: NICs, addresses, disks, snapshots."""
    order = [NIC, PUBLIC_IP, DISK, SNAPSHOT]
    return tuple(sorted(ids, key=lambda one: _place(order, parts_of(one)[1])))


def _place(order: list[str], kind: str) -> int:
    return order.index(kind) if kind in order else -1


def _each(ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(ids))


def at_once(ids: Iterable[str], now: datetime) -> tuple[Retained, ...]:
    """Return what was to go at once and did not, as it is kept until it does."""
    return tuple(Retained(id=one, until=now, why=DELETED) for one in ids)


def given_up(
    run: RunState, retained: tuple[Retained, ...], trouble: str | None, now: datetime
) -> RunState:
    """Return the state of a node of which nothing is left but what is kept for a time."""
    changes: dict[str, Any] = {
        "status": Status.DEALLOCATING,
        "vm": None,
        "os_disk": None,
        "data_disks": (),
        "nics": (),
        "private_ip": None,
        "public_ip": None,
        "leftovers": (),
        "lent": (),
        "snapshots": (),
        "retained": retained,
        "waiting": None,
        "progress": None,
        "error_reason": trouble,
        "vm_health": "UNKNOWN",
        "updated_at": now,
    }
    return run.model_copy(update=changes)


def not_gone(reason: str, now: datetime) -> LogEntry:
    """Return the log line of resources that Azure would not delete with their node."""
    message = f"Deallocate action failed. {reason}; it is tried again"
    return LogEntry(at=now, message=message, severity="ERROR")


def trouble_in(log: Iterable[LogEntry]) -> str | None:
    """Return the first error that a log tells of."""
    return next((line.message for line in log if line.severity == "ERROR"), None)


def plan_told(retained: Iterable[Retained], now: datetime) -> LogEntry:
    """Return the log line that says what is kept, and until when."""
    each = [f"{parts_of(one.id)[2]} until {one.until:%Y-%m-%d %H:%M} UTC" for one in retained]
    return LogEntry(at=now, message=f"deleted; kept for a time: {', '.join(each)}"[:LINE_MAX])


def is_over(run: RunState) -> bool:
    """Tell whether nothing is left of a node that was on its way out."""
    return run.status is Status.DEALLOCATING and not run.retained and not named_by(run)


def delete_failed(
    run: RunState, reason: str, now: datetime, *, rolled_back: bool = False
) -> tuple[RunState, LogEntry]:
    """Return the state and the log line of a delete that Azure refused.

    ERROR, or ACTIVE where the VM runs again as it did before.
    """
    message = f"Deallocate action failed. {reason}"
    changes: dict[str, Any] = {"status": Status.ERROR, "error_reason": message}
    if rolled_back:
        changes = {"status": Status.ACTIVE, "error_reason": None, "rollback_reason": message}
    state = run.model_copy(update={**changes, "updated_at": now})
    return state, LogEntry(at=now, message=message, severity="ERROR")


def on_demand_markets(document: Mapping[str, Any], vm: Vm) -> tuple[Market, ...]:
    """Return where a Spot VM can go on as an on-demand one: in its zone, on its own disks.

    Its own size first, then those that the document names for on-demand.
    """
    sizes = (document.get("compute") or {}).get("vmSizes") or {}
    by_name = {one.casefold(): one for one in (*(sizes.get("odSizes") or ())[::-1], vm.size)}
    ordered = [by_name.pop(vm.size.casefold()), *reversed(by_name.values())]
    return tuple(Market(size=one, zone=vm.zone, lifecycle=Lifecycle.OD) for one in ordered)
