"""Activities on signals: what a VM says of itself."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from shared.contracts.base import Slow, Work
from shared.durable import Activity
from shared.model.run import Row


class Signal(StrEnum):
    """What a VM may say; the API's words."""

    READY = "vmReady"
    READY_TO_SHUTDOWN = "vmReadyToShutdown"


class AwaitSignal(Row):
    """Wait until the node's VM has said something, or its time is up."""

    work: Work
    signal: Signal
    since: datetime
    """What was heard before is of an earlier VM, or was not asked for: the moment before the VM
    was set going, or before its release began."""
    deadline: datetime
    token: str = ""


class Heard(Row):
    """It was said."""

    kind: Literal["heard"] = "heard"
    at: datetime


class TimedOut(Row):
    """It was not said in time."""

    kind: Literal["timed_out"] = "timed_out"


AWAIT_SIGNAL: Activity[AwaitSignal, Heard | TimedOut] = Activity(
    "await_signal", AwaitSignal, Heard | TimedOut | Slow
)
