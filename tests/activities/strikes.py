"""Strikes: what befalls one of an activity's calls to Azure, and what may come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from local.worlds.faults import (
    Call,
    FailedAtEnd,
    Fault,
    Killed,
    LostReply,
    LostRequest,
    Moment,
    Refused,
    Reset,
    Slow,
    Stale,
)

SAME = "same"
"""The answer is what it would have been: the strike only cost time."""
LAUNCHES = ("create_vm", "start_vm")
READ_BACK = ("attach_data_disk", "detach_data_disk", "exchange_os_disk")
"""A VM whose change failed at its end is as it was changed all the same: it is believed itself."""
TOLD_APART = {"delete_unused": "swept_in_part"}
"""What is refused is told beside what is not."""


class Where(StrEnum):
    """Which call is struck."""

    WRITE = "the write"
    LOOK = "the first look at its operation"
    READ = "the first read after it"


@dataclass(frozen=True)
class Strike:
    """One fault at one kind of call."""

    name: str
    where: Where
    fault: Fault
    answer: str = SAME
    """Kind of the answer, where `answers` does not say otherwise."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """By activity."""
    writes_max: int = 1
    """How often Azure may accept one write: again where its operation failed, and where it arrives
    long after it was given up."""

    def expected(self, activity: str) -> str:
        """Return the kind of answer that an activity gives."""
        if activity in READ_BACK and isinstance(self.fault, FailedAtEnd):
            return SAME
        told = self.answers.get(activity, self.answer)
        return told if told == SAME else TOLD_APART.get(activity, told)


def _room(told: str) -> dict[str, str]:
    return dict.fromkeys(LAUNCHES, told)


FULL = {**_room("no_capacity"), "copy_disks": "no_capacity", "start_source": "no_capacity"}
GONE = {"delete_vm": SAME, "deallocate_vm": SAME, "delete_resources": SAME, "start_vm": "changed"}
GONE |= {"delete_unused": SAME, "let_go": SAME}
POOLS = dict.fromkeys(("ensure_nics", "register_backends", "deregister_backends"), SAME)
"""A NIC that somebody else has changed is read again at once."""
SOURCES = dict.fromkeys(
    (
        *("secure_source", "release_source", "hold_addresses", "leave_pools", "join_pools"),
        *("free_nics", "give_back_nics"),
    ),
    SAME,
)
"""As is a VM that is imported, and what belongs to it."""
_W, _L, _R = Where.WRITE, Where.LOOK, Where.READ
QUOTA = "Operation could not be completed as it results in exceeding approved Cores quota."

STRIKES = (
    Strike("lost request", _W, LostRequest()),
    Strike("lost reply", _W, LostReply()),
    Strike("reset", _W, Reset()),
    Strike("slow", _W, Slow(90.0)),
    Strike("slower than patience", _W, Slow(400.0), writes_max=2),
    Strike("429 with a time", _W, Refused(429, "TooManyRequests", "too many", 17)),
    Strike("429 without a time", _W, Refused(429, "TooManyRequests", "too many")),
    Strike("500", _W, Refused(500)),
    Strike("503 with a time", _W, Refused(503, "ServerBusy", "busy", 9)),
    Strike("408", _W, Refused(408, "RequestTimeout", "slow")),
    Strike("another operation", _W, Refused(409, "Conflict", "a concurrent request")),
    Strike(
        "precondition", _W, Refused(412, "PreconditionFailed", "etag"), "changed", POOLS | SOURCES
    ),
    Strike("forbidden", _W, Refused(403, "AuthorizationFailed", "no role"), "refused"),
    Strike("never seen", _W, Refused(418, "Teapot", "short and stout"), "refused"),
    Strike("not there", _W, Refused(404, "ResourceNotFound", "not found"), "refused", GONE),
    Strike("full", _W, Refused(409, "SkuNotAvailable", "none left"), "refused", FULL),
    Strike("over quota", _W, Refused(409, "OperationNotAllowed", QUOTA), "refused", FULL),
    Strike("full at the end", _W, FailedAtEnd("AllocationFailed", "none left"), "refused", FULL),
    Strike(
        "guest silent",
        _W,
        FailedAtEnd("OSProvisioningTimedOut", "no word"),
        "refused",
        _room("vm_failed"),
    ),
    Strike("policy at the end", _W, FailedAtEnd("RequestDisallowedByPolicy", "no"), "refused"),
    Strike("preempted", _W, FailedAtEnd("OperationPreempted", "another"), "changed"),
    Strike("Azure stumbles", _W, FailedAtEnd(), SAME, {"create_vm": "no_capacity"}, 2),
    Strike("killed before", _W, Killed(Moment.BEFORE)),
    Strike("killed during", _W, Killed(Moment.DURING)),
    Strike("killed after", _W, Killed(Moment.AFTER)),
    Strike("lost look", _L, LostReply()),
    Strike("look 500", _L, Refused(500)),
    Strike("look 429", _L, Refused(429, "TooManyRequests", "too many", 300)),
    Strike("killed at the look", _L, Killed(Moment.BEFORE)),
    Strike("lost read", _R, LostReply()),
    Strike("read 500", _R, Refused(500)),
    Strike("read 429", _R, Refused(429, "TooManyRequests", "too many", 30)),
    Strike("stale read", _R, Stale(9_999.0)),
    Strike("killed at the read", _R, Killed(Moment.BEFORE)),
)


READ_STRIKES = (
    Strike("lost request", _R, LostRequest()),
    Strike("lost reply", _R, LostReply()),
    Strike("500", _R, Refused(500)),
    Strike("429", _R, Refused(429, "TooManyRequests", "too many", 17)),
    Strike(
        "forbidden",
        _R,
        Refused(403, "AuthorizationFailed", "no role"),
        "refused",
        {"decide": "nowhere"},
    ),
    Strike("slow", _R, Slow(90.0)),
    Strike("killed", _R, Killed(Moment.AFTER)),
)
"""For activities that only read."""


class Nth:
    """Kills the host at one call of an act, counted from 1."""

    def __init__(self, number: int, moment: Moment) -> None:
        self.number = number
        self.moment = moment
        self.count = 0
        self.strike = Strike(f"killed {moment} call {number}", Where.READ, Killed(moment))

    @property
    def has_struck(self) -> bool:
        """Whether there was such a call."""
        return self.count >= self.number

    def __call__(self, _call: Call) -> Fault | None:
        self.count += 1
        return Killed(self.moment) if self.count == self.number else None


class Hand:
    """Strikes once: the first call that fits, after the write was let pass where it must be."""

    def __init__(self, strike: Strike, operation: str) -> None:
        self.strike = strike
        self.operation = operation.lower()
        self.has_written = not operation  # what only reads is struck at its first read
        self.has_struck = False

    def __call__(self, call: Call) -> Fault | None:
        if self.has_struck or not self._fits(call):
            return None
        self.has_struck = True
        return self.strike.fault

    def _fits(self, call: Call) -> bool:
        if call.method == "GET":
            looks = "operations/" in call.path.lower()
            wanted = Where.LOOK if looks else Where.READ
            return self.has_written and self.strike.where is wanted
        if call.operation.lower() != self.operation:
            return False
        self.has_written = True
        return self.strike.where is Where.WRITE
