"""Start a VM in place, resized first if asked."""

from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.errors import answering, arm_error
from activities.azure.polling import follow
from activities.azure.words import word
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import get_vm, power_of
from activities.vm_up import UP, refused, succeeded, up
from shared.contracts.base import NoCapacity, StillRunning
from shared.contracts.vm import StartVm, VmUp
from shared.failures import Kind
from shared.names import parts_of


@answering
async def start_vm(request: StartVm, *, ports: Ports) -> VmUp | NoCapacity | StillRunning:
    """Start the deallocated VM in place, resized first if the market is of another size.

    Idempotent: a VM that runs in the wanted size already is the answer.
    """
    work, vm_id = request.work, request.vm_resource_id
    azure = await ports.azure_of(work)
    vm = await get_vm(azure, vm_id)
    if vm is None or not is_ours(vm.tags, work):
        return NoCapacity(code="VmVanished", message=f"{vm_id} is not there to be started")
    if power_of(vm) not in UP:
        refusal = await _bring_up(azure, vm, request, ports)
        if refusal:
            return await refused(refusal, request.market, work, ports)
        vm = await get_vm(azure, vm_id)
    record = await ports.stores.nodes.get(work.key)
    answer = await up(azure, vm, record.run.nics if record else (), ports)
    if isinstance(answer, NoCapacity):
        # The VM stands as it stood: nothing was left behind that was not there before.
        stays = answer.model_copy(update={"left_behind": ""})
        return await refused(stays, request.market, work, ports)
    if isinstance(answer, VmUp):
        await succeeded(request.market, work, ports)
    return answer


async def _bring_up(azure: Azure, vm: Any, request: StartVm, ports: Ports) -> NoCapacity | None:
    """Resize if needed and start; None: done. Capacity can be refused by either, now or later."""
    size = word(vm.properties.hardware_profile.vm_size)
    try:
        if size.lower() != request.market.size.lower():
            await _resize(azure, request, ports)
        await _start(azure, request, ports)
    except HttpResponseError as error:
        problem = arm_error(error)
        if problem.rule.kind not in (Kind.CAPACITY, Kind.QUOTA):
            raise
        return NoCapacity(code=problem.code, message=problem.message, scope=problem.rule.scope)
    return None


async def _resize(azure: Azure, request: StartVm, ports: Ports) -> None:
    group, _, name = parts_of(request.vm_resource_id)
    profile = m.HardwareProfile(vm_size=request.market.size)
    update = m.VirtualMachineUpdate(properties=m.VirtualMachineProperties(hardware_profile=profile))
    async with journalled(ports, request.work, "resize_vm", request.vm_resource_id):
        await follow(
            lambda polling, token: azure.compute.virtual_machines.begin_update(
                group,
                name,
                update,
                polling=polling,
                continuation_token=token,
                headers=headers(request.work),
            ),
            ports.clock,
        )


async def _start(azure: Azure, request: StartVm, ports: Ports) -> None:
    group, _, name = parts_of(request.vm_resource_id)
    async with journalled(ports, request.work, "start_vm", request.vm_resource_id):
        await follow(
            lambda polling, token: azure.compute.virtual_machines.begin_start(
                group,
                name,
                polling=polling,
                continuation_token=token,
                headers=headers(request.work),
            ),
            ports.clock,
        )
