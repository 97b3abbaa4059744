"""What the run row becomes on the way of an import, and what is kept of the source."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from shared.contracts.base import Changed, NoCapacity, Refused, Work
from shared.contracts.disk import DisksCopied
from shared.contracts.node import Claimed
from shared.contracts.source import SourceSecured
from shared.model.run import (
    DiskRef,
    Lifecycle,
    LogEntry,
    NicRef,
    Retained,
    Row,
    RunState,
    Status,
    Vm,
)
from shared.names import parts_of, placeholder_name, resource_id, stem, vm_name
from shared.policy.footing import Footing, next_generation, persists
from shared.policy.landing import of_nic, without
from shared.policy.traces import in_the_way

IMPORTED: Final = "imported"
"""Why something is retained that an imported VM has left."""
STARTS_MAX: Final = 30
"""Tries to start a source again that Azure has no room for: half an hour of them. Longer would hold
its user up, who may find room elsewhere."""
START_AGAIN_S: Final = 60.0
"""Between two of them."""
SOURCE_GONE, SOURCE_REPLACED = "SourceGone", "SourceReplaced"
"""Codes of refusals: the source was deleted, or another VM has its name since."""
ROUSED: Final = "it may run, for Azure starts what it converts: stop it by hand"
DELETED: Final = "it was deleted meanwhile"
ROLLED_BACK: Final = "Failed to launch virtual machine in Azure."
"""What a status shows of an import that was taken back. Source: the published API's example."""


def disks_to_copy(node: Claimed, secured: SourceSecured) -> tuple[DiskRef, ...]:
    """Return the disks whose content the node keeps, OS disk first."""
    os_disk = secured.os_disk if persists(node, "OsDisk") else None
    data = secured.data_disks if persists(node, "DataDisks") else ()
    return tuple(disk for disk in (os_disk, *data) if disk)


def zone_for_copies(node: Claimed, secured: SourceSecured) -> str | None:
    """Return where the copies are made: where the node may well run, best where the VM was.

    Nowhere but in the zone of a public address that is kept, if it serves one zone alone.
    """
    compute = node.document.get("compute") or {}
    zones: list[str] = compute.get("zones") or []
    serves = [nic.public_ip_zone for nic in secured.nics if persists(node, "Network")]
    wanted = [*serves, compute.get("preferredZone"), secured.zone]
    best = [zone for zone in wanted if zone in zones]
    return next(iter([*best, *zones]), None)


def on_copies(run: RunState, copied: DisksCopied) -> RunState:
    """Return the run state of a node that has its disks, and no VM yet."""
    os_disks = [disk for disk in copied.disks if disk.lun is None]
    return run.model_copy(
        update={
            "os_disk": os_disks[0] if os_disks else None,
            "data_disks": tuple(disk for disk in copied.disks if disk.lun is not None),
            "snapshots": copied.snapshot_ids,
            "leftovers": without((*run.leftovers, *copied.made), ()),
        }
    )


def left_by(
    secured: SourceSecured, vm_resource_id: str, placeholder_id: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what the source leaves, users of others first, and of that what the node has taken.

    With a placeholder the NICs are the node's, with their addresses; else they go with the VM.
    """
    network = [one for nic in secured.nics for one in of_nic(nic)]
    disks = [disk.id for disk in (secured.os_disk, *secured.data_disks) if disk]
    taken = tuple(network) if placeholder_id else ()
    left = [vm_resource_id, *network, *disks, *([placeholder_id] if placeholder_id else [])]
    return tuple(left), taken


def kept(left: Iterable[str], taken: Iterable[str], until: datetime) -> tuple[Retained, ...]:
    """Return what the source leaves and the node has not taken, as it is kept until its time."""
    return tuple(Retained(id=one, until=until, why=IMPORTED) for one in without(left, taken))


def plan_of_retention(retained: Sequence[Retained]) -> str:
    """Tell what will be deleted, and when."""
    if not retained:
        return "the imported VM leaves nothing behind"
    names = ", ".join(parts_of(one.id)[2] for one in retained)
    return f"kept until {retained[0].until:%Y-%m-%d %H:%M} UTC, then deleted: {names}"


def placeholder_id(work: Work) -> str:
    """Return the ARM id of the NIC that a source keeps in place of its own."""
    kind = "Microsoft.Network/networkInterfaces"
    name = placeholder_name(stem(work.key))
    return resource_id(work.subscription_id, work.resource_group, kind, name)


def body_to_be(node: Claimed) -> Vm:
    """Return the VM that a search would have made, as far as it is known before."""
    work = node.work
    name = vm_name(node.document, work.key, next_generation(node.run))
    vm_id = resource_id(
        work.subscription_id, work.resource_group, "Microsoft.Compute/virtualMachines", name
    )
    return Vm(id=vm_id, name=name, size="", zone=None, lifecycle=Lifecycle.SPOT)


class Remains(Row):
    """What of an import that was taken back is still there."""

    told: str
    """What became of the source, in words for its user."""
    vm: Vm | None = None
    """A VM of the node's own that Azure would not delete."""
    leftovers: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    """What is the source's and may carry the node's tag still."""


def rolled_back(
    run: RunState, reason: str, remains: Remains, now: datetime
) -> tuple[RunState, LogEntry]:
    """Return the state and the log line of an import that was given up.

    The node has nothing any more but what could not be deleted.
    """
    changes: dict[str, Any] = {
        "status": Status.ERROR,
        "vm": remains.vm,
        "os_disk": None,
        "data_disks": (),
        "nics": (),
        "private_ip": None,
        "public_ip": None,
        "snapshots": (),
        "leftovers": remains.leftovers,
        "lent": remains.lent,
        "import_failed": True,
        "waiting": None,
        "progress": None,
        "error_reason": f"Import failed. {reason}",
        "rollback_reason": f"{ROLLED_BACK} {remains.told}",
        "updated_at": now,
    }
    line = LogEntry(at=now, message=f"import given up: {reason}; {remains.told}", severity="ERROR")
    return run.model_copy(update=changes), line


def is_lost(answer: NoCapacity | Refused | Changed) -> bool:
    """Tell whether an answer says that the source is not there any more."""
    return answer.code in (SOURCE_GONE, SOURCE_REPLACED)


def trouble_of(what: str, answer: NoCapacity | Refused | Changed) -> str:
    """Tell what an answer means for a source, if it is still there."""
    return f"{DELETED if is_lost(answer) else what} ({answer.code}: {answer.message})"


def story_of_source(*, started: bool, trouble: Sequence[str]) -> str:
    """Tell what became of the VM that was not imported after all."""
    if trouble:
        return f"The virtual machine is not all as it was: {'; '.join(trouble)}."
    return "The virtual machine runs again." if started else "The virtual machine is as it was."


def made_by(run: RunState, more: Iterable[str], taken: Iterable[NicRef]) -> tuple[str, ...]:
    """Return all that an import has made for a node, users of others first; never what it took."""
    own = [one for nic in run.nics for one in of_nic(nic)]
    disks = [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    kept_ids = [one for nic in taken for one in of_nic(nic)]
    return without((*run.leftovers, *more, *own, *disks, *run.snapshots), kept_ids)


def made_in_vain(node: Claimed, now_on: Footing) -> tuple[str, ...]:
    """Return what a search for a market has made, or may have, and nothing uses."""
    nics = [one for nic in now_on.nics for one in of_nic(nic)]
    copies = [disk.id for disk in now_on.copied]
    return (*now_on.made, *nics, *copies, *now_on.snapshots, *in_the_way(node, now_on))


def bodies_in_vain(run: RunState, now_on: Footing) -> tuple[Vm, ...]:
    """Return the VMs of the node's own that a search has left, each once."""
    found = {vm.id.lower(): vm for vm in (run.vm, now_on.body) if vm}
    return tuple(found.values())
