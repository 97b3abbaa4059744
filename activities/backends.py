"""Backend pools of load balancers and gateways: the primary NIC joins them, and leaves them."""

from typing import Any

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found
from activities.azure.errors import Refusal, answering
from activities.azure.words import word
from activities.membership import Change, bring_about
from activities.ports import Ports
from activities.vm_read import SECOND_LOOK_S
from shared.clock import Clock
from shared.contracts.backend import DeregisterBackends, RegisterBackends
from shared.contracts.base import Changed, Done, Refused, StillRunning, Work
from shared.model.node import NodeDocument
from shared.model.run import NicRef
from shared.model.wire import from_stored
from shared.names import parts_of
from shared.policy.backends import Pool, joined, left, pools_of


@answering
async def register_backends(
    request: RegisterBackends, *, ports: Ports
) -> Done | Refused | Changed | StillRunning | Refusal:
    """Put the primary NIC into the pools that the document names, and out of those it once named.

    Idempotent: nothing is written if it is so already. A pool that is not there is Refused with its
    name, as is a load balancer whose SKU cannot serve the node's public address. Changed: the NIC
    is not there, or somebody else keeps changing it.
    """
    work, nic = request.work, primary_of(request.nics)
    document = await _document(work, ports)
    if isinstance(document, Refused):
        return document
    pools = pools_of(document, work.subscription_id)
    if nic is None:
        return Refused(code="NoNic", message="the VM has no NIC to join a backend pool with")
    azure = await ports.azure_of(work)
    wanted = [pool.id for pool in pools]
    change = Change(
        work=work,
        action="join_pools",
        nic=nic,
        membership=lambda present, tag: joined(present, wanted, tag),
        ours=pools,
        check=lambda missing: _refuse_unfit(azure, missing, document, ports.clock),
    )
    return await bring_about(azure, change, ports)


@answering
async def deregister_backends(
    request: DeregisterBackends, *, ports: Ports
) -> Done | Refused | Changed | StillRunning | Refusal:
    """Take the primary NIC out of the pools that the document names, and of all that we joined.

    Idempotent, as above. A NIC that is not there is in no pool; a pool that its user joined by hand
    and the document does not name stays joined.
    """
    work, nic = request.work, primary_of(request.nics)
    document = await _document(work, ports)
    if isinstance(document, Refused):
        return document
    if nic is None:
        return Done()
    named = [pool.id for pool in pools_of(document, work.subscription_id)]
    change = Change(
        work=work,
        action="leave_pools",
        nic=nic,
        membership=lambda present, tag: left(present, named, tag),
        ours=(),
        check=_nothing_to_check,
    )
    return await bring_about(await ports.azure_of(work), change, ports)


async def _document(work: Work, ports: Ports) -> NodeDocument | Refused:
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    return from_stored(record.document)


def primary_of(nics: tuple[NicRef, ...]) -> NicRef | None:
    """Return the primary NIC: the one that serves what the node is asked for."""
    return next((nic for nic in nics if nic.is_primary), nics[0] if nics else None)


async def _nothing_to_check(_missing: tuple[Pool, ...]) -> Refused | None:
    return None


async def _refuse_unfit(
    azure: Azure, missing: tuple[Pool, ...], document: NodeDocument, clock: Clock
) -> Refused | None:
    """Say why a pool cannot be joined, in words that name it; None: nothing is known against it."""
    by_balancer: dict[str, list[Pool]] = {}
    for pool in missing:
        by_balancer.setdefault(pool.balancer_id.lower(), []).append(pool)
    works = [_refuse_one(azure, pools, document, clock) for pools in by_balancer.values()]
    return next((refusal for refusal in await all_of(works) if refusal), None)


async def _refuse_one(
    azure: Azure, pools: list[Pool], document: NodeDocument, clock: Clock
) -> Refused | None:
    balancer = await _balancer(azure, pools[0], clock)
    group, _, name = parts_of(pools[0].balancer_id)
    gateway = pools[0].gateway
    what = f"{'application gateway' if gateway else 'load balancer'} {name}"
    if balancer is None:
        message = f"there is no {what} in resource group {group}"
        return Refused(code="LoadBalancerNotFound", message=message)
    known = {str(one.name).lower() for one in balancer.properties.backend_address_pools or ()}
    for pool in pools:
        if pool.name.lower() not in known:
            message = f"{what} in resource group {group} has no backend pool {pool.name}"
            return Refused(code="BackendPoolNotFound", message=message)
    sku = word(balancer.sku.name) if balancer.sku and not gateway else ""
    address = _public_sku(document)
    if sku and address and sku.lower() != address.lower():
        message = (
            f"{what} is {sku}, the node's public address is {address}: Azure joins equals only"
        )
        return Refused(code="LoadBalancerSkuMismatch", message=message)
    return None


def _public_sku(document: NodeDocument) -> str | None:
    """Return the SKU of the primary NIC's public address; None: it has none."""
    interfaces = document.compute.launch_specification.network.network_interfaces
    primary = next((one for one in interfaces if one.is_primary), None)
    return primary.address_sku if primary and primary.assign_public_ip else None


async def _balancer(azure: Azure, pool: Pool, clock: Clock) -> Any:
    """Return the load balancer or gateway of a pool; None at the second look that finds none."""
    group, _, name = parts_of(pool.balancer_id)
    network = azure.network
    operations: Any = network.application_gateways if pool.gateway else network.load_balancers
    there = await found(operations.get(group, name))
    if there is None:
        await clock.sleep(SECOND_LOOK_S)
        there = await found(operations.get(group, name))
    return there
