"""Delete what a node owns and no longer needs."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from enum import Enum, auto
from typing import Any, Final

from activities.azure.clients import Azure
from activities.azure.ensure import answers_of, found, must_look_again
from activities.azure.errors import answering
from activities.azure.polling import follow
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import SECOND_LOOK_S
from shared.contracts.base import Changed, Done, Refused, StillRunning, Work
from shared.contracts.disk import DeleteResources
from shared.names import parts_of

ORDER: Final = (
    "microsoft.network/networkinterfaces",
    "microsoft.network/publicipaddresses",
    "microsoft.compute/disks",
    "microsoft.compute/snapshots",
)
"""Users before what they use; a kind that is not here is not ours to delete."""


class End(Enum):
    """How it ended with one resource."""

    OVER = auto()
    RUNS = auto()
    """Its deletion is under way, or was not seen to end: look again."""
    MISSED = auto()
    """It was not there at this look."""
    USED = auto()
    """Somebody uses it."""
    FOREIGN = auto()
    """It does not carry the node's tag."""


@answering
async def delete_resources(
    request: DeleteResources, *, ports: Ports
) -> Done | Refused | Changed | StillRunning:
    """Delete them, kind by kind, all of a kind at once. What is not there is deleted.

    Only what carries the node's tag goes; an untagged resource (a pool address of the user's, a
    disk somebody re-tagged) stays and is no error. What is in use is refused by Azure; all the
    others go before that is told.
    """
    azure = await ports.azure_of(request.work)
    first = await _pass(azure, request.resource_ids, request, ports)
    missed = [one for one, end in first.items() if end is End.MISSED]
    if missed:
        await ports.clock.sleep(SECOND_LOOK_S)
        first |= await _pass(azure, missed, request, ports)
    ends = answers_of(first.values())
    return StillRunning(token="") if End.RUNS in ends else Done()


async def _pass(
    azure: Azure, ids: Iterable[str], request: DeleteResources, ports: Ports
) -> dict[str, End | BaseException]:
    """Delete what is there; return how it ended with each."""
    ends: dict[str, End | BaseException] = {}
    for kind in ORDER:
        of_kind = [one for one in ids if parts_of(one)[1] == kind]
        works = [_delete(azure, one, request, ports) for one in of_kind]
        ended = await asyncio.gather(*works, return_exceptions=True)
        ends |= dict(zip(of_kind, ended, strict=True))
        if End.RUNS in ended:
            break  # what is on its way out still uses what comes next
    return ends


def operations_of(azure: Azure, kind: str) -> Any:
    """Return the SDK's operations on a kind of resource; KeyError for one that is never ours."""
    return {
        ORDER[0]: azure.network.network_interfaces,
        ORDER[1]: azure.network.public_ip_addresses,
        ORDER[2]: azure.compute.disks,
        ORDER[3]: azure.compute.snapshots,
    }[kind]


async def _delete(azure: Azure, resource_id: str, request: DeleteResources, ports: Ports) -> End:
    group, kind, name = parts_of(resource_id)
    there = await found(operations_of(azure, kind).get(group, name))
    if there is None:
        return End.MISSED
    if not is_ours(there.tags, request.work):
        return End.OVER
    return await delete_one(azure, resource_id, request.work, ports)


async def delete_one(azure: Azure, resource_id: str, work: Work, ports: Ports) -> End:
    """Delete one resource that was just seen: OVER, or RUNS where the next look must tell."""
    group, kind, name = parts_of(resource_id)
    operations = operations_of(azure, kind)
    begin: Callable[[Any, str | None], Awaitable[Any]] = lambda polling, token: (  # noqa: E731
        operations.begin_delete(
            group,
            name,
            polling=polling,
            continuation_token=token,
            headers=headers(work),
        )
    )
    async with journalled(ports, work, f"delete_{name}", resource_id):
        return End.RUNS if await must_look_again(follow(begin, ports.clock)) else End.OVER
