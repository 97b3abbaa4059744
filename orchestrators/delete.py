"""Delete: end a node, and what its user chose of its resources."""

from typing import TypeVar

from shared.contracts.base import Changed, Done, Ended, OperationInput, Refused
from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from shared.contracts.node import CLAIM, SETTLE, Claimed, ClaimOperation, NotOurs, SettleOperation
from shared.contracts.vm import DELETE_VM, DeleteVm
from shared.durable import Activity, Context, Durable, pause
from shared.model.run import Status
from shared.policy.deletion import Deallocation, chosen_resources, delete_failed
from shared.policy.footing import CHANGES_MAX, LOOK_AGAIN_S

Request = TypeVar("Request", DeleteVm, DeleteResources)


class DeleteNode(OperationInput):
    """Input of delete."""

    deallocation: Deallocation


def delete(context: Context, request: DeleteNode) -> Durable[Ended]:
    """End a node; resources that were not chosen stay in Azure, unowned by us."""
    # 1. Claim the node.
    claim = ClaimOperation(
        key=request.key, operation_id=request.operation_id, status=Status.DEALLOCATING
    )
    node = yield from CLAIM(context, claim)
    if isinstance(node, NotOurs):
        return Ended(outcome="not_ours", reason=node.reason)

    # 2. Delete the VM, if it is to go.
    if request.deallocation.terminate_vm and node.run.vm:
        end = DeleteVm(
            work=node.work.at("delete-vm", 30),
            vm_resource_id=node.run.vm.id,
            generation=node.run.generation,
            even_if_running=True,
        )
        gone = yield from _insist(context, DELETE_VM, end)
        if not isinstance(gone, Done):
            return (yield from _refused(context, node, gone))

    # 3. Delete the chosen resources: interfaces, addresses, disks, snapshots.
    chosen = chosen_resources(node.run, request.deallocation)
    if chosen:
        work = node.work.at("delete-resources", 60)
        rest = DeleteResources(work=work, resource_ids=chosen)
        gone = yield from _insist(context, DELETE_RESOURCES, rest)
        if not isinstance(gone, Done):
            return (yield from _refused(context, node, gone))

    # 4. Forget the node.
    last = SettleOperation(work=node.work.at("forget", 100), run=node.run, gone=True)
    yield from SETTLE(context, last)
    return Ended(outcome="gone")


def _insist(
    context: Context, activity: Activity[Request, Done | Refused | Changed], request: Request
) -> Durable[Done | Refused | Changed]:
    """Delete, and again where facts had changed: each try reads them anew; CHANGES_MAX at most."""
    answer = yield from activity(context, request)
    for _ in range(CHANGES_MAX - 1):
        if not isinstance(answer, Changed):
            break
        yield from pause(context, LOOK_AGAIN_S)
        answer = yield from activity(context, request)
    return answer


def _refused(context: Context, node: Claimed, answer: Refused | Changed) -> Durable[Ended]:
    """Leave the node in ERROR with Azure's words: what is left of it is still ours."""
    now = context.current_utc_datetime
    run, line = delete_failed(node.run, f"{answer.code}: {answer.message}", now)
    settle = SettleOperation(work=node.work.at("settle", 100), run=run, log=(line,))
    yield from SETTLE(context, settle)
    return Ended(outcome="refused", reason=answer.message)
