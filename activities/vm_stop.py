"""Deallocate a VM, and look at one."""

from typing import Final

from activities.azure.clients import Azure
from activities.azure.ensure import BROKEN, must_look_again
from activities.azure.errors import answering
from activities.azure.polling import follow
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import facts_of, power_of, state_of, surely
from shared.contracts.base import Changed, Refused, StillRunning
from shared.contracts.vm import DeallocateVm, Down, LookAtVm, VmFacts, VmSeen
from shared.names import parts_of

DOWN: Final = "deallocated"
GOING: Final = "deallocating"


@answering
async def deallocate_vm(
    request: DeallocateVm, *, ports: Ports
) -> Down | Refused | Changed | StillRunning:
    """Deallocate a VM; it is believed to be down when a read says so.

    Idempotent: a VM that is deallocated, or not there any more, is down. One that is going down,
    by our hand or by Azure's, is waited for, and asked again only where that has failed. A VM that
    is not the node's is refused. Whatever is answered, nothing of it is deleted.
    """
    work, vm_id = request.work, request.vm_resource_id
    azure = await ports.azure_of(work)
    vm = await surely(azure, vm_id, ports.clock)
    if vm is None:
        return Down(facts=VmFacts(exists=False))
    if not is_ours(vm.tags, work):
        return Refused(code="NotOurs", message=f"{vm_id} does not carry this node's tag")
    if power_of(vm) == DOWN:
        return Down(facts=facts_of(vm, ports.clock))
    goes_down = power_of(vm) == GOING and state_of(vm) not in BROKEN
    if goes_down or await _deallocate(azure, request, ports):
        return StillRunning(token="")
    vm = await surely(azure, vm_id, ports.clock)
    if vm is None or power_of(vm) == DOWN:
        return Down(facts=facts_of(vm, ports.clock))
    # A read that lags behind, or somebody who started it at once: the next look decides.
    return StillRunning(token="")


async def _deallocate(azure: Azure, request: DeallocateVm, ports: Ports) -> bool:
    """Deallocate; True: it still goes on, or there is nothing there: look again."""
    work = request.work
    group, _, name = parts_of(request.vm_resource_id)
    async with journalled(ports, work, "deallocate_vm", request.vm_resource_id):
        return await must_look_again(
            follow(
                lambda polling, token: azure.compute.virtual_machines.begin_deallocate(
                    group, name, polling=polling, continuation_token=token, headers=headers(work)
                ),
                ports.clock,
            )
        )


@answering
async def look_at_vm(request: LookAtVm, *, ports: Ports) -> VmSeen:
    """Read a VM; that it is not there is believed at the second look. Only reads."""
    azure = await ports.azure_of(request.work)
    vm = await surely(azure, request.vm_resource_id, ports.clock)
    return VmSeen(facts=facts_of(vm, ports.clock))
