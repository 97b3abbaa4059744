"""Nodes as tests find them: new and held, or idle."""

from shared.model.ids import NodeKey, OperationId
from shared.model.run import RunState
from store.node_rows import NodeRecord
from store.stores import Stores
from tests.store.worlds import after, document, operation, running

OP_1 = OperationId("op-1")


async def created(stores: Stores, key: NodeKey) -> NodeRecord:
    await stores.nodes.create(key, document(), RunState(), operation())
    return await read(stores, key)


async def read(stores: Stores, key: NodeKey) -> NodeRecord:
    record = await stores.nodes.get(key)
    assert record is not None
    return record


async def idle(stores: Stores, key: NodeKey) -> NodeRecord:
    await created(stores, key)
    assert await stores.nodes.finish(key, OP_1, running(), after(60))
    return await read(stores, key)
