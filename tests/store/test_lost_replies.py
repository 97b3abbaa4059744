"""What each write does when the store did it and its answer got lost."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from itertools import count

import pytest

from shared.model.ids import NodeKey, OperationId
from shared.model.run import DueItem, DueKind, RunState
from store.errors import Unavailable
from store.memory import Database
from store.node_rows import NodeRecord
from store.stores import Stores
from tests.store.lossy import Line, MemoryLine, ProxyLine, lossy_proxy
from tests.store.test_journal import intent
from tests.store.test_log import entry
from tests.store.test_notices import notice
from tests.store.worlds import SUBSCRIPTION, VM_ID, HandClock, after, document, operation, running

NUMBERS = count(1)
OP_1 = OperationId("op-1")
ITEM = DueItem(account_id="act-1", node_id="ssn-1", kind=DueKind.OP_WATCH, due_at=after(300))


@asynccontextmanager
async def proxy_line(connection: str, clock: HandClock) -> AsyncIterator[Line]:
    prefix = f"line{next(NUMBERS)}"
    async with (
        lossy_proxy(connection) as (proxy, through),
        Stores.open(connection, clock, prefix=prefix) as direct,
    ):
        yield ProxyLine(proxy, through, prefix, direct)


@pytest.fixture(params=["azurite", "memory"])
async def line(request: pytest.FixtureRequest, clock: HandClock) -> AsyncIterator[Line]:
    if request.param == "azurite":
        async with proxy_line(request.getfixturevalue("azurite_connection"), clock) as opened:
            yield opened
    else:
        kept = Database()
        yield MemoryLine(kept, Stores(kept.table, clock))


async def record_of(stores: Stores, key: NodeKey) -> NodeRecord:
    record = await stores.nodes.get(key)
    assert record
    return record


async def create(stores: Stores, key: NodeKey) -> bool:
    await stores.nodes.create(key, document(), RunState(), operation())
    return (await record_of(stores, key)).operation == operation()


async def put_document(stores: Stores, key: NodeKey) -> bool:
    record = await record_of(stores, key)
    if record.document != document("new"):
        assert await stores.nodes.put_document(record, document("new")) == 2
    return (await record_of(stores, key)).version == 2


async def put_run(stores: Stores, key: NodeKey) -> bool:
    await stores.nodes.put_run(key, running(), OP_1)
    return (await record_of(stores, key)).run == running()


async def claim(stores: Stores, key: NodeKey) -> bool:
    record = await stores.nodes.claim(key, OP_1, after(1))
    return record == await record_of(stores, key)


async def finish(stores: Stores, key: NodeKey) -> bool:
    return await stores.nodes.finish(key, OP_1, running(), after(2))


async def lock(stores: Stores, key: NodeKey) -> bool:
    return await stores.nodes.lock(await record_of(stores, key), operation("op-2"))


async def delete(stores: Stores, key: NodeKey) -> bool:
    await stores.nodes.delete(key)
    return await stores.nodes.get(key) is None


async def add_notice(stores: Stores, key: NodeKey) -> bool:
    added = await stores.notices.add(key, notice("e-1"))
    return added and len(await stores.notices.since(key, "")) == 1


async def intend(stores: Stores, key: NodeKey) -> bool:
    earlier = await stores.journal.intend(key, intent("create", 1))
    return earlier is None and len(await stores.journal.recent(key)) == 1


async def end(stores: Stores, key: NodeKey) -> bool:
    await stores.journal.outcome(key, OP_1, "create", "created", after(2))
    return (await stores.journal.of_operation(key, OP_1))[0].outcome == "created"


async def write_log(stores: Stores, key: NodeKey) -> bool:
    await stores.log.write(key, [entry("a"), entry("b")])
    return len(await stores.log.read(key, after(0), after(1))) == 2


async def put_vm(stores: Stores, key: NodeKey) -> bool:
    await stores.vms.put(SUBSCRIPTION, VM_ID, key, 1)
    return await stores.vms.find(VM_ID) == (key, 1)


async def remove_vm(stores: Stores, key: NodeKey) -> bool:
    await stores.vms.remove(VM_ID, 1)
    return await stores.vms.find(VM_ID) is None and bool(key)


async def due_life(stores: Stores, key: NodeKey) -> bool:
    stored = await stores.due.add(ITEM)
    await stores.due.advance(after(1))
    await stores.due.done(stored)
    return await stores.due.read_due(after(999)) == [] and bool(key)


Step = Callable[[Stores, NodeKey], Awaitable[bool]]
STEPS: list[Step] = [
    create,
    put_document,
    put_run,
    claim,
    finish,
    lock,
    add_notice,
    intend,
    end,
    write_log,
    put_vm,
    remove_vm,
    due_life,
    delete,
]


async def test_a_lost_reply_changes_no_answer(line: Line, key: NodeKey) -> None:
    async with line.open() as through:
        for step in STEPS:
            line.losses = 1
            assert await step(through, key), step.__name__

    assert line.lost == len(STEPS)


async def test_every_reply_lost_once_changes_no_answer(line: Line, key: NodeKey) -> None:
    async with line.open() as through:
        for step in (create, finish, lock):
            line.losses = 2
            assert await step(through, key), step.__name__

    assert line.lost == 6


async def persistent(step: Step, stores: Stores, key: NodeKey) -> bool:
    """Do a step, and once more if the store seemed to be out."""
    try:
        return await step(stores, key)
    except Unavailable:
        answer = await step(stores, key)
        # Only these tell a repeat from a first call, and say so in their docstrings.
        return answer or step in (add_notice, intend)


async def test_a_caller_told_unavailable_may_repeat_any_write(line: Line, key: NodeKey) -> None:
    async with line.open(patient=False) as impatient:
        for step in STEPS:
            line.losses = 1
            assert await persistent(step, impatient, key), step.__name__

    assert line.lost == len(STEPS)
    assert len(await line.direct.notices.since(key, "")) == 1
    assert await line.direct.nodes.list(key.account_id) == []


async def test_a_broken_connection_is_told_as_unavailable(line: Line, key: NodeKey) -> None:
    async with line.open(patient=False) as impatient:
        line.losses = 1

        with pytest.raises(Unavailable):
            await create(impatient, key)

    assert await line.direct.nodes.get(key)
