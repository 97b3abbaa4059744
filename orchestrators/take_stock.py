"""Take stock: what an operation that broke off has left is the node's before anything else is done.

A part of other runbooks.
"""

from shared.contracts.base import Changed, Done, Refused
from shared.contracts.disk import LET_GO, LetGo
from shared.contracts.node import SETTLE, Claimed, SettleOperation
from shared.contracts.stock import TAKE_STOCK, Stock, TakeStock
from shared.contracts.vm import DEALLOCATE_VM, DeallocateVm, Down
from shared.durable import Context, Durable
from shared.policy.broken_off import stock_told, taken_in
from shared.policy.retained import dues


def take_stock(context: Context, node: Claimed) -> Durable[Claimed | Refused | Changed]:
    """Return the node with all that is its own; nothing is asked where nothing broke off."""
    if not node.run.untold:
        return node
    ask = TakeStock(
        work=node.work.at("take-stock", 5), resource_ids=node.run.untold, vm=node.run.vm
    )
    found = yield from TAKE_STOCK(context, ask)
    if not isinstance(found, Stock):
        return found
    if found.lent:
        free = LetGo(work=node.work.at("give-back-disks", 5), resource_ids=found.lent)
        left = yield from LET_GO(context, free)
        if not isinstance(left, Done):
            return left
    run = taken_in(node.run, found)
    note = SettleOperation(
        work=node.work.at("stock-taken", 5),
        run=run,
        log=stock_told(node.run, run, context.current_utc_datetime),
        due=dues(node.work.key, run.retained),
        keep=True,
    )
    yield from SETTLE(context, note)
    return node.model_copy(update={"run": run})


def put_down(context: Context, node: Claimed, before: Claimed) -> Durable[Refused | Changed | None]:
    """Stop a VM that was found: its launch was never over, so another takes its place."""
    vm = node.run.vm
    if vm is None or vm == before.run.vm:
        return None
    work = node.work.at("put-down", 8)
    down = yield from DEALLOCATE_VM(context, DeallocateVm(work=work, vm_resource_id=vm.id))
    return None if isinstance(down, Down) else down
