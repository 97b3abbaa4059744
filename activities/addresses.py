"""Addresses of a node's NICs: taken from the document's pools where one is free, else new ones.

Addresses of a pool are the user's: they are bound, never made and never deleted. Another node may
take one at the same moment, so that it is free is believed only once Azure has bound it to us.
"""

from collections.abc import Iterator
from typing import Any, Final

from azure.core.exceptions import HttpResponseError
from azure.mgmt.network import models as n

from activities.azure.clients import Azure
from activities.azure.ensure import ensure, found
from activities.azure.errors import ArmError, arm_error
from activities.azure.words import word
from activities.deletion import End, delete_one
from activities.nic_body import PRIMARY, Plan, public_id_of, static_address
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from shared.contracts.base import Refused, StillRunning, Work
from shared.model.network import Named
from shared.model.run import LogEntry
from shared.names import parts_of, same_id
from store.node_rows import NodeRecord

ALL_ZONES: Final = ("1", "2", "3")
TAKEN_BY_ANOTHER: Final = ("PrivateIPAddressIsAllocated", "PublicIPAddressInUse")
HELD: Final = ("NicReservedForAnotherVm", "NicInUse")
"""Refusals to delete a NIC that a VM has, or may yet have."""


# -- private --------------------------------------------------------------------------------------


async def private_addresses(
    azure: Azure, plan: Plan, nic: Any | None, passed: set[str], ports: Ports
) -> dict[str, str]:
    """Return the static addresses of a NIC by IP configuration: of each pool the first free one.

    One that the NIC has already is kept; those in `passed` were refused. A pool without a free
    address leaves its configuration to a dynamic one, which is told in the node's log.
    """
    chosen: dict[str, str] = {}
    for name, pool in plan.pool.items():
        has = static_address(nic, name) if nic else None
        free = has if has in pool else await _first_free(azure, plan, pool, passed)
        if free:
            chosen[name] = free
        else:
            await _tell(plan, f"no private address of the pool is free: {', '.join(pool)}", ports)
    return chosen


async def _first_free(
    azure: Azure, plan: Plan, pool: tuple[str, ...], passed: set[str]
) -> str | None:
    network = plan.document.compute.launch_specification.network
    for address in pool:
        if address in passed:
            continue
        answer = await azure.network.virtual_networks.check_ip_address_availability(
            network.resource_group_name, network.virtual_network_name, ip_address=address
        )
        if answer.available:
            return address
    return None


# -- public ---------------------------------------------------------------------------------------


async def public_address(
    azure: Azure, plan: Plan, passed: set[str], ports: Ports
) -> str | Refused | StillRunning | None:
    """Return the ARM id of the public address of a NIC; None if it is to have none.

    The first of the pool that can serve it, else one made for it. One that was once made for it is
    its own, whatever is free by now: nothing is made twice and nothing forgotten.
    """
    if not plan.spec.assign_public_ip:
        return None
    pool = plan.spec.public_ips or ()
    if not pool or await _has_own(azure, plan):
        return await _own_address(azure, plan, ports)
    told = []
    for pooled in pool:
        address_id = plan.id_of(pooled, "publicIPAddresses")
        why = "taken" if address_id.lower() in passed else await why_unfit(azure, plan, pooled)
        if why is None:
            return address_id
        told.append(f"{pooled.name} ({why})")
    await _tell(plan, f"no public address of the pool can be used: {', '.join(told)}", ports)
    return await _own_address(azure, plan, ports)


async def why_unfit(azure: Azure, plan: Plan, pooled: Named) -> str | None:
    """Say why an address of the pool cannot serve this NIC now; None: nothing is against it."""
    operations = azure.network.public_ip_addresses
    address: Any = await found(operations.get(pooled.resource_group_name, pooled.name))
    return "not there" if address is None else next(_against(address, plan), None)


def _against(address: Any, plan: Plan) -> Iterator[str]:
    sku, wanted = word(address.sku.name) if address.sku else "Basic", plan.spec.public_ip_sku
    if wanted and sku.lower() != wanted.lower():
        yield f"{sku}, not {wanted}"
    if (address.location or "").replace(" ", "").lower() != plan.document.region.lower():
        yield f"in {address.location}"
    if word(address.properties.public_ip_address_version) == "IPv6":
        yield "IPv6"
    bound = address.properties.ip_configuration
    if bound and not same_id(str(bound.id), f"{plan.id}/ipConfigurations/{PRIMARY}"):
        yield "in use"
    if address.properties.nat_gateway:
        yield "in use"
    zones = list(address.zones or ())
    if len(zones) == 1 and plan.zone not in zones:
        yield f"of zone {zones[0]}"


async def serves(azure: Azure, plan: Plan, nic: Any) -> bool:
    """Tell whether the public address that a NIC has, or that it has none, is as planned."""
    has = public_id_of(nic)
    if not plan.spec.assign_public_ip or has is None:
        return (has is not None) == bool(plan.spec.assign_public_ip)
    if same_id(has, plan.address_id):
        return True
    for pooled in plan.spec.public_ips or ():
        if same_id(plan.id_of(pooled, "publicIPAddresses"), has):
            return await why_unfit(azure, plan, pooled) is None
    return False


async def _has_own(azure: Azure, plan: Plan) -> bool:
    get = azure.network.public_ip_addresses.get
    return await found(get(plan.work.resource_group, plan.address_name)) is not None


async def _own_address(azure: Azure, plan: Plan, ports: Ports) -> str | Refused | StillRunning:
    """Make the address that is for this NIC alone, unless it is there."""
    work, name, sku = plan.work, plan.address_name, plan.spec.address_sku
    body = n.PublicIPAddress(
        location=plan.document.region,
        tags=tags_of(plan.document, work, plan.generation),
        sku=n.PublicIPAddressSku(name=sku),
        # In all zones: the address must serve a VM of whichever zone has room.
        zones=list(ALL_ZONES) if sku == "Standard" and plan.document.compute.zones else None,
        properties=n.PublicIPAddressPropertiesFormat(public_ip_allocation_method="Static"),
    )
    operations = azure.network.public_ip_addresses
    async with journalled(ports, work, f"create_ip{plan.index}", plan.address_id):
        made: Any = await ensure(
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
    if isinstance(made, StillRunning):
        return made
    if not is_ours(made.tags, work):
        return Refused(code="NotOurs", message=f"{plan.address_id} exists and is not this node's")
    return plan.address_id


# -- pools ----------------------------------------------------------------------------------------


def taken_meanwhile(error: ArmError, private: dict[str, str], public_id: str | None) -> set[str]:
    """Return which of the chosen addresses a refusal says that somebody else has by now."""
    words = error.message.lower()
    is_bound = "is referencing public ip address" in words and "already allocated" in words
    if error.code not in TAKEN_BY_ANOTHER and not is_bound:
        return set()
    if error.code == TAKEN_BY_ANOTHER[0]:
        named = {one for one in private.values() if one.lower() in words}
        return named or set(private.values())
    return {public_id.lower()} if public_id else set()


async def let_go_of_pools(
    azure: Azure, record: NodeRecord, plans: tuple[Plan, ...], ports: Ports
) -> StillRunning | None:
    """Delete NICs of the node's earlier VMs that still hold what the pools of the new ones name.

    Only of a node whose network does not persist: such NICs go anyway, and their address would be
    missing from the pool when the next VM needs it. What a VM has, or may yet have, stays.
    """
    if not plans or plans[0].document.persistence.should_persist_network:
        return None
    wanted = {address for plan in plans for pool in plan.pool.values() for address in pool}
    wanted |= {
        plan.id_of(one, "publicIPAddresses").lower()
        for plan in plans
        for one in plan.spec.public_ips or ()
    }
    new = {plan.id.lower() for plan in plans}
    for nic in record.run.nics if wanted else ():
        if nic.id.lower() not in new:
            end = await _delete_unused(azure, nic.id, wanted, plans[0].work, ports)
            if end is End.RUNS:
                return StillRunning(token="")
    return None


async def _delete_unused(
    azure: Azure, nic_id: str, wanted: set[str], work: Work, ports: Ports
) -> End:
    """Delete a NIC of the node's that holds what is wanted, and that no VM has."""
    group, _, name = parts_of(nic_id)
    nic: Any = await found(azure.network.network_interfaces.get(group, name))
    if nic is None or nic.properties.virtual_machine or not is_ours(nic.tags, work):
        return End.OVER
    held = {str(one.properties.private_ip_address) for one in nic.properties.ip_configurations}
    if not (held | {(public_id_of(nic) or "").lower()}) & wanted:
        return End.OVER
    try:
        return await delete_one(azure, nic_id, work, ports)
    except HttpResponseError as error:
        if arm_error(error).code not in HELD:
            raise
        return End.OVER


async def _tell(plan: Plan, message: str, ports: Ports) -> None:
    """Write a line of the node's log: a pool that its user gave is not used."""
    line = LogEntry(at=ports.clock.now(), message=f"{plan.name}: {message}", severity="WARN")
    await ports.stores.log.write(plan.work.key, [line])
