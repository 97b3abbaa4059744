"""Activities on our own records: claim a node, settle an operation, fail it."""

from typing import Any, Literal

from pydantic import Field

from shared.contracts.base import Done, Work
from shared.durable import Activity
from shared.model.ids import NodeKey, OperationId
from shared.model.run import DueItem, LogEntry, Row, RunState, Status


class ClaimOperation(Row):
    """Take the node for this operation."""

    key: NodeKey
    operation_id: OperationId
    status: Status | None
    """What the node's status is while the operation runs; None: what it is, with its reason."""


class Claimed(Row):
    """The node is ours; nobody else writes to it until we settle."""

    kind: Literal["claimed"] = "claimed"
    work: Work
    run: RunState
    version: int
    """Configuration version at the time of the claim."""
    document: dict[str, Any] = Field(default_factory=dict)
    """The node document without secrets."""


class NotOurs(Row):
    """The lock names another operation, or this one has finished before: do nothing."""

    kind: Literal["not_ours"] = "not_ours"
    reason: str


class SettleOperation(Row):
    """Write the node's new state and let it go."""

    work: Work
    run: RunState
    log: tuple[LogEntry, ...] = ()
    due: tuple[DueItem, ...] = ()
    gone: bool = False
    """True after a delete: the rows go, too."""
    keep: bool = False
    """True: show the new state, but hold the node for what is left to clear away."""


class Settled(Row):
    """Written; the lock is free unless it was to be kept.

    Notices heard meanwhile about the present VM are due for a verdict within a minute.
    """

    kind: Literal["settled"] = "settled"


class FailOperation(Row):
    """Something escaped the runbook: status ERROR with its reason, lock released."""

    key: NodeKey
    operation_id: OperationId
    reason: str


CLAIM: Activity[ClaimOperation, Claimed | NotOurs] = Activity(
    "claim_operation", ClaimOperation, Claimed | NotOurs
)
SETTLE: Activity[SettleOperation, Settled] = Activity("settle_operation", SettleOperation, Settled)
FAIL_OPERATION: Activity[FailOperation, Done] = Activity("fail_operation", FailOperation, Done)
