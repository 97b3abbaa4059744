"""Change which backend pools a NIC is in.

Azure keeps membership on the NIC: its primary IP configuration lists the pools. So a change is a
PUT of the NIC with the ETag of what was read: all else of the NIC stays as it is, whoever set it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from azure.core.exceptions import HttpResponseError
from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.polling import follow
from activities.nic_read import (
    PRECONDITION_FAILED,
    RACES_MAX,
    primary_configuration,
    read_nic,
)
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import SECOND_LOOK_S
from shared.contracts.base import Changed, Done, Refused, StillRunning, Work
from shared.model.run import NicRef
from shared.names import TAG_POOLS, parts_of
from shared.policy.backends import Pool, tag_of


@dataclass(frozen=True)
class Change:
    """What is to become of one NIC."""

    work: Work
    action: str
    """The journal's word."""
    nic: NicRef
    membership: Callable[[list[str], str], tuple[str, ...]]
    """From the pools that the NIC is in, and its tag, to those that it is to be in."""
    ours: tuple[Pool, ...]
    """Pools that the tag names afterwards."""
    check: Callable[[tuple[Pool, ...]], Awaitable[Refused | None]]
    """Say why pools that are about to be joined cannot be."""


async def bring_about(
    azure: Azure, change: Change, ports: Ports
) -> Done | Refused | Changed | StillRunning:
    """Make the membership so; again from the NIC as it is then where somebody came in between.

    Writes nothing if it is so already. A NIC that is not there is in no pool: Done if it was to
    leave, else Changed. Raises what Azure refuses.
    """
    for _ in range(RACES_MAX):
        nic = await read_nic(azure, change.nic.id, ports.clock)
        if isinstance(nic, StillRunning):
            return nic
        if nic is None:
            text = f"the NIC {change.nic.name} is not there any more"
            return Changed(code="NicGone", message=text) if change.ours else Done()
        end = await _try(azure, nic, change, ports)
        if end:
            return end
        await ports.clock.sleep(SECOND_LOOK_S)
    return Changed(code="NicContended", message=f"{change.nic.name} is changed by somebody else")


async def _try(
    azure: Azure, nic: Any, change: Change, ports: Ports
) -> Done | Refused | StillRunning | None:
    """Change the NIC that was read. None: it is not as it was read, or not seen to be as wanted."""
    present = pool_ids(nic)
    wanted = change.membership(present, (nic.tags or {}).get(TAG_POOLS, ""))
    if _lower(present) == _lower(wanted):
        return Done()
    if not is_ours(nic.tags, change.work):
        return Refused(code="NotOurs", message=f"{nic.id} does not carry this node's tag")
    missing = [pool for pool in change.ours if pool.id.lower() not in _lower(present)]
    refusal = await change.check(tuple(missing))
    if refusal:
        return refusal
    try:
        after = await _put(azure, _changed(nic, wanted, change), change, ports)
    except HttpResponseError as error:
        if error.status_code != PRECONDITION_FAILED:
            raise
        return None
    if isinstance(after, StillRunning):
        return StillRunning(token="")  # the next look finds what it came to
    return Done() if _lower(pool_ids(after)) == _lower(wanted) else None


def pool_ids(nic: Any) -> list[str]:
    """Return the ids of the pools that a NIC is in."""
    properties = primary_configuration(nic).properties
    pools = [
        *(properties.load_balancer_backend_address_pools or ()),
        *(properties.application_gateway_backend_address_pools or ()),
    ]
    return [str(pool.id) for pool in pools]


def _lower(ids: list[str] | tuple[str, ...]) -> set[str]:
    return {one.strip("/").lower() for one in ids}


def _changed(nic: Any, wanted: tuple[str, ...], change: Change) -> Any:
    """Write the new membership, and which of it is ours, into the NIC that was read."""
    properties = primary_configuration(nic).properties
    gateways = [one for one in wanted if "/applicationgateways/" in one.lower()]
    balancers = [one for one in wanted if one not in gateways]
    properties.load_balancer_backend_address_pools = [
        n.BackendAddressPool(id=one) for one in balancers
    ]
    properties.application_gateway_backend_address_pools = [
        n.ApplicationGatewayBackendAddressPool(id=one) for one in gateways
    ]
    tags = {name: value for name, value in (nic.tags or {}).items() if name != TAG_POOLS}
    marks = tag_of(pool.id for pool in change.ours)
    nic.tags = tags | ({TAG_POOLS: marks} if marks else {})
    return nic


async def _put(azure: Azure, nic: Any, change: Change, ports: Ports) -> Any:
    group, _, name = parts_of(change.nic.id)
    condition = {**headers(change.work), "If-Match": str(nic.etag)}
    async with journalled(ports, change.work, change.action, change.nic.id):
        return await follow(
            lambda polling, token: azure.network.network_interfaces.begin_create_or_update(
                group, name, nic, polling=polling, continuation_token=token, headers=condition
            ),
            ports.clock,
        )
