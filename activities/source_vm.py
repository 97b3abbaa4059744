"""The VM that is imported: stopped, converted, started again, let go.

It is its user's. Nothing here deletes anything, and each step can be taken back but one: a disk
that was converted stays managed.
"""

from typing import Any, Final

from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import BROKEN, all_of
from activities.azure.errors import Refusal, answering, answering_room, arm_error
from activities.azure.polling import follow
from activities.ports import Ports, headers, journalled
from activities.source_mark import Change, Write, marked, patch, retag
from activities.source_secure import BUSY
from activities.vm_read import get_vm, power_of, read_back, state_of
from shared.contracts.base import Done, NoCapacity, Refused, StillRunning, Work
from shared.contracts.source import ConvertSource, ReleaseSource, StartSource, StopSource
from shared.failures import Kind
from shared.names import TAG_IMPORT, parts_of
from shared.policy.imported import is_lost

DOWN: Final = "deallocated"
GOING: Final = "deallocating"
STARTS: Final = "starting"
RUNS: Final = "running"


@answering
async def stop_source(request: StopSource, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Deallocate the VM; it is believed to be down when a read says so.

    Idempotent: one that is deallocated is left alone; one that is going down is waited for, and
    asked again only where that has failed.
    """
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    if isinstance(vm, Refused):
        return vm
    power = power_of(vm)
    if power == DOWN:
        return Done()
    if power != GOING or state_of(vm) in BROKEN:
        group, _, name = parts_of(source.vm_resource_id)
        async with journalled(ports, work, "stop_source", source.vm_resource_id):
            await follow(
                lambda polling, token: azure.compute.virtual_machines.begin_deallocate(
                    group, name, polling=polling, continuation_token=token, headers=headers(work)
                ),
                ports.clock,
            )
        vm = await get_vm(azure, source.vm_resource_id, ports.clock)
    return Done() if vm and power_of(vm) == DOWN else StillRunning(token="")


@answering
async def convert_source(request: ConvertSource, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Make the VM's unmanaged disks managed: Azure copies the blobs and leaves them where they are.

    Idempotent: a VM whose disks are all managed is left alone. Source: Azure docs,
    virtual-machines, convertToManagedDisks (the VM must be deallocated).
    """
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    if isinstance(vm, Refused):
        return vm
    if _is_managed(vm):
        return Done()
    if state_of(vm) in BUSY:
        return StillRunning(token="")
    group, _, name = parts_of(source.vm_resource_id)
    async with journalled(ports, work, "convert_source", source.vm_resource_id):
        await follow(
            lambda polling, token: azure.compute.virtual_machines.begin_convert_to_managed_disks(
                group, name, polling=polling, continuation_token=token, headers=headers(work)
            ),
            ports.clock,
        )
    vm = await get_vm(azure, source.vm_resource_id, ports.clock)
    return Done() if vm and _is_managed(vm) else StillRunning(token="")


def _is_managed(vm: Any) -> bool:
    storage = vm.properties.storage_profile
    disks = [storage.os_disk, *(storage.data_disks or ())]
    return all(one.managed_disk and one.managed_disk.id for one in disks)


@answering_room
async def start_source(
    request: StartSource, *, ports: Ports
) -> Done | NoCapacity | Refusal | StillRunning:
    """Start the VM again; it is believed to run when a read says so.

    Idempotent: one that runs is left alone; one that is starting is waited for, and started again
    where that came to nothing.
    """
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    if isinstance(vm, Refused):
        return vm
    if power_of(vm) == RUNS:
        return Done()
    if power_of(vm) == STARTS:
        return StillRunning(token="")
    refusal = await _start(azure, request, ports)
    vm = await read_back(azure, source.vm_resource_id, ports.clock)
    if vm and power_of(vm) == RUNS:
        return Done()
    return refusal or StillRunning(token="")


async def _start(azure: Azure, request: StartSource, ports: Ports) -> Refused | None:
    """Start it. Refused: its guest did not report in time, so that it may run all the same."""
    work, vm_id = request.work, request.source.vm_resource_id
    group, _, name = parts_of(vm_id)
    try:
        async with journalled(ports, work, "start_source", vm_id):
            await follow(
                lambda polling, token: azure.compute.virtual_machines.begin_start(
                    group, name, polling=polling, continuation_token=token, headers=headers(work)
                ),
                ports.clock,
            )
    except HttpResponseError as error:
        problem = arm_error(error)
        if problem.rule.kind is not Kind.GUEST:
            raise
        return Refused(code=problem.code, message=problem.message)
    return None


@answering
async def release_source(request: ReleaseSource, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Take the mark off; a VM that this node has not marked is done, one that is gone is refused.

    Disks go first: those that a conversion makes have the VM's tags.
    """
    work = request.work
    azure = await ports.azure_of(work)
    vm = await marked(azure, request.source, work, ports)
    if isinstance(vm, Refused):
        return vm if is_lost(vm) else Done()
    write = Write(work, ports, "unmark")
    if any(await all_of(retag(azure, one, _unmarked(work), write) for one in _disk_ids(vm))):
        return StillRunning(token="")
    tags = {key: value for key, value in vm.tags.items() if key != TAG_IMPORT}
    update = m.VirtualMachineUpdate(tags=tags)
    if await patch(azure, vm, update, Write(work, ports, "release_source")):
        return StillRunning(token="")
    return Done()


def _disk_ids(vm: Any) -> list[str]:
    storage = vm.properties.storage_profile
    disks = [storage.os_disk, *(storage.data_disks or ())]
    return [one.managed_disk.id for one in disks if one.managed_disk and one.managed_disk.id]


def _unmarked(work: Work) -> Change:
    mine = (TAG_IMPORT, work.key.node_id)
    return lambda tags: {key: value for key, value in tags.items() if (key, value) != mine}
