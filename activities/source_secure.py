"""The first step of an import: the VM is marked, and no delete of it takes anything along."""

from typing import Any, Final

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import all_of
from activities.azure.errors import Refusal, answering
from activities.ports import Ports
from activities.source_mark import Write, look_again, mark_of, meant, patch
from activities.source_network import pools_of_nic
from activities.source_read import read_disk
from activities.vm_read import UP, get_vm, power_of, state_of, with_addresses
from shared.contracts.base import Refused, StillRunning, Work
from shared.contracts.source import SecureSource, SourceSecured
from shared.model.ids import node_key
from shared.model.run import DiskRef, NicRef
from shared.model.source import SourceDisk
from shared.names import TAG_IMPORT, parts_of

BUSY: Final = frozenset({"Creating", "Updating"})


@answering
async def secure_source(
    request: SecureSource, *, ports: Ports
) -> SourceSecured | Refusal | StillRunning:
    """Tag the VM as being imported by this node and set every deleteOption to Detach, in one write.

    Both are read back before they are believed. Idempotent: what is so is not written. Refused: the
    VM is marked by another import that is not known to be over.
    """
    work = request.work
    azure = await ports.azure_of(work)
    vm = await meant(azure, request.source, ports)
    if isinstance(vm, Refused):
        return vm
    if state_of(vm) in BUSY:
        return StillRunning(token=request.token)
    refusal = await _held_elsewhere(vm, work, ports)
    if refusal:
        return refusal
    if mark_of(vm) != work.key.node_id or not_detached(vm):
        if await patch(azure, vm, _secured(vm, work), Write(work, ports, "secure_source")):
            return StillRunning(token=request.token)
        vm = await get_vm(azure, str(vm.id), ports.clock)
        if vm is None or mark_of(vm) != work.key.node_id or not_detached(vm):
            what = not_detached(vm) if vm else ""
            text = f"{what or 'something'} would go with {request.source.vm_resource_id}"
            return look_again(request.token, Refused(code="WouldLoseDisks", message=text))
    return await _facts(azure, vm)


async def _held_elsewhere(vm: Any, work: Work, ports: Ports) -> Refused | None:
    """Refuse a VM with the mark of an import that has not failed, as far as we know of it."""
    mark = mark_of(vm)
    if mark in ("", work.key.node_id):
        return None
    other = node_key(work.key.account_id, mark)
    if await ports.stores.nodes.get(other):
        return None  # one of ours: the claim on the VM has passed from it to this node
    text = f"{vm.id} is marked as being imported by {mark}; if that is over, remove {TAG_IMPORT}"
    return Refused(code="ImportedElsewhere", message=text)


def _parts(vm: Any) -> list[Any]:
    """Return what goes or stays with the VM by a deleteOption of its own."""
    storage, network = vm.properties.storage_profile, vm.properties.network_profile
    disks = [storage.os_disk, *(storage.data_disks or ())]
    managed = [one for one in disks if one.managed_disk and one.managed_disk.id]
    return [*managed, *(network.network_interfaces or ())]


def not_detached(vm: Any) -> str:
    """Return what a delete of the VM would take with it; empty: nothing."""
    for part in _parts(vm):
        if (part.delete_option or "Detach") != "Detach":
            return str(getattr(part, "name", None) or part.id)
    return ""


def _secured(vm: Any, work: Work) -> m.VirtualMachineUpdate:
    tags = {**(vm.tags or {}), TAG_IMPORT: work.key.node_id}
    if not not_detached(vm):
        return m.VirtualMachineUpdate(tags=tags)
    for part in _parts(vm):
        part.delete_option = "Detach"
    properties = m.VirtualMachineProperties(
        storage_profile=vm.properties.storage_profile,
        network_profile=vm.properties.network_profile,
    )
    return m.VirtualMachineUpdate(tags=tags, properties=properties)


async def _facts(azure: Azure, vm: Any) -> SourceSecured:
    storage, network = vm.properties.storage_profile, vm.properties.network_profile
    entries = [storage.os_disk, *(storage.data_disks or ())]
    read = await all_of(read_disk(azure, entry) for entry in entries)
    disks = [_ref(disk) for disk in read if not disk.unmanaged]
    listed = [one for one in network.network_interfaces or () if one.id]
    pools = await all_of(pools_of_nic(azure, one.id) for one in listed)
    nics = tuple(
        NicRef(
            id=one.id,
            name=parts_of(one.id)[2],
            is_primary=len(listed) == 1 or bool(one.properties and one.properties.primary),
        )
        for one in listed
    )
    return SourceSecured(
        running=power_of(vm) in UP,
        unmanaged=any(disk.unmanaged for disk in read),
        zone=vm.zones[0] if vm.zones else None,
        os_disk=next((disk for disk in disks if disk.lun is None), None),
        data_disks=tuple(disk for disk in disks if disk.lun is not None),
        nics=await with_addresses(azure, nics),
        pools=tuple(one for of_nic in pools for one in of_nic),
    )


def _ref(disk: SourceDisk) -> DiskRef:
    kept = set(DiskRef.model_fields) & set(SourceDisk.model_fields)
    return DiskRef.model_validate(disk.model_dump(include=kept))
