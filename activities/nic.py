"""Network interfaces of a node: made, and brought up to what document and market ask for."""

from typing import Any

from azure.core.exceptions import HttpResponseError

from activities.addresses import (
    let_go_of_pools,
    private_addresses,
    public_address,
    serves,
    taken_meanwhile,
)
from activities.azure.clients import Azure
from activities.azure.ensure import all_of, make
from activities.azure.errors import Refusal, answering, arm_error
from activities.azure.words import word
from activities.nic_body import Plan, is_accelerated_as, is_as_planned, nic_body, plans_of
from activities.nic_read import primary_configuration, read_nic, unraced
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_read import with_addresses
from shared.contracts.base import Changed, Refused, StillRunning
from shared.contracts.nic import EnsureNics, NicsReady
from shared.model.run import NicRef
from shared.model.wire import from_stored
from shared.names import parts_of, same_id

Ensured = NicRef | Refused | Changed | StillRunning


@answering
async def ensure_nics(
    request: EnsureNics, *, ports: Ports
) -> NicsReady | Refused | Changed | StillRunning | Refusal:
    """Make the document's NICs and public IPs, in parallel; return them with their addresses.

    Idempotent: names come from node, place in the list and generation. One that is there and is
    the node's is brought up to the document; NICs of earlier VMs (`existing`) are only fitted to
    the market. What is not the node's is refused, never taken. A refusal of one tells what may have
    been made of all.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    document, azure = from_stored(record.document), await ports.azure_of(request.work)
    market = request.zone, request.accelerated
    plans = plans_of(document, request.work, request.generation, market)
    if request.existing:
        works = [_fitted(azure, nic, plans, request, ports) for nic in request.existing]
    else:
        held = await let_go_of_pools(azure, record, plans, ports)
        if held:
            return held
        works = [_ensure_nic(azure, plan, ports) for plan in plans]
    nics: list[NicRef] = []
    for one in await all_of(works):
        if isinstance(one, Refused | Changed):
            return one.model_copy(update={"made": _ids(plans)})
        if not isinstance(one, NicRef):
            return one
        nics.append(one)
    ready: tuple[NicRef, ...] = await with_addresses(azure, tuple(nics))
    return NicsReady(nics=ready)


def _ids(plans: tuple[Plan, ...]) -> tuple[str, ...]:
    """Return the ids of all that this step makes, users of others first."""
    return (*(plan.id for plan in plans), *(plan.address_id for plan in plans))


@answering
async def _ensure_nic(azure: Azure, plan: Plan, ports: Ports) -> Ensured:
    """Find the NIC as it is to be, or make it so; nothing is written if it is."""
    return await unraced(lambda: _ensured(azure, plan, ports), plan.id, ports.clock)


async def _ensured(azure: Azure, plan: Plan, ports: Ports) -> Ensured:
    nic = await read_nic(azure, plan.id, ports.clock, surely=False)
    if isinstance(nic, StillRunning):
        return nic
    if nic is not None and not is_ours(nic.tags, plan.work):
        return Refused(code="NotOurs", message=f"{plan.id} exists and is not this node's")
    if nic is None or not await _is_right(azure, plan, nic):
        made = await _make(azure, plan, nic, ports)
        if isinstance(made, Refused | StillRunning):
            return made
    return NicRef(id=plan.id, name=plan.name, is_primary=plan.spec.is_primary)


async def _is_right(azure: Azure, plan: Plan, nic: Any) -> bool:
    whole = word(nic.properties.provisioning_state) == "Succeeded"
    return whole and is_as_planned(nic, plan) and await serves(azure, plan, nic)


async def _make(azure: Azure, plan: Plan, nic: Any | None, ports: Ports) -> Any:
    """Make or change the NIC; again with other addresses where others took one meanwhile.

    Ends: each time round an address of a pool is passed over for good.
    """
    passed: set[str] = set()
    while True:
        public_id = await public_address(azure, plan, passed, ports)
        if isinstance(public_id, Refused | StillRunning):
            return public_id
        private = await private_addresses(azure, plan, nic, passed, ports)
        body = nic_body(plan, private, public_id)
        try:
            return await _put(azure, plan, _with_pools(body, nic), nic, ports)
        except HttpResponseError as error:
            taken = taken_meanwhile(arm_error(error), private, public_id)
            if not taken - passed:
                raise
            passed |= taken


def _with_pools(body: Any, nic: Any | None) -> Any:
    """Leave a NIC in the backend pools and NAT rules that it is in."""
    if nic is not None:
        now, new = primary_configuration(nic).properties, primary_configuration(body).properties
        for name in (
            "load_balancer_backend_address_pools",
            "application_gateway_backend_address_pools",
            "load_balancer_inbound_nat_rules",
        ):
            setattr(new, name, getattr(now, name))
        body.tags = {**(nic.tags or {}), **body.tags}
    return body


async def _put(azure: Azure, plan: Plan, body: Any, nic: Any | None, ports: Ports) -> Any:
    """Send the NIC, on the condition that it is as it was read: not there, or unchanged."""
    work, operations = plan.work, azure.network.network_interfaces
    condition = {"If-Match": str(nic.etag)} if nic else {"If-None-Match": "*"}
    async with journalled(ports, work, f"create_nic{plan.index}", plan.id):
        return await make(
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                plan.name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work) | condition,
            ),
            ports.clock,
        )


# -- NICs at hand ---------------------------------------------------------------------------------


async def _fitted(
    azure: Azure, nic: NicRef, plans: tuple[Plan, ...], request: EnsureNics, ports: Ports
) -> Ensured | Refusal:
    """Fit a NIC to the market: of this generation wholly, of an earlier one its speed alone."""
    for plan in plans:
        if same_id(plan.id, nic.id):
            return await _ensure_nic(azure, plan, ports)
    return await _at_speed(azure, nic, request, ports)


@answering
async def _at_speed(azure: Azure, nic: NicRef, request: EnsureNics, ports: Ports) -> Ensured:
    """Switch accelerated networking as the size needs it; all else of the NIC stays."""
    return await unraced(lambda: _switched(azure, nic, request, ports), nic.id, ports.clock)


async def _switched(azure: Azure, nic: NicRef, request: EnsureNics, ports: Ports) -> Ensured:
    there = await read_nic(azure, nic.id, ports.clock)
    if isinstance(there, StillRunning):
        return there
    if there is None:
        return Refused(code="NicGone", message=f"the node's NIC {nic.name} is not there any more")
    if is_accelerated_as(there, wanted=request.accelerated):
        return nic
    if not is_ours(there.tags, request.work):
        return Refused(code="NotOurs", message=f"{nic.id} does not carry this node's tag")
    there.properties.enable_accelerated_networking = request.accelerated
    group, _, name = parts_of(nic.id)
    condition = headers(request.work) | {"If-Match": str(there.etag)}
    async with journalled(ports, request.work, f"speed_{name}", nic.id):
        after = await make(
            lambda polling, token: azure.network.network_interfaces.begin_create_or_update(
                group,
                name,
                there,
                polling=polling,
                continuation_token=token,
                headers=condition,
            ),
            ports.clock,
        )
    return after if isinstance(after, StillRunning) else nic
