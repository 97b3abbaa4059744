"""Take our tags off what stays in Azure and is the node's no longer.

What carries a node's tag is the node's: whoever rebuilds our records from Azure would take it back.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from azure.mgmt.compute import models as m
from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found, must_look_again
from activities.azure.errors import answering
from activities.azure.polling import follow
from activities.ports import Ports, headers, is_ours, journalled
from shared.contracts.base import Changed, Done, Refused, StillRunning, Work
from shared.contracts.disk import LetGo
from shared.names import TAG_GENERATION, TAG_NODE, TAG_OPERATION, TAG_POOLS, parts_of

OURS: Final = frozenset({TAG_NODE, TAG_GENERATION, TAG_OPERATION, TAG_POOLS})
VM: Final = "microsoft.compute/virtualmachines"

Tags = dict[str, str]
Update = Callable[[str, str, Tags], Awaitable[Any]]
"""Group, name, tags: replaces all tags of a resource."""


@answering
async def let_go(request: LetGo, *, ports: Ports) -> Done | Refused | Changed | StillRunning:
    """Leave each with its other tags, as it is. What is not there, or not the node's, is passed by.

    Idempotent. VMs leave our index even if Azure lets nobody change their tags.
    """
    azure = await ports.azure_of(request.work)
    for one in request.resource_ids:
        if parts_of(one)[1] == VM:
            await ports.stores.vms.remove(one)
    ended = await all_of(_untag(azure, one, request, ports) for one in request.resource_ids)
    return StillRunning(token="") if any(ended) else Done()


async def _untag(azure: Azure, resource_id: str, request: LetGo, ports: Ports) -> bool:
    """Take our tags off one resource; return whether it must be looked at again."""
    work = request.work
    group, kind, name = parts_of(resource_id)
    get, update = tag_calls(azure, work, ports)[kind]
    there = await found(get(group, name))
    if there is None or not is_ours(there.tags, work):
        return False
    if request.marked_by and there.tags.get(TAG_OPERATION) != request.marked_by:
        return False
    rest = {key: value for key, value in there.tags.items() if key not in OURS}
    async with journalled(ports, work, f"let_go_{name}", resource_id):
        return await must_look_again(update(group, name, rest))


def tag_calls(
    azure: Azure, work: Work, ports: Ports
) -> Mapping[str, tuple[Callable[[str, str], Awaitable[Any]], Update]]:
    """Return, by kind, how a resource is read and how its tags are replaced."""
    compute, network, marks = azure.compute, azure.network, headers(work)

    def followed(begin: Any, body: Callable[[Tags], Any]) -> Update:
        return lambda group, name, tags: follow(
            lambda polling, token: begin(
                group,
                name,
                body(tags),
                polling=polling,
                continuation_token=token,
                headers=marks,
            ),
            ports.clock,
        )

    def plain(update: Any) -> Update:
        return lambda group, name, tags: update(group, name, n.TagsObject(tags=tags), headers=marks)

    vms, disks, snapshots = compute.virtual_machines, compute.disks, compute.snapshots
    nics, addresses = network.network_interfaces, network.public_ip_addresses
    return {
        VM: (vms.get, followed(vms.begin_update, lambda tags: m.VirtualMachineUpdate(tags=tags))),
        "microsoft.compute/disks": (
            disks.get,
            followed(disks.begin_update, lambda tags: m.DiskUpdate(tags=tags)),
        ),
        "microsoft.compute/snapshots": (
            snapshots.get,
            followed(snapshots.begin_update, lambda tags: m.SnapshotUpdate(tags=tags)),
        ),
        "microsoft.network/networkinterfaces": (nics.get, plain(nics.update_tags)),
        "microsoft.network/publicipaddresses": (addresses.get, plain(addresses.update_tags)),
    }
