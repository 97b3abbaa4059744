"""The VM's network interfaces change hands: to the node, and back if the launch fails.

A VM must have a NIC. So the one that is imported keeps a placeholder, made for it, while its own
NICs are another's: it stays startable in one step, with its disks and its vmId, to the very end.
NICs change on a deallocated VM only. Source: Azure docs, virtual-network-network-interface-vm.
"""

from typing import Any, Final

from azure.mgmt.compute import models as m
from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, ensure
from activities.azure.errors import Refusal, answering
from activities.ports import Ports, headers, is_ours, journalled, owner_tags
from activities.source_mark import Change, Write, look_again, marked, or_again, patch, retag
from activities.source_secure import BUSY
from activities.vm_read import get_vm, power_of, state_of
from shared.contracts.base import Changed, Done, Refused, StillRunning, Work
from shared.contracts.source import FreeNics, GiveBackNics, NicsFree
from shared.model.run import NicRef
from shared.names import TAG_NODE, parts_of, same_id
from shared.policy.imported import placeholder_id

DOWN: Final = "deallocated"


async def free_nics(request: FreeNics, *, ports: Ports) -> NicsFree | Refusal | StillRunning:
    """Put a placeholder in the place of the VM's NICs, read back that no VM has them, and tag them.

    Idempotent: the placeholder's name comes from the node; a VM that has it alone is not written.
    Changed: the VM runs. A refusal tells that the placeholder may have been made.
    """
    answer = await _freed(request, ports)
    if isinstance(answer, Refused | Changed):
        return answer.model_copy(update={"made": (placeholder_id(request.work),)})
    return answer


@answering
async def _freed(request: FreeNics, ports: Ports) -> NicsFree | Refusal | StillRunning:
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    if isinstance(vm, Refused):
        return vm
    if state_of(vm) in BUSY:
        return StillRunning(token=request.token)
    holder_id = placeholder_id(work)
    if not _has(vm, [holder_id]):
        ended = await _exchange(azure, vm, request, ports)
        if ended:
            return ended
        vm = await get_vm(azure, str(vm.id), ports.clock)
    seen = await all_of(_user_of(azure, nic.id) for nic in request.nics)
    if vm is None or not _has(vm, [holder_id]) or any(seen):
        text = f"{', '.join(one for one in seen if one) or 'the VM'} still has the NICs"
        return look_again(request.token, Refused(code="NicsNotFree", message=text))
    write = Write(work, ports, "tag")
    if any(await all_of(retag(azure, nic.id, _tagged(work), write) for nic in request.nics)):
        return StillRunning(token=request.token)
    return NicsFree(placeholder_id=holder_id)


async def _exchange(
    azure: Azure, vm: Any, request: FreeNics, ports: Ports
) -> Refused | Changed | StillRunning | None:
    """Give the VM the placeholder alone. None: it was written, and is to be read back."""
    work = request.work
    if power_of(vm) != DOWN:
        return Changed(code="StillRunning", message=f"{vm.id} runs")
    made = await _placeholder(azure, request, ports)
    if isinstance(made, Refused | StillRunning):
        return made
    holder_id = placeholder_id(work)
    holder = NicRef(id=holder_id, name=parts_of(holder_id)[2], is_primary=True)
    if await patch(azure, vm, _with_nics((holder,)), Write(work, ports, "free_nics")):
        return StillRunning(token=request.token)
    return None


@answering
async def give_back_nics(request: GiveBackNics, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Give the VM its own NICs again, in their order, and take the node's tag off them.

    Idempotent: a VM that has them is not written. Changed: the VM runs.
    """
    work, source = request.work, request.source
    azure = await ports.azure_of(work)
    vm = await marked(azure, source, work, ports)
    if isinstance(vm, Refused):
        return vm
    if state_of(vm) in BUSY:
        return StillRunning(token=request.token)
    own = [nic.id for nic in request.nics]
    if not _has(vm, own):
        if power_of(vm) != DOWN:
            return Changed(code="StillRunning", message=f"{vm.id} runs")
        if await patch(azure, vm, _with_nics(request.nics), Write(work, ports, "give_back_nics")):
            return StillRunning(token=request.token)
        vm = await get_vm(azure, str(vm.id), ports.clock)
        if vm is None or not _has(vm, own):
            text = f"{source.vm_resource_id} does not have its NICs"
            return look_again(request.token, Refused(code="NicsNotBack", message=text))
    write = Write(work, ports, "untag")
    again = await all_of(retag(azure, one, _untagged(work), write) for one in own)
    return StillRunning(token=request.token) if any(again) else Done()


def _has(vm: Any, nic_ids: list[str]) -> bool:
    profile = vm.properties.network_profile
    listed = [one.id or "" for one in (profile.network_interfaces if profile else None) or ()]
    return len(listed) == len(nic_ids) and all(map(same_id, listed, nic_ids))


def _with_nics(nics: tuple[NicRef, ...]) -> m.VirtualMachineUpdate:
    references = [
        m.NetworkInterfaceReference(
            id=nic.id,
            properties=m.NetworkInterfaceReferenceProperties(
                primary=nic.is_primary, delete_option="Detach"
            ),
        )
        for nic in nics
    ]
    profile = m.NetworkProfile(network_interfaces=references)
    return m.VirtualMachineUpdate(properties=m.VirtualMachineProperties(network_profile=profile))


async def _user_of(azure: Azure, nic_id: str) -> str:
    """Return the VM that has a NIC; empty: none."""
    group, _, name = parts_of(nic_id)
    nic: Any = await azure.network.network_interfaces.get(group, name)
    owner = nic.properties.virtual_machine
    return str(owner.id) if owner and owner.id else ""


async def _placeholder(azure: Azure, request: FreeNics, ports: Ports) -> Any:
    """Return the NIC that the VM keeps, made in the subnet of its primary one."""
    work = request.work
    primary = next((nic for nic in request.nics if nic.is_primary), request.nics[0])
    group, _, name = parts_of(primary.id)
    like: Any = await azure.network.network_interfaces.get(group, name)
    subnet = n.Subnet(id=like.properties.ip_configurations[0].properties.subnet.id)
    first = n.NetworkInterfaceIPConfigurationPropertiesFormat(
        primary=True, subnet=subnet, private_ip_allocation_method="Dynamic"
    )
    body = n.NetworkInterface(
        location=like.location,
        tags=owner_tags(work),
        properties=n.NetworkInterfacePropertiesFormat(
            ip_configurations=[n.NetworkInterfaceIPConfiguration(name="primary", properties=first)]
        ),
    )
    target = placeholder_id(work)
    name, operations = parts_of(target)[2], azure.network.network_interfaces
    async with journalled(ports, work, "make_placeholder", target):
        made = await or_again(
            ensure(
                lambda: operations.get(work.resource_group, name),
                lambda polling, token: operations.begin_create_or_update(
                    work.resource_group,
                    name,
                    body,
                    polling=polling,
                    continuation_token=token,
                    headers=headers(work),
                ),
                ports.clock,
            )
        )
    if isinstance(made, StillRunning) or is_ours(made.tags, work):
        return made
    return Refused(code="NotOurs", message=f"{target} exists and is not this node's")


def _tagged(work: Work) -> Change:
    """Mark a NIC as the node's."""
    return lambda tags: {**tags, TAG_NODE: work.key.node_id}


def _untagged(work: Work) -> Change:
    """Take the node's mark off a NIC."""
    mine = (TAG_NODE, work.key.node_id)
    return lambda tags: {key: value for key, value in tags.items() if (key, value) != mine}
