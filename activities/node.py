"""Activities on our own records: each is safe to repeat, none touches Azure."""

import asyncio
from datetime import timedelta
from typing import Final

from activities.masks import masks_of
from activities.ports import Ports
from shared.contracts.base import Done, Work
from shared.contracts.node import (
    Claimed,
    ClaimOperation,
    FailOperation,
    NotOurs,
    Settled,
    SettleOperation,
)
from shared.model.ids import NodeKey
from shared.model.run import DueItem, DueKind, LogEntry, RunState, Status, Vm
from shared.model.secrets import references
from shared.model.wire import from_stored
from shared.policy.broken_off import broken_off
from shared.policy.landing import read_up_to
from shared.policy.login_life import keeps_password, password_name
from shared.policy.usage import running_of
from store.spent import forget, spend
from store.stores import Stores

REASON_MAX: Final = 2_000
"""Characters of an error that a status shows; the whole of it is in the function's log."""
VERDICT_SOON: Final = timedelta(seconds=1)


async def claim_operation(request: ClaimOperation, *, ports: Ports) -> Claimed | NotOurs:
    """Take the node for this operation and show its new status.

    Idempotent: the lock row names the operation; a finished one is refused for ever.
    """
    stores = ports.stores
    record = await stores.nodes.claim(request.key, request.operation_id, ports.clock.now())
    if record is None:
        return NotOurs(reason="the node is held by another operation, or this one has finished")
    account = await stores.accounts.get(request.key.account_id)
    if account is None:
        raise LookupError(f"account {request.key.account_id} is not connected")
    run = record.run
    if request.status is not None:
        run = run.model_copy(update={"status": request.status, "error_reason": None})
        await stores.nodes.put_run(request.key, run, request.operation_id)
    work = Work(
        key=request.key,
        operation_id=request.operation_id,
        subscription_id=account.subscription_id,
        region=record.document["region"],
        resource_group=record.document["resourceGroupName"],
    )
    return Claimed(work=work, run=run, version=record.version, document=record.document)


async def settle_operation(request: SettleOperation, *, ports: Ports) -> Settled:
    """Write how the operation ended, then release the node.

    Idempotent: all rows are keyed by the operation. What must happen later is written first: a
    crash after the release would lose it, a crash before it only repeats.
    """
    stores, work = ports.stores, request.work
    if request.gone:
        await _forget(ports, work.key, request.run)
        return Settled()
    items = list(request.due)
    heard = await stores.notices.since(work.key, request.run.notices_read)
    read = read_up_to(heard, request.run)
    if heard and heard[-1].key != read:
        items.append(_verdict_soon(work.key, ports))
    changes = {"progress": None, "updated_at": ports.clock.now(), "notices_read": read}
    run = request.run.model_copy(update=changes)
    await asyncio.gather(
        *(stores.due.add(item) for item in items),
        stores.log.write(work.key, list(request.log)),
        _index(stores, work, run),
        _spend_login(stores, work.key, run),
        stores.usage.mark(work.key, running_of(run), ports.clock.now()),
    )
    if request.keep:
        await stores.nodes.put_run(work.key, run, work.operation_id)
    else:
        await stores.nodes.finish(work.key, work.operation_id, run, ports.clock.now())
    return Settled()


async def fail_operation(request: FailOperation, *, ports: Ports) -> Done:
    """Show an operation that went wrong, and release the node; nothing in Azure is touched.

    What it may have made is named, so that whoever comes next looks at it.
    """
    stores, now = ports.stores, ports.clock.now()
    record = await stores.nodes.get(request.key)
    if record is None or not record.operation or record.operation.id != request.operation_id:
        return Done()
    reason = (await masks_of(stores, request.key)).hide(request.reason)[:REASON_MAX]
    changes = {"status": Status.ERROR, "error_reason": reason, "progress": None, "updated_at": now}
    await stores.log.write(request.key, [LogEntry(at=now, message=reason, severity="ERROR")])
    intents = await stores.journal.of_operation(request.key, request.operation_id)
    run = broken_off(record.run, intents).model_copy(update=changes)
    await stores.usage.mark(request.key, running_of(run), now)
    await stores.nodes.finish(request.key, request.operation_id, run, now)
    return Done()


async def _index(stores: Stores, work: Work, run: RunState) -> None:
    if run.vm:
        vm: Vm = run.vm
        await stores.vms.put(work.subscription_id, vm.id, work.key, run.generation)


def _verdict_soon(key: NodeKey, ports: Ports) -> DueItem:
    return DueItem(
        account_id=key.account_id,
        node_id=key.node_id,
        kind=DueKind.VERDICT,
        due_at=ports.clock.now() + VERDICT_SOON,
    )


async def _spend_login(stores: Stores, key: NodeKey, run: RunState) -> None:
    """Delete the password of a node that has just come up and will never need it again.

    Only on the way to ACTIVE: from then on an edit may make the node need it after all.
    """
    if run.status is not Status.ACTIVE or run.os_disk is None:
        return
    record = await stores.nodes.get(key)
    if record is None or record.run.status is Status.ACTIVE:
        return
    document = from_stored(record.document)
    name = password_name(document)
    if name and not keeps_password(document):
        await spend(stores.secrets, name)


async def _forget(ports: Ports, key: NodeKey, run: RunState) -> None:
    """Forget a node that is gone: its secrets first, for the rows name them."""
    stores = ports.stores
    record = await stores.nodes.get(key)
    if record:
        for name in references(from_stored(record.document)):
            await forget(stores.secrets, name)
    if run.vm:
        await stores.vms.remove(run.vm.id)
    await stores.usage.mark(key, None, ports.clock.now())
    await stores.imports.forget(key)
    await stores.upkeep.bury(key, ports.clock.now())
    await stores.nodes.delete(key)
