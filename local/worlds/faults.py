"""What may befall one request to Azure on its way, and what the world's hook answers to say so."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Call:
    """One request of the product to Azure, as it sets out."""

    method: str
    path: str
    """Without host and query, in the client's case."""
    query: str
    count: int
    """Which request of this world it is, from 1."""
    operation: str
    """As audit logs name it: `Microsoft.Compute/virtualMachines/write`."""
    resource: str
    """Its ARM id."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Answered at once by an error, with no effect."""

    status: int = 500
    code: str = "InternalServerError"
    message: str = "The server encountered an internal error. Please retry the request."
    retry_after_s: int | None = None


@dataclass(frozen=True, slots=True)
class FailedAtEnd:
    """Accepted; the operation that it begins fails at its end. Other requests pass unharmed."""

    code: str = "InternalExecutionError"
    message: str = "An internal execution error occurred."


@dataclass(frozen=True, slots=True)
class LostRequest:
    """The connection broke before the request arrived: no effect, ServiceRequestError."""


@dataclass(frozen=True, slots=True)
class LostReply:
    """The request had its effect, the reply never came: ServiceResponseError."""


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection was reset while the request was on its way: ServiceResponseError, no effect.

    The client cannot tell this from a lost reply.
    """


@dataclass(frozen=True, slots=True)
class Slow:
    """On its way for so long.

    Past the client's read timeout the client gives up, yet the request arrives and has its effect.
    """

    seconds: float


@dataclass(frozen=True, slots=True)
class Stale:
    """A read is answered as it was at the last read of the same URL, if not older than `age_s`.

    A read that was never made before passes unharmed, and so does a write.
    """

    age_s: float = 60.0


class Moment(StrEnum):
    """When the host dies, seen from one request."""

    BEFORE = "before"
    """The request never sets out."""
    DURING = "during"
    """The request is on its way, and arrives `arrives_in_s` after the host died."""
    AFTER = "after"
    """Azure has done it; the reply meets a dead host."""


@dataclass(frozen=True, slots=True)
class Killed:
    """The host process is killed at this request."""

    moment: Moment
    restart_in_s: float | None = 5.0
    """When it is started again; None: whoever runs the world does it."""
    arrives_in_s: float = 1.0


@dataclass(frozen=True, slots=True)
class TableCall:
    """One call of the product to its tables, as it sets out."""

    verb: str
    """get, query, write."""
    table: str
    partition: str
    rows: tuple[str, ...]
    count: int
    """Which call of this world it is, from 1."""


Fault = Refused | FailedAtEnd | LostRequest | LostReply | Reset | Slow | Stale | Killed
TableFault = LostRequest | LostReply | Killed
Hook = Callable[[Call], Fault | None]
"""Asked at each request to Azure what befalls it."""
TableHook = Callable[[TableCall], TableFault | None]
"""Asked at each call to the tables what befalls it."""
