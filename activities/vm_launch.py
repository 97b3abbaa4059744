"""Create a VM.

Names come from the node, so a repeat meets what a lost reply was about, and what it meets is read
back before it is believed: a PUT on an existing deallocated VM "succeeds" and starts nothing.
"""

from dataclasses import replace
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import models as m
from pydantic import SecretStr

from activities.azure.clients import Azure
from activities.azure.errors import answering_room, arm_error
from activities.azure.polling import follow
from activities.image import AccountUnknownError, subscription_of_image
from activities.ports import Ports, earlier_intent, headers, journalled
from activities.strays import gone_after_run, ids_of_fresh_disks, left_by_lost_vm
from activities.vm_body import Blueprint, vm_body
from activities.vm_read import (
    SECOND_LOOK_S,
    get_vm,
    pause_after_read_s,
    read_back,
    state_of,
    surely,
)
from activities.vm_up import TAKEN, VANISHED, Landing, NotUp, ended_badly, succeeded, told, up
from shared.contracts.base import Changed, Done, NoCapacity, Refused, StillRunning
from shared.contracts.vm import CreateVm, VmUp
from shared.failures import Kind
from shared.model.node import NodeDocument
from shared.model.wire import from_stored, launch_digest
from shared.names import TAG_OPERATION, parts_of, resource_id
from store.node_rows import NodeRecord

PASSWORD_GONE: Final = Refused(
    code="PasswordGone",
    message="the login's password is not kept any more; send it again with an update of the node",
)
CREATING_LOOKS: Final = 40
"""At a VM that is being made by a PUT whose reply was lost: three minutes of them."""
PRECONDITION_FAILED: Final = 412
DISK_EXISTS: Final = "ConflictingUserInput"
"""Azure's code where a disk that the VM is to be made with has its name already, and for others."""


@answering_room
async def create_vm(request: CreateVm, *, ports: Ports) -> VmUp | NotUp | StillRunning:
    """Create the node's VM in one market, or say why Azure would not.

    Idempotent: what is there already under the name is looked at first; the PUT carries
    If-None-Match, so that it never changes a VM that appeared in between. Changed: the name is
    taken by a VM that this operation did not make, a disk is not where it was thought to be, or a
    VM that was asked for before is gone and its disks are in the way.
    """
    work = request.work
    azure = await ports.azure_of(work)
    kind = "Microsoft.Compute/virtualMachines"
    vm_id = resource_id(work.subscription_id, work.resource_group, kind, request.name)
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return Refused(code="NodeGone", message=f"node {work.key.node_id} was deleted")
    plan = Blueprint(request, from_stored(record.document))
    there = await _finished(azure, await get_vm(azure, vm_id, ports.clock), ports)
    # What is heard of the VM before it was set going is about an earlier one of that name.
    before = await earlier_intent(ports, work, "create_vm")
    if there is not None and before is None:
        # This step has made none: one that an earlier step has deleted may still be read.
        await ports.clock.sleep(SECOND_LOOK_S)
        there = await _finished(azure, await get_vm(azure, vm_id, ports.clock), ports)
    landing = Landing(there, request.nics, before or ports.clock.now())
    if there is None:
        lost = await left_by_lost_vm(azure, plan, vm_id, ports) if before else None
        answer = lost or await _made(azure, plan, vm_id, ports)
        if isinstance(answer, VmUp):
            return answer.model_copy(update={"version": record.version})
        if not isinstance(answer, m.VirtualMachine):
            return await _told(answer, request, ports)
        landing = replace(landing, vm=answer)
    return await _landed(azure, plan, landing, record, ports)


async def _landed(
    azure: Azure, plan: Blueprint, seen: Landing, record: NodeRecord, ports: Ports
) -> VmUp | NotUp | StillRunning:
    """Say whether a VM that is there is up; Changed: another operation made it."""
    request = plan.request
    tags = (seen.vm.tags if seen.vm else None) or {}
    if tags.get(TAG_OPERATION) != request.work.operation_id:
        return Changed(code="NameTaken", message=f"{request.name} is another operation's")
    answer = await up(azure, seen)
    if not isinstance(answer, VmUp):
        return await _told(answer, request, ports)
    await _remember(answer, request, ports)
    built_from = {"version": record.version, "digest": launch_digest(plan.document)}
    return answer.model_copy(update=built_from)


async def _told(
    answer: NotUp | StillRunning, request: CreateVm, ports: Ports
) -> NotUp | StillRunning:
    """Tell why there is no VM, if that is known by now."""
    if isinstance(answer, StillRunning):
        return answer
    return await told(answer, request.market, request.work, ports)


async def _remember(answer: VmUp, request: CreateVm, ports: Ports) -> None:
    """Remember that the market had room, or that it takes back what it gives."""
    if answer.taken:
        taken = NoCapacity(code=TAKEN, message=f"{answer.vm.name} was made and is down already")
        await told(taken, request.market, request.work, ports)
    else:
        await succeeded(request.market, request.work, ports)


async def _made(
    azure: Azure, plan: Blueprint, vm_id: str, ports: Ports
) -> m.VirtualMachine | VmUp | NotUp | StillRunning:
    """Make the VM and read it back; or return why there is none, or that it has run."""
    since = ports.clock.now()
    refusal = await _make(azure, plan, vm_id, ports)
    if refusal is not None and not isinstance(refusal, Done):
        return refusal
    there = await _finished(azure, await read_back(azure, vm_id, ports.clock), ports)
    if there is not None:
        return there
    lost = await left_by_lost_vm(azure, plan, vm_id, ports)
    has_run = await gone_after_run(azure, plan, vm_id, since) if refusal else None
    return has_run or lost or VANISHED


async def _make(
    azure: Azure, plan: Blueprint, vm_id: str, ports: Ports
) -> NotUp | StillRunning | Done | None:
    """Make the VM with all it needs. Done, None: as `_put`."""
    request, document = plan.request, plan.document
    password = await _password(document, ports)
    if password is None and _needs_password(request, document):
        return PASSWORD_GONE
    work, image = request.work, document.compute.launch_specification.image
    try:
        where = await subscription_of_image(ports.stores.accounts, image, work.subscription_id)
    except AccountUnknownError as unknown:
        return Refused(code="ImageAccountUnknown", message=str(unknown))
    # Events about the VM must find the node from its first second on.
    await ports.stores.vms.put(work.subscription_id, vm_id, work.key, request.generation)
    whole = Blueprint(request, document, password, where)
    return await _put(azure, whole, vm_id, ports)


def _needs_password(request: CreateVm, document: NodeDocument) -> bool:
    """Tell whether the VM gets its login anew: an attached disk brings its own."""
    login = document.compute.launch_specification.login
    return request.os_disk is None and bool(login and login.password_ref)


async def _password(document: NodeDocument, ports: Ports) -> SecretStr | None:
    login = document.compute.launch_specification.login
    ref = login.password_ref if login else None
    return await ports.stores.secrets.get(ref) if ref else None


async def _finished(
    azure: Azure, there: m.VirtualMachine | None, ports: Ports
) -> m.VirtualMachine | None:
    """Return the VM that was found, once whoever makes it is finished."""
    for _ in range(CREATING_LOOKS):
        if there is None or state_of(there) not in ("Creating", "Updating"):
            return there
        vm_id = str(there.id)
        await ports.clock.sleep(pause_after_read_s(vm_id, ports.clock))
        there = await get_vm(azure, vm_id, ports.clock)
    return there


async def _put(
    azure: Azure, plan: Blueprint, vm_id: str, ports: Ports
) -> NotUp | StillRunning | Done | None:
    """Send the PUT and follow it. None: read back what is there now. Done: so, too; it has run.

    A refusal that came late names the VM that it left behind. A VM that came to be since we looked
    was made by another run of this very step, or by somebody else: its tag tells.
    """
    work = plan.request.work
    group, _, name = parts_of(vm_id)
    body, begun = vm_body(plan), None
    coming = " ".join(ids_of_fresh_disks(plan))

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
        begun = polling
        return poller

    try:
        async with journalled(ports, work, "create_vm", vm_id, disks=coming):
            await follow(begin, ports.clock)
    except HttpResponseError as error:
        problem = arm_error(error)
        if begun is not None:
            # Made, and gone before the SDK had read it: its disks have booted.
            return Done() if _is_made(begun) else ended_badly(problem, vm_id)
        if problem.rule.kind in (Kind.CAPACITY, Kind.QUOTA):
            return ended_badly(problem, "")
        return await _in_the_way(azure, plan, vm_id, error, ports)
    return Done() if _is_made(begun) else None


def _is_made(polling: Any) -> bool:
    """Tell whether Azure has said that the operation has succeeded."""
    return polling is not None and polling.has_succeeded


async def _in_the_way(
    azure: Azure, plan: Blueprint, vm_id: str, error: HttpResponseError, ports: Ports
) -> NotUp | StillRunning | None:
    """Say what Azure means that has something of that name already; raise for anything else."""
    problem, lost = arm_error(error), None
    if problem.code == DISK_EXISTS:
        lost = await left_by_lost_vm(azure, plan, vm_id, ports)
    if lost is None and problem.status != PRECONDITION_FAILED:
        raise error
    # Azure says that it is there: a read that does not show it may lag behind.
    if lost is None and await surely(azure, vm_id, ports.clock) is None:
        return Changed(code=problem.code, message=problem.message)
    return lost
