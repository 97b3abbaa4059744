"""Create a VM.

Names come from the node, so a repeat meets what a lost reply was about, and what it meets is read
back before it is believed: a PUT on an existing deallocated VM "succeeds" and starts nothing.
"""

from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m
from pydantic import SecretStr

from activities.azure.clients import Azure
from activities.azure.errors import answering, arm_error
from activities.azure.polling import follow
from activities.ports import Ports, headers, journalled
from activities.vm_body import Blueprint, vm_body
from activities.vm_read import get_vm, state_of
from activities.vm_up import refused, succeeded, up
from shared.contracts.base import NoCapacity, Refused, StillRunning
from shared.contracts.vm import CreateVm, VmUp
from shared.failures import Kind
from shared.model.node import NodeDocument
from shared.model.wire import from_stored, launch_digest
from shared.names import TAG_OPERATION, parts_of, resource_id

CREATING_LOOKS: Final = 90
LOOK_EVERY_S: Final = 2.0
"""While a VM is being made by a PUT whose reply was lost: 36 reads at once and 12 a minute."""
UP: Final = frozenset({"running", "starting"})


@answering
async def create_vm(
    request: CreateVm, *, ports: Ports
) -> VmUp | NoCapacity | Refused | StillRunning:
    """Create the node's VM in one market, or say why Azure would not.

    Idempotent: what is there already under the name is looked at first; the PUT carries
    If-None-Match, so that it never changes a VM that appeared in between.
    """
    work = request.work
    azure = await ports.azure_of(work)
    kind = "Microsoft.Compute/virtualMachines"
    vm_id = resource_id(work.subscription_id, work.resource_group, kind, request.name)
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return Refused(code="NodeGone", message=f"node {work.key.node_id} was deleted")
    document = from_stored(record.document)
    there = await _made_before(azure, vm_id, ports)
    if there is not None and (there.tags or {}).get(TAG_OPERATION) != work.operation_id:
        text = f"{vm_id} is another operation's"
        return NoCapacity(code="NameTaken", message=text, left_behind=vm_id)
    if there is None:
        plan = Blueprint(request, document, await _password(document, ports))
        refusal = await _put(azure, plan, vm_id, ports)
        if refusal is not None:
            return await refused(refusal, request.market, work, ports)
        there = await get_vm(azure, vm_id)
    answer = await up(azure, there, request.nics, ports)
    if isinstance(answer, NoCapacity):
        return await refused(answer, request.market, work, ports)
    if isinstance(answer, VmUp):
        await succeeded(request.market, work, ports)
        built_from = {"version": record.version, "digest": launch_digest(document)}
        return answer.model_copy(update=built_from)
    return answer


async def _password(document: NodeDocument, ports: Ports) -> SecretStr | None:
    login = document.compute.launch_specification.login
    ref = login.password_ref if login else None
    return await ports.stores.secrets.get(ref) if ref else None


async def _made_before(azure: Azure, vm_id: str, ports: Ports) -> m.VirtualMachine | None:
    """Return the VM that an earlier try of this very step made, once it is finished."""
    there = await get_vm(azure, vm_id)
    for _ in range(CREATING_LOOKS):
        if there is None or state_of(there) not in ("Creating", "Updating"):
            return there
        await ports.clock.sleep(LOOK_EVERY_S)
        there = await get_vm(azure, vm_id)
    return there


async def _put(azure: Azure, plan: Blueprint, vm_id: str, ports: Ports) -> NoCapacity | None:
    """Send the PUT and follow it; None: it ended well. A refusal that came late says so."""
    work = plan.request.work
    group, _, name = parts_of(vm_id)
    body, begun = vm_body(plan), False

    async def begin(polling: Any, token: str | None) -> Any:
        nonlocal begun
        poller = await azure.compute.virtual_machines.begin_create_or_update(
            group,
            name,
            body,
            etag="*",
            match_condition=MatchConditions.IfMissing,
            polling=polling,
            continuation_token=token,
            headers=headers(work),
        )
        begun = True
        return poller

    async with journalled(ports, work, "create_vm", vm_id):
        try:
            await follow(begin, ports.clock)
        except HttpResponseError as error:
            problem = arm_error(error)
            if not begun or problem.rule.kind not in (Kind.CAPACITY, Kind.QUOTA):
                raise
            return NoCapacity(
                code=problem.code,
                message=problem.message,
                scope=problem.rule.scope,
                left_behind=vm_id,
            )
    return None
