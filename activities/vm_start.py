"""Start a VM in place, resized first if asked."""

from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.errors import answering_room, arm_error
from activities.azure.polling import follow
from activities.azure.words import word
from activities.ports import Ports, first_intended, headers, is_ours, journalled
from activities.stops import stopped_since
from activities.vm_read import UP, get_vm, power_of, read_back
from activities.vm_up import Landing, NotUp, ended_badly, succeeded, told, up
from shared.contracts.base import Changed, Refused, StillRunning
from shared.contracts.vm import StartVm, VmUp
from shared.failures import Kind
from shared.names import parts_of


@answering_room
async def start_vm(request: StartVm, *, ports: Ports) -> VmUp | NotUp | StillRunning:
    """Start the deallocated VM in place, resized first if the market is of another size.

    Idempotent: a VM that runs already is the answer, and so is one that somebody has stopped since
    we started it: it is not started again. The VM and its disks stay, whatever is answered.
    Changed: it is not there any more. A VM that is not the node's is refused.
    """
    work, vm_id = request.work, request.vm_resource_id
    azure = await ports.azure_of(work)
    vm = await get_vm(azure, vm_id, ports.clock)
    if vm is None:
        return Changed(code="VmVanished", message=f"{vm_id} is not there to be started")
    if not is_ours(vm.tags, work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    since = await first_intended(ports, work, "start_vm")
    stopped = await stopped_since(since, vm_id, work, ports)
    if power_of(vm) not in UP and not stopped:
        refusal = await _bring_up(azure, vm, request, ports)
        if refusal:
            return await told(refusal, request.market, work, ports)
        vm = await read_back(azure, vm_id, ports.clock)
        stopped = await stopped_since(since, vm_id, work, ports)
    record = await ports.stores.nodes.get(work.key)
    nics = record.run.nics if record else ()
    answer = await up(azure, Landing(vm, nics, since, in_place=True, stopped=stopped))
    if isinstance(answer, VmUp):
        is_in = answer.vm.model_dump(include={"size", "zone", "lifecycle"})
        await succeeded(request.market.model_copy(update=is_in), work, ports)
        return answer
    if isinstance(answer, StillRunning):
        return answer
    return await told(answer, request.market, work, ports)


async def _bring_up(azure: Azure, vm: Any, request: StartVm, ports: Ports) -> NotUp | None:
    """Resize if needed and start. None: read back what came of it."""
    size = word(vm.properties.hardware_profile.vm_size)
    try:
        if size.lower() != request.market.size.lower():
            await _resize(azure, request, ports)
        await _start(azure, request, ports)
    except HttpResponseError as error:
        problem = arm_error(error)
        if problem.rule.kind is Kind.GONE:
            return Changed(code=problem.code, message=problem.message)
        # A guest that was slow to report may run by now: the read-back tells.
        return None if problem.rule.kind is Kind.GUEST else ended_badly(problem, "")
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
