"""Delete what a node owns and no longer needs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.azure.errors import answering
from activities.azure.polling import follow
from activities.ports import Ports, headers, is_ours, journalled
from shared.contracts.base import Done, Refused, StillRunning
from shared.contracts.disk import DeleteResources
from shared.names import parts_of

ORDER: Final = (
    "microsoft.network/networkinterfaces",
    "microsoft.network/publicipaddresses",
    "microsoft.compute/disks",
    "microsoft.compute/snapshots",
)
"""Users before what they use; a kind that is not here is not ours to delete."""


@answering
async def delete_resources(
    request: DeleteResources, *, ports: Ports
) -> Done | Refused | StillRunning:
    """Delete them, kind by kind, all of a kind at once. What is not there is deleted.

    Only what carries the node's tag goes; an untagged resource (a pool address of the user's, a
    disk somebody re-tagged) stays and is no error. What is in use is refused by Azure.
    """
    azure = await ports.azure_of(request.work)
    for kind in ORDER:
        ids = [one for one in request.resource_ids if parts_of(one)[1] == kind]
        answers = await asyncio.gather(*(_delete(azure, one, request, ports) for one in ids))
        for answer in answers:
            if not isinstance(answer, Done):
                return answer
    return Done()


def _operations(azure: Azure, kind: str) -> Any:
    return {
        ORDER[0]: azure.network.network_interfaces,
        ORDER[1]: azure.network.public_ip_addresses,
        ORDER[2]: azure.compute.disks,
        ORDER[3]: azure.compute.snapshots,
    }[kind]


async def _delete(
    azure: Azure, resource_id: str, request: DeleteResources, ports: Ports
) -> Done | StillRunning:
    group, kind, name = parts_of(resource_id)
    operations = _operations(azure, kind)
    there = await found(operations.get(group, name))
    if there is None or not is_ours(there.tags, request.work):
        return Done()
    begin: Callable[[Any, str | None], Awaitable[Any]] = lambda polling, token: (  # noqa: E731
        operations.begin_delete(
            group,
            name,
            polling=polling,
            continuation_token=token,
            headers=headers(request.work),
        )
    )
    async with journalled(ports, request.work, f"delete_{name}", resource_id):
        ended = await follow(begin, ports.clock)
    return StillRunning(token="") if isinstance(ended, StillRunning) else Done()
