"""What a launch has left in Azure, or may have: found again by name, cleared away in the end."""

from shared.contracts.base import Changed
from shared.contracts.disk import DisksCopied
from shared.contracts.node import Claimed
from shared.contracts.vm import LaunchAnswer, VmUp
from shared.model.market import Market
from shared.model.run import NicRef, Vm
from shared.names import data_disk_name, os_disk_name, parts_of, resource_id, stem, vm_name
from shared.policy.data_disks import empty_luns
from shared.policy.footing import Footing, next_generation, persists


def vm_to_look_at(node: Claimed, now_on: Footing) -> str:
    """Return the ARM id of the VM that a new decision must read: ours, or what has our next name.

    Empty before the first move: what the operation began with was read just now.
    """
    if not now_on.rounds and not now_on.changes:
        return ""
    if now_on.vm_id:
        return now_on.vm_id
    name = vm_name(node.document, node.work.key, next_generation(node.run))
    return _compute_id(node, "virtualMachines", name)


def in_the_way(node: Claimed, now_on: Footing) -> tuple[str, ...]:
    """Return the ARM ids of what a failed create may have left under the next VM's disk names."""
    fresh = fresh_disks(node, now_on.image_luns)
    left_before = any(one in node.run.leftovers for one in fresh)
    return fresh if now_on.creates or left_before else ()


def after_create(now_on: Footing, answer: LaunchAnswer) -> Footing:
    """Return the footing after a create: whether Azure accepted it, so that it may have made disks.

    A create refused at once made none, and of a VM that was never seen it is not known whether it
    ran: a disk that has the next VM's disk name then is not known to be empty, and is never deleted
    for being in the way.
    """
    accepted = isinstance(answer, VmUp) or (
        not isinstance(answer, Changed) and bool(answer.left_behind)
    )
    return now_on.model_copy(update={"creates": now_on.creates or accepted})


def fresh_disks(node: Claimed, image_luns: tuple[int, ...] = ()) -> tuple[str, ...]:
    """Return the ARM ids of the disks that a create of the next VM would make, as it names them.

    One that is there already was left by a failed create, and holds nothing: it is in the way.
    """
    root, generation = stem(node.work.key), next_generation(node.run)
    launch = node.document.get("compute", {}).get("launchSpecification") or {}
    kept = {disk.lun for disk in node.run.data_disks} if persists(node, "DataDisks") else set()
    kept |= set(empty_luns(node))
    luns = [
        disk.get("lun") for disk in launch.get("dataDisks") or () if disk.get("lun") not in kept
    ]
    luns += [lun for lun in image_luns if lun not in kept and lun not in luns]
    names = [data_disk_name(root, lun, generation) for lun in luns if lun is not None]
    if node.run.os_disk is None or not persists(node, "OsDisk"):
        names.insert(0, os_disk_name(root, generation))
    return tuple(_compute_id(node, "disks", name) for name in names)


def with_made(now_on: Footing, made: tuple[str, ...]) -> Footing:
    """Return the footing with what a step may have made, for whoever clears away."""
    return now_on.model_copy(update={"made": tuple(dict.fromkeys((*now_on.made, *made)))})


def with_strays(now_on: Footing, strays: tuple[str, ...]) -> Footing:
    """Return the footing with disks that are in the way of the next VM."""
    return now_on.model_copy(update={"strays": tuple(dict.fromkeys((*now_on.strays, *strays)))})


def with_nics(now_on: Footing, nics: tuple[NicRef, ...]) -> Footing:
    """Return the footing with NICs at hand."""
    made = [nic.id for nic in nics] + [nic.public_ip_id for nic in nics if nic.public_ip_id]
    return with_made(now_on.model_copy(update={"nics": nics}), tuple(made))


def with_copies(now_on: Footing, made: DisksCopied) -> Footing:
    """Return the footing with copies at hand."""
    known = {disk.id.lower(): disk for disk in (*now_on.copied, *made.disks)}
    replaced = [one for one in now_on.snapshots if one not in made.snapshot_ids]
    return with_made(now_on, (*replaced, *made.made)).model_copy(
        update={
            "copied": tuple(known.values()),
            "snapshots": made.snapshot_ids,
            "stranded": made.stranded,
        }
    )


def stuck_with(now_on: Footing, vm_id: str, market: Market) -> Footing:
    """Return the footing with a failed VM that cannot be given up: a delete must find it."""
    body = Vm(
        id=vm_id,
        name=parts_of(vm_id)[2],
        size=market.size,
        zone=market.zone,
        lifecycle=market.lifecycle,
    )
    return now_on.model_copy(update={"body": body})


def _compute_id(node: Claimed, kind: str, name: str) -> str:
    work = node.work
    kind = f"Microsoft.Compute/{kind}"
    return resource_id(work.subscription_id, work.resource_group, kind, name)
