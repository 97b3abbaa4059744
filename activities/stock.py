"""Look what an operation that broke off has left in Azure."""

from datetime import datetime
from typing import Any

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found
from activities.azure.errors import answering
from activities.azure.words import word
from activities.deletion import ORDER, operations_of
from activities.os_disk_swap import swapped_in
from activities.ports import Ports, is_ours
from activities.vm_read import (
    SECOND_LOOK_S,
    body_of,
    disks_of,
    power_of,
    state_of,
    surely,
    with_addresses,
)
from shared.contracts.base import Changed, Refused, StillRunning
from shared.contracts.stock import Stock, TakeStock
from shared.contracts.vm import VmUp
from shared.model.run import DiskRef, NicRef, OperationKind, Vm
from shared.names import TAG_OPERATION, parts_of, same_id

VM = "microsoft.compute/virtualmachines"
NICS, ADDRESSES, DISKS, SNAPSHOTS = ORDER
GOING = frozenset({"Creating", "Updating", "Deleting"})


@answering
async def take_stock(
    request: TakeStock, *, ports: Ports
) -> Stock | Refused | Changed | StillRunning:
    """Say which of the resources are there, and what each is to the node. Only reads.

    What does not carry the node's tag is passed by; that something is not there is believed at the
    second look. StillRunning: a VM is being made or deleted.
    """
    azure = await ports.azure_of(request.work)
    vm = await _vm(azure, request, ports)
    if vm is not None and state_of(vm) in GOING:
        return StillRunning(token="")
    rest = [one for one in request.resource_ids if parts_of(one)[1] in ORDER]
    read = await all_of(_there(azure, one, request, ports) for one in rest)
    there = [one for one in read if one is not None]
    lent = [one for one in there if _is_lent(one) and not one.managed_by]
    ours = [one for one in there if one not in lent]
    stock = Stock(
        at=ports.clock.now(),
        lent=tuple(one.id for one in lent),
        leftovers=tuple(one.id for kind in (NICS, ADDRESSES) for one in _of(kind, ours)),
    )
    return await _sorted(azure, vm, ours, (request, stock))


async def _vm(azure: Azure, request: TakeStock, ports: Ports) -> Any:
    """Return the VM that the operation made, or else the one that it may have changed."""
    known, vm = request.vm, None
    if known and known.vm_id:
        body = await surely(azure, known.id, ports.clock)
        if body and body.properties and body.properties.vm_id == known.vm_id:
            vm = body
    for one in (one for one in request.resource_ids if parts_of(one)[1] == VM):
        body = await surely(azure, one, ports.clock)
        if body is not None and is_ours(body.tags, request.work):
            vm = body
    return vm


async def _there(azure: Azure, resource_id: str, request: TakeStock, ports: Ports) -> Any:
    """Return a resource of the node's; None: it is not there, at two looks, or not the node's."""
    group, kind, name = parts_of(resource_id)
    there = await found(operations_of(azure, kind).get(group, name))
    if there is None:
        await ports.clock.sleep(SECOND_LOOK_S)
        there = await found(operations_of(azure, kind).get(group, name))
    return there if there is not None and is_ours(there.tags, request.work) else None


def _of(kind: str, resources: list[Any]) -> list[Any]:
    return [one for one in resources if parts_of(one.id)[1] == kind]


async def _sorted(azure: Azure, vm: Any, ours: list[Any], about: tuple[TakeStock, Stock]) -> Stock:
    """Say what the VM is, and which disks are its own."""
    request, stock = about
    disks, copies = _of(DISKS, ours), tuple(one.id for one in _of(SNAPSHOTS, ours))
    known = request.vm is not None and vm is not None and request.vm.vm_id == vm.properties.vm_id
    if vm is None or known:
        mine = [one for one in disks if vm is not None and same_id(one.managed_by or "", vm.id)]
        strays = tuple(one.id for one in disks if one not in mine)
        found = {
            "attached": tuple(one for one in (_ref(disk, vm) for disk in mine) if one),
            "os_disk": next((swapped_in(one) for one in mine if _is_lent(one)), None),
            "strays": (*strays, *copies),
        }
        return stock.model_copy(update=found)
    has = _disk_ids(vm)
    free = tuple(one.id for one in disks if not any(same_id(one.id, other) for other in has))
    if state_of(vm) != "Succeeded":
        body = body_of(vm, stock.at).model_copy(update={"vm_id": None})
        return stock.model_copy(update={"body": body, "strays": (*has, *free, *copies)})
    up = await _up(azure, vm, stock.at)
    return stock.model_copy(update={"up": up, "strays": (*free, *copies)})


def _is_lent(one: Any) -> bool:
    """Tell whether a disk was put into the node's hands to be swapped in."""
    operation = (one.tags or {}).get(TAG_OPERATION, "")
    return parts_of(one.id)[1] == DISKS and f"-{OperationKind.SWAP_OS_DISK}-" in operation


def _disk_ids(vm: Any) -> tuple[str, ...]:
    storage = vm.properties.storage_profile
    disks = (storage.os_disk, *(storage.data_disks or ()))
    return tuple(str(one.managed_disk.id) for one in disks if one.managed_disk)


def _ref(disk: Any, vm: Any) -> DiskRef | None:
    """Return a data disk as the VM has it; None: it has it not."""
    for one in vm.properties.storage_profile.data_disks or ():
        if one.managed_disk and same_id(str(one.managed_disk.id), disk.id):
            return DiskRef(
                id=disk.id,
                name=disk.name,
                lun=one.lun,
                sku=word(disk.sku.name) if disk.sku else None,
                size_gib=disk.properties.disk_size_gb,
                zone=disk.zones[0] if disk.zones and len(disk.zones) == 1 else None,
                caching=word(one.caching) or None,
            )
    return None


async def _up(azure: Azure, vm: Any, now: datetime) -> VmUp:
    entries = vm.properties.network_profile.network_interfaces or ()
    nics = tuple(
        NicRef(
            id=one.id,
            name=parts_of(one.id)[2],
            is_primary=len(entries) == 1 or bool(one.properties and one.properties.primary),
        )
        for one in entries
    )
    body: Vm = body_of(vm, now)
    os_disk, data_disks = disks_of(vm)
    return VmUp(
        vm=body,
        os_disk=os_disk,
        data_disks=data_disks,
        nics=await with_addresses(azure, nics),
        taken=power_of(vm) != "running",
    )
