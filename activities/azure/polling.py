"""Follow Azure's long-running operations on our clock.

The SDK's poller sleeps `Retry-After` (10 s for Compute) or 30 s between looks, so that an operation
of half a second costs ten. Ours looks early and often at first, within the operation bucket of
45 at once and 15 a minute, and hands the operation back as a token after a bounded time.
Source: Azure docs, compute-throttling-limits; docs/adr/0002.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from azure.core.exceptions import ServiceRequestError, ServiceResponseError
from azure.core.polling import AsyncLROPoller
from azure.mgmt.core.polling.async_arm_polling import AsyncARMPolling

from activities.azure.errors import seconds_of
from activities.azure.looks import Looks
from shared.clock import Clock
from shared.contracts.base import StillRunning

T = TypeVar("T")

FIRST_LOOKS_S: Final = (0.5, 0.5, 1.0, 2.0, 2.0)
"""Pauses before the first looks. A delete of a deallocated VM takes 0.5 s, an update of one 0.7 s;
then nothing ends before a start or a create after 7 s."""
LOOK_EVERY_S: Final = 0.75
"""While the burst of the resource's bucket lasts, over half a minute: an operation's end is seen
0.4 s late on average. Then every `PATIENT_S`."""
LOOKS_PER_S: Final = 12.0
"""All followers of one process together: half of the 25 reads a second that ARM refills for one
principal in one subscription. The other half is for lists and read-backs. Source: Azure docs,
request-limits-and-throttling."""
PATIENT_S: Final = 5.0
"""12 looks a minute, four fifths of the refill of 15."""
OPERATION_WAIT_S: Final = 100.0
"""How long one activity follows an operation: past the p90 of a VM create (94 s recorded), well
inside a function's time limit."""
RESOURCE_PARTS: Final = 9
"""/subscriptions/S/resourceGroups/G/providers/P/T/N: what follows is an action or a child."""
UNSURE: Final = frozenset({408, 429, 500, 502, 503, 504})
"""Answers to a look that say nothing of the operation."""

Begin = Callable[[Any, str | None], Awaitable[AsyncLROPoller[T]]]
"""Given a polling method and a token or None, begins the operation or takes it up again."""


class _Outlasted(Exception):  # noqa: N818 - not an error: the operation is well
    """The operation still runs at the end of the wait."""


class Followers:
    """How many operations this process follows now: many share what one may ask."""

    def __init__(self) -> None:
        self.count = 0

    def __enter__(self) -> None:
        self.count += 1

    def __exit__(self, *_raised: object) -> None:
        self.count -= 1

    def least_pause_s(self) -> float:
        """Return the pause between one follower's looks that keeps all within `LOOKS_PER_S`."""
        return self.count / LOOKS_PER_S


FOLLOWERS: Final = Followers()
LOOKS: Final = Looks(burst=45, refill_per_s=15 / 60, eager_part=0.6)
"""Looks at the operations of one resource. Source: Azure docs, compute-throttling-limits."""


class ClockedPolling(AsyncARMPolling):
    """The SDK's polling with our schedule, on our clock, and forgiving of a look that failed."""

    def __init__(self, clock: Clock, wait_s: float) -> None:
        super().__init__(timeout=LOOK_EVERY_S)
        self._clock = clock
        self._wait_s = wait_s
        self._eager = True
        self._looks = 0
        self._waited_s = 0.0
        self.has_succeeded = False
        """Azure has said that the operation succeeded, whatever a read after it came to."""

    async def _delay(self) -> None:
        delay = max(self._due_s(), FOLLOWERS.least_pause_s())
        if self._waited_s + delay > self._wait_s:
            raise _Outlasted
        self._looks += 1
        self._waited_s += delay
        await self._clock.sleep(delay)
        self._eager = LOOKS.spend(self._resource(), self._clock.now())

    def _resource(self) -> str:
        """Return what the operation is about: the path it was begun at, as far as the name."""
        path = urlsplit(str(self._initial_response.http_request.url)).path
        return "/".join(path.lower().split("/")[:RESOURCE_PARTS])

    def _due_s(self) -> float:
        """Return the seconds until the next look by the schedule."""
        if self._looks == 0:
            return FIRST_LOOKS_S[0]
        if not self._eager:
            return max(PATIENT_S, self._asked_to_wait_s())
        early = self._looks < len(FIRST_LOOKS_S)
        planned_s = FIRST_LOOKS_S[self._looks] if early else LOOK_EVERY_S
        return max(planned_s, self._asked_to_wait_s())

    def _asked_to_wait_s(self) -> float:
        response = self._pipeline_response.http_response
        if response.status_code not in UNSURE:
            return 0.0
        return seconds_of(response.headers.get("Retry-After")) or 0.0

    async def _poll(self) -> None:
        if not self.finished():
            await self._delay()
        await super()._poll()

    async def update_status(self) -> None:
        """Look once; a lost or unsure answer leaves the status as it was."""
        try:
            seen = await self.request_status(self._operation.get_polling_url())
        except (ServiceRequestError, ServiceResponseError):
            return
        if seen.http_response.status_code in UNSURE:
            self._pipeline_response = seen
            return
        self._pipeline_response = seen
        self._status = self._operation.get_status(seen)
        self.has_succeeded = str(self._status).lower() == "succeeded"


async def follow(
    begin: Begin[T], clock: Clock, token: str = "", wait_s: float = OPERATION_WAIT_S
) -> T | StillRunning:
    """Begin an operation (or take up `token`) and follow it for at most `wait_s`.

    Returns the operation's result, or StillRunning with a token. Raises what the SDK raises when
    Azure refuses the call or the operation fails.
    """
    polling = ClockedPolling(clock, wait_s)
    poller = await begin(polling, token or None)
    try:
        with FOLLOWERS:
            return await poller.result()
    except _Outlasted:
        return StillRunning(token=poller.continuation_token())
