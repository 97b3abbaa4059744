"""The network interfaces of the VM that is imported, while they are its own.

Each change is a PUT with the ETag of what was read, so that all else of the NIC stays as it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found
from activities.azure.errors import Refusal, answering
from activities.azure.polling import follow
from activities.azure.words import word
from activities.ports import Ports, headers, journalled
from activities.source_mark import or_again
from shared.contracts.base import Changed, Done, Refused, StillRunning, Throttled, Work
from shared.contracts.source import HoldAddresses, JoinPools, LeavePools, NicPools, Source
from shared.names import parts_of, same_id

GOING: Final = frozenset({"Updating", "Creating"})
STATIC: Final = "Static"
DETACH: Final = "Detach"
IPV4: Final = "IPv4"

End = Done | Refused | Changed | Throttled | StillRunning
Change = Callable[[Any], bool]
"""Changes a NIC that was read; tells whether there was anything to change."""


@dataclass(frozen=True)
class Writing:
    """Whose NICs are written, and what that is recorded as."""

    work: Work
    source: Source
    action: str


@answering
async def hold_addresses(request: HoldAddresses, *, ports: Ports) -> Done | Refusal | StillRunning:
    """See that no public IP goes with the VM; to be kept, addresses become static as they are.

    A dynamic private address may be given to somebody else once its VM is deallocated, and a
    dynamic public one is. Idempotent: what is so is not written. Source: Azure docs,
    virtual-network private-ip-addresses, public-ip-addresses.
    """
    azure = await ports.azure_of(request.work)
    writing = Writing(request.work, request.source, "hold_addresses")
    held = partial(_held, keep=request.keep)
    ends: list[End] = [
        *await all_of(_change(azure, nic.id, writing, held, ports) for nic in request.nics)
    ]
    if request.keep:
        public = [nic.public_ip_id for nic in request.nics if nic.public_ip_id]
        ends += await all_of(_keep_public(azure, one, request.work, ports) for one in public)
    return _first(ends)


def _first(ends: Iterable[End]) -> End:
    """Return the first answer that is not Done; Done if there is none."""
    return next((one for one in ends if not isinstance(one, Done)), Done())


def _held(nic: Any, *, keep: bool) -> bool:
    changed = False
    for one in nic.properties.ip_configurations or ():
        p = one.properties
        public = p.public_ip_address
        option = public.properties.delete_option if public and public.properties else None
        if (word(option) or DETACH) != DETACH:
            public.properties.delete_option = DETACH
            changed = True
        is_v4 = (word(p.private_ip_address_version) or IPV4) == IPV4
        fixed = word(p.private_ip_allocation_method) == STATIC
        if keep and is_v4 and not fixed and p.private_ip_address:
            p.private_ip_allocation_method = STATIC
            changed = True
    return changed


async def _keep_public(
    azure: Azure, public_ip_id: str, work: Work, ports: Ports
) -> Done | StillRunning:
    """Make a dynamic public address static, while it has one."""
    group, _, name = parts_of(public_ip_id)
    operations: Any = azure.network.public_ip_addresses
    address: Any = await found(operations.get(group, name))
    if address is None or word(address.properties.public_ip_allocation_method) == STATIC:
        return Done()
    if not address.properties.ip_address:
        return Done()
    address.properties.public_ip_allocation_method = STATIC
    condition = {**headers(work), "If-Match": str(address.etag)}
    async with journalled(ports, work, f"keep_address_{group}_{name}", public_ip_id):
        await or_again(
            follow(
                lambda polling, token: operations.begin_create_or_update(
                    group,
                    name,
                    address,
                    polling=polling,
                    continuation_token=token,
                    headers=condition,
                ),
                ports.clock,
            )
        )
    return StillRunning(token="")  # the next look finds it static


@answering
async def leave_pools(request: LeavePools, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Take each configuration out of all backend pools; one that is in none is left alone."""
    nothing = [
        one.model_copy(update={"balancer_pool_ids": (), "gateway_pool_ids": ()})
        for one in request.pools
    ]
    return await _in_pools(request, nothing, "leave_pools", ports)


@answering
async def join_pools(request: JoinPools, *, ports: Ports) -> Done | Refusal | StillRunning:
    """Put each configuration into the pools that it was in; one that is in them is left alone."""
    return await _in_pools(request, list(request.pools), "join_pools", ports)


async def _in_pools(
    request: LeavePools | JoinPools, wanted: list[NicPools], action: str, ports: Ports
) -> End:
    azure = await ports.azure_of(request.work)
    writing = Writing(request.work, request.source, action)
    return _first(
        await all_of(
            _change(azure, nic_id, writing, partial(_pooled, wanted=wanted), ports)
            for nic_id in dict.fromkeys(one.nic_id for one in wanted)
        )
    )


def _pooled(nic: Any, wanted: list[NicPools]) -> bool:
    changed = False
    for one in nic.properties.ip_configurations or ():
        of_this = [w for w in wanted if w.configuration == one.name and same_id(w.nic_id, nic.id)]
        for pools in of_this:
            p = one.properties
            if _ids(p.load_balancer_backend_address_pools) != _lower(pools.balancer_pool_ids):
                p.load_balancer_backend_address_pools = [
                    n.BackendAddressPool(id=pool) for pool in pools.balancer_pool_ids
                ]
                changed = True
            if _ids(p.application_gateway_backend_address_pools) != _lower(pools.gateway_pool_ids):
                p.application_gateway_backend_address_pools = [
                    n.ApplicationGatewayBackendAddressPool(id=pool)
                    for pool in pools.gateway_pool_ids
                ]
                changed = True
    return changed


def _ids(pools: Any) -> set[str]:
    return _lower(str(pool.id) for pool in pools or ())


def _lower(ids: Iterable[str]) -> set[str]:
    return {one.strip("/").lower() for one in ids}


async def _change(
    azure: Azure, nic_id: str, writing: Writing, change: Change, ports: Ports
) -> Done | Changed | StillRunning:
    """Change a NIC of the VM, and read it back. Changed: it is not the VM's any more."""
    group, _, name = parts_of(nic_id)
    operations = azure.network.network_interfaces
    nic: Any = await found(operations.get(group, name))
    if nic is None or not _belongs(nic, writing.source):
        return Changed(code="NicMoved", message=f"{nic_id} is not the VM's any more")
    if word(nic.properties.provisioning_state) in GOING:
        return StillRunning(token="")
    if not change(nic):
        return Done()
    condition = {**headers(writing.work), "If-Match": str(nic.etag)}
    async with journalled(ports, writing.work, f"{writing.action}_{group}_{name}", nic_id):
        ended = await or_again(
            follow(
                lambda polling, token: operations.begin_create_or_update(
                    group, name, nic, polling=polling, continuation_token=token, headers=condition
                ),
                ports.clock,
            )
        )
    if isinstance(ended, StillRunning):
        return StillRunning(token="")
    after: Any = await found(operations.get(group, name))
    return StillRunning(token="") if after is None or change(after) else Done()


def _belongs(nic: Any, source: Source) -> bool:
    owner = nic.properties.virtual_machine
    return owner is not None and same_id(owner.id or "", source.vm_resource_id)
