"""Make a resource exist once, whatever was lost on the way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, TypeVar

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError

from activities.azure.polling import Begin, follow
from activities.azure.words import word
from shared.clock import Clock
from shared.contracts.base import StillRunning

T = TypeVar("T")

BROKEN: Final = frozenset({"Failed", "Canceled"})
NOT_FOUND: Final = 404
LOOKS_MAX: Final = 30
EARLY_LOOKS: Final = 5
LOOK_EARLY_S: Final = 1.0
LOOK_LATE_S: Final = 5.0
"""What an earlier try is making is looked at often at first, then 12 times a minute: as often as
Azure refills the reads of one VM, whose extensions count with it."""


async def found(get: Awaitable[T]) -> T | None:
    """Return what a GET returns, or None if there is no such thing."""
    try:
        return await get
    except ResourceNotFoundError:
        return None


async def must_look_again(deletion: Awaitable[object]) -> bool:
    """Await a deletion; return False once Azure says that it is over.

    True: it still runs, or Azure says that there is nothing to delete. The next look tells.
    """
    try:
        return isinstance(await deletion, StillRunning)
    except HttpResponseError as error:
        if error.status_code != NOT_FOUND:
            raise
        return True


async def all_of(works: Iterable[Awaitable[T]]) -> list[T]:
    """Do all side by side; return their answers in order.

    Raises the first exception once all have ended: whoever repeats the whole meets none of it still
    under way.
    """
    return answers_of(await asyncio.gather(*works, return_exceptions=True))


def answers_of(ended: Iterable[T | BaseException]) -> list[T]:
    """Return what was answered; raise the first of what was raised instead."""
    answers: list[T] = []
    for one in ended:
        if isinstance(one, BaseException):
            raise one
        answers.append(one)
    return answers


async def ensure(get: Callable[[], Awaitable[Any]], begin: Begin[Any], clock: Clock) -> Any:
    """Return the resource: the one that is there, or else the one made now.

    Names are derived from the node, so what is there was made by an earlier try of ours. One that
    is still being made is waited for; one that failed is made again.
    Returns StillRunning("") if it takes longer than an activity should: ask again.
    """
    there = await settled(get, clock)
    return await make(begin, clock) if there is None else there


async def settled(get: Callable[[], Awaitable[Any]], clock: Clock) -> Any:
    """Return the resource that is there, once nobody works on it any more.

    None: there is none, or one that failed. StillRunning(""): it takes long, ask again.
    """
    for look in range(LOOKS_MAX):
        resource = await found(get())
        state = word(getattr(resource, "provisioning_state", None)) or "Succeeded"
        if resource is None or state in BROKEN:
            return None
        if state == "Succeeded":
            return resource
        await clock.sleep(LOOK_EARLY_S if look < EARLY_LOOKS else LOOK_LATE_S)
    return StillRunning(token="")


async def make(begin: Begin[Any], clock: Clock) -> Any:
    """Make the resource now; return it, or StillRunning("") if it is not seen yet."""
    begun = False

    async def noted(polling: Any, token: str | None) -> Any:
        nonlocal begun
        poller = await begin(polling, token)
        begun = True
        return poller

    try:
        made = await follow(noted, clock)
    except HttpResponseError as error:
        if not begun or error.status_code != NOT_FOUND:
            raise
        made = StillRunning(token="")  # made, and the read after it came too early
    # A token would tie this to one resource of several; the next look finds it by name.
    return StillRunning(token="") if isinstance(made, StillRunning) else made
