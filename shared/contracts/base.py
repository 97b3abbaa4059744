"""What every request and outcome of an activity has in common.

Requests and outcomes are frozen, told apart by `kind`, and ignore unknown fields: running
histories outlive a deploy. New fields have defaults; a field in use is never renamed.
"""

from typing import Literal

from shared.model.ids import NodeKey, OperationId
from shared.model.run import Row


class Work(Row):
    """Which operation, on which node, in which subscription: first field of every request."""

    key: NodeKey
    operation_id: OperationId
    subscription_id: str = ""
    region: str = ""
    resource_group: str = ""
    step: str = ""
    """Name of the runbook's step: journal key together with the operation."""
    percent: int = 0
    """Progress to show once this step has begun."""

    def at(self, step: str, percent: int) -> "Work":
        """Return the same work at another step."""
        return self.model_copy(update={"step": step, "percent": percent})


class Throttled(Row):
    """Azure asked to come back later; the seam waits it out, runbooks never see it."""

    kind: Literal["throttled"] = "throttled"
    retry_after_s: float


class StillRunning(Row):
    """Azure's operation outlasted the activity; the seam asks again with the token."""

    kind: Literal["still_running"] = "still_running"
    token: str
    """Opaque: the SDK's continuation token and what it belongs to."""
    again_s: float | None = None
    """When it is worth asking again; None: as soon as the seam asks at all."""


class Refused(Row):
    """Azure will not do it, and asking again will not help: its own words."""

    kind: Literal["refused"] = "refused"
    code: str
    message: str
    left_behind: str = ""
    """As in NoCapacity."""
    made: tuple[str, ...] = ()
    """ARM ids of what may be there because of this step, and is of no use now."""


class Changed(Row):
    """What was believed of Azure is not so: read the facts anew, and decide anew."""

    kind: Literal["changed"] = "changed"
    code: str
    message: str
    made: tuple[str, ...] = ()
    """As in Refused."""
    strays: tuple[str, ...] = ()
    """ARM ids of disks with the node's tag that it does not name and that may hold something: they
    are in the way, and are never cleared away."""


class NoCapacity(Row):
    """Azure has no such VM here now, or we may have no more (quota); the market is shunned."""

    kind: Literal["no_capacity"] = "no_capacity"
    code: str
    message: str
    scope: str = "size_in_zone"
    """How much of the ranked list this rules out: see shared/failures.py, Scope."""
    left_behind: str = ""
    """ARM id of the failed VM that a late refusal left: it holds disks and NICs until deleted."""
    made: tuple[str, ...] = ()
    """As in Refused."""


class VmFailed(Row):
    """Azure had room, and the VM failed all the same: its guest did not report, or Azure stumbled.

    Another VM may do better; several in a row say that the image or the disk is at fault.
    """

    kind: Literal["vm_failed"] = "vm_failed"
    code: str
    message: str
    left_behind: str = ""
    """As in NoCapacity."""


Slow = StillRunning | Throttled
"""Not an end: the seam deals with both."""


class Done(Row):
    """It is so, whether we did it now or found it done."""

    kind: Literal["done"] = "done"


class OperationInput(Row):
    """Input of every orchestration."""

    key: NodeKey
    operation_id: OperationId


class Ended(Row):
    """How an operation ended; output of every orchestration."""

    outcome: str
    """`active`, `waiting`, `gone`, `not_ours`, `refused`."""
    reason: str = ""
