"""What a node's owner asks of its state: pause, resume, recycle, stop, start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import ValidationError

from services.images import Images
from services.operations import Operations, OperationStarter
from services.patience import Patience
from services.refusals import NotNow, UnknownNode
from shared.model.fields import Part
from shared.model.ids import NodeKey
from shared.model.problems import Code, FieldError, Rejected
from shared.model.run import LogEntry, OperationKind, Status
from shared.model.shape import shape
from shared.model.validate import problem_of
from shared.model.wire import from_stored
from shared.policy.actions import Action, allowed, refuse
from store.errors import Conflict, StoreError
from store.node_rows import NodeRecord
from store.stores import Stores

_log = logging.getLogger(__name__)


class StateChange(Part):
    """What is asked for; `stop` and `start` are extensions of ours."""

    state: Literal["pause", "resume", "recycle", "stop", "start"]


@dataclass(frozen=True)
class Asked:
    """What one word sets going."""

    action: Action
    kind: OperationKind
    accepted: Status
    """The node's status until its workflow claims it."""


ASKED: Final[Mapping[str, Asked]] = {
    "pause": Asked(Action.PAUSE, OperationKind.PAUSE, Status.PAUSE),
    "resume": Asked(Action.RESUME, OperationKind.RESUME, Status.RESUME),
    "recycle": Asked(Action.RECYCLE, OperationKind.RECYCLE, Status.RECYCLE),
    "stop": Asked(Action.STOP, OperationKind.STOP, Status.STOPPING),
    "start": Asked(Action.START, OperationKind.START, Status.STARTING),
}

NEW_VM: Final = frozenset({Action.RESUME, Action.RECYCLE})
"""What ends with another VM than the one that there was."""


def parse_state(body: object) -> Asked:
    """Return what the body of a change of state asks for. Raises `Rejected`."""
    if not isinstance(body, dict):
        raise Rejected([FieldError(Code.TYPE, 'must be an object: {"state": ...}', "body")])
    shaped = shape(StateChange, body, "")
    problems = [*shaped.problems]
    change: StateChange | None = None
    try:
        change = StateChange.model_validate(shaped.value)
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        problems += [problem_of(one) for one in details]
    if problems or change is None:
        told = [shaped.error(one) for one in problems]
        raise Rejected(FieldError(one.code, one.message, one.field.lstrip(".")) for one in told)
    return ASKED[change.state]


@dataclass(frozen=True)
class NodeActions:
    """The use-case of changing a node's state."""

    stores: Stores
    operations: Operations
    images: Images | None = None
    """None: images are not looked up, Azure decides at the launch."""

    async def change_state(self, key: NodeKey, body: object, starter: OperationStarter) -> None:
        """Begin what a client asks for. Raises `Rejected`, `NotNow`, `UnknownNode`.

        A repeat finds the node on its way, and is refused. A brief operation is waited out.
        """
        asked, patience = parse_state(body), Patience(self.operations.clock)
        is_looked_up = False
        while True:
            record = await self._record(key)
            if asked.action not in actions_of(record):
                raise NotNow(refusal(asked.action, record))
            if not is_looked_up:
                await self.look_up(record, asked)
                is_looked_up = True
            if not is_busy(record) and await self.begin(
                record, asked, starter, f"{asked.action} was asked for."
            ):
                return
            if not await patience.lasts(record):
                raise NotNow(held(await self._record(key)))

    async def look_up(self, record: NodeRecord, asked: Asked) -> None:
        """Look for the image of a VM that is to be made from it. Raises `Rejected` if it is gone.

        A VM would be given up for one that cannot be made, and the node be left in ERROR.
        """
        if self.images is None or asked.action not in NEW_VM:
            return
        document = from_stored(record.document)
        if not (document.persistence.should_persist_os_disk and record.run.os_disk):
            await self.images.check(record.key.account_id, document)

    async def _record(self, key: NodeKey) -> NodeRecord:
        record = await self.stores.nodes.get(key)
        if record is None:
            raise UnknownNode(key.node_id)
        return record

    async def begin(
        self, record: NodeRecord, asked: Asked, starter: OperationStarter, told: str
    ) -> bool:
        """Lock the node and start the operation; False: somebody was quicker, nothing is done.

        Killed in between: the watch finds the lock and starts it.
        """
        key = record.key
        operation = self.operations.make(key, asked.kind)
        await self.operations.watch(key, operation)
        if not await self.stores.nodes.lock(record, operation):
            return False
        changes = {
            "status": asked.accepted,
            "waiting": None,
            "updated_at": self.operations.clock.now(),
        }
        try:
            await self.stores.nodes.put_run(
                key, record.run.model_copy(update=changes), operation.id
            )
        except Conflict:  # the watch was quicker, and the operation is over already
            _log.info("action.overtaken", extra={"operation": operation.id})
        await self.operations.start(key, operation, starter)
        await self._say(key, f"{told[0].upper()}{told[1:]}")
        return True

    async def _say(self, key: NodeKey, message: str) -> None:
        """Write a line of the node's log. What it tells of is done: losing it fails nothing."""
        now = self.operations.clock.now()
        try:
            await self.stores.log.write(key, [LogEntry(at=now, message=message)])
        except StoreError as error:
            _log.warning("node.log_lost", extra={"node": key.node_id, "why": str(error)})


def waits(record: NodeRecord) -> bool:
    """Tell whether the node waits for capacity, and nobody works on it meanwhile."""
    return record.run.waiting is not None and not is_busy(record)


def is_busy(record: NodeRecord) -> bool:
    """Tell whether an operation holds the node."""
    return record.operation is not None and record.operation.finished_at is None


def actions_of(record: NodeRecord) -> frozenset[Action]:
    """Return what the node's status lets its owner ask for."""
    run = record.run
    return allowed(run.status, waiting=waits(record), import_failed=run.import_failed)


def refusal(action: Action, record: NodeRecord) -> str:
    """Return the message for an action that the node does not allow now."""
    run = record.run
    return refuse(action, run.status, waiting=waits(record), import_failed=run.import_failed)


def held(record: NodeRecord | None) -> str:
    """Return the message for a call that another operation is in the way of."""
    kind = record.operation.kind if record and record.operation else "another"
    return f"the node is held by a running {kind} operation; try again when it has ended"
