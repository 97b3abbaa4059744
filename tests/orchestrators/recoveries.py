"""Recoveries on a stage: a whole runbook, its activities against the simulated Azure."""

from orchestrators.create import create
from orchestrators.replace import ReplaceNode, replace
from shared.contracts.base import Ended, OperationInput
from shared.model.ids import OperationId
from shared.model.run import RunState
from tests.activities.acts import NOW, SETUP
from tests.activities.stage import KEY, Stage


async def replaced(stage: Stage, operation: str = NOW) -> tuple[Ended, RunState]:
    """Run a replacement; return its end and the node's state after it."""
    await stage.operate(operation)
    request = ReplaceNode(key=KEY, operation_id=OperationId(operation))
    ended = await stage.follow(replace(stage.context(), request))
    return ended, (await stage.record()).run


async def created(stage: Stage, operation: str = SETUP) -> tuple[Ended, RunState]:
    """Run a first launch of the stored node, or the next try of one."""
    record = await stage.record()
    if record.operation and record.operation.id != operation:
        await stage.operate(operation)
    request = OperationInput(key=KEY, operation_id=OperationId(operation))
    ended = await stage.follow(create(stage.context(), request))
    return ended, (await stage.record()).run
