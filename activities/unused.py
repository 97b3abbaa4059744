"""Delete what was kept as long as its owner said, unless somebody uses it by now."""

import asyncio
from collections.abc import Iterable
from typing import Any, Final

from activities.azure.clients import Azure
from activities.azure.ensure import answers_of, found
from activities.azure.errors import Refusal, answering
from activities.deletion import ORDER, End, delete_one, operations_of
from activities.ports import Ports, is_ours
from activities.vm_read import SECOND_LOOK_S
from shared.contracts.base import Changed, Refused, StillRunning, Throttled
from shared.contracts.disk import DeleteUnused, Swept
from shared.names import parts_of

FREE_STATES: Final = frozenset({"", "Unattached"})


@answering
async def delete_unused(
    request: DeleteUnused, *, ports: Ports
) -> Swept | Refusal | StillRunning | Throttled:
    """Delete each that carries the node's tag and that nobody uses; tell what became of each.

    That something is gone, another's, or used by somebody, is believed at the second look: reads
    may lag behind writes. A refusal of one keeps none of the others. Idempotent: what is not there
    is gone.
    """
    azure = await ports.azure_of(request.work)
    ends = await _pass(azure, request.resource_ids, request, ports)
    unsure = [one for one, end in ends.items() if end in (End.MISSED, End.USED, End.FOREIGN)]
    if unsure:
        await ports.clock.sleep(SECOND_LOOK_S)
        ends |= await _pass(azure, unsure, request, ports)
    for end in answers_of(ends.values()):
        if isinstance(end, Throttled):
            return end
    if End.RUNS in ends.values():
        return StillRunning(token="")
    return _told(ends)


def _told(ends: dict[str, Any]) -> Swept:
    refusals = {one: end for one, end in ends.items() if isinstance(end, Refused | Changed)}
    first = next(iter(refusals.values()), None)
    return Swept(
        kind="swept_in_part" if refusals else "swept",
        gone=tuple(one for one, end in ends.items() if end in (End.OVER, End.MISSED)),
        left=tuple(one for one, end in ends.items() if end in (End.USED, End.FOREIGN)),
        refused=tuple(refusals),
        reason=f"{first.code}: {first.message}" if first else "",
    )


async def _pass(
    azure: Azure, ids: Iterable[str], request: DeleteUnused, ports: Ports
) -> dict[str, Any]:
    """Delete what may go, users of others first; return how it ended with each."""
    ends: dict[str, Any] = {}
    for kind in ORDER:
        of_kind = [one for one in ids if parts_of(one)[1] == kind]
        works = [_end(azure, one, request, ports) for one in of_kind]
        ended = await asyncio.gather(*works, return_exceptions=True)
        ends |= dict(zip(of_kind, ended, strict=True))
        if End.RUNS in ended:
            break  # what is on its way out still uses what comes next
    return ends


@answering
async def _end(azure: Azure, resource_id: str, request: DeleteUnused, ports: Ports) -> End:
    group, kind, name = parts_of(resource_id)
    there = await found(operations_of(azure, kind).get(group, name))
    if there is None:
        return End.MISSED
    if not is_ours(there.tags, request.work):
        return End.FOREIGN
    if _is_used(there, request):
        return End.USED
    return await delete_one(azure, resource_id, request.work, ports)


def _is_used(resource: Any, request: DeleteUnused) -> bool:
    """Tell whether somebody uses it besides what goes with it: then Azure itself has a say."""
    user = user_of(resource).lower()
    going = (*request.ended, *request.resource_ids)
    return bool(user) and not any(f"{user}/".startswith(f"{one.lower()}/") for one in going)


def user_of(resource: Any) -> str:
    """Return who uses a disk, NIC or public IP: an ARM id, or a word; empty: nobody.

    A snapshot is used by nobody: what was made from it stands alone.
    """
    p = resource.properties
    if owner := getattr(resource, "managed_by", None):
        return str(owner)
    for name in ("virtual_machine", "ip_configuration"):
        holder = getattr(p, name, None)
        if holder is not None and holder.id:
            return str(holder.id)
    state = getattr(p, "disk_state", None)
    return "" if state in (None, *FREE_STATES) else str(state)
