"""Make a resource exist once, whatever was lost on the way."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from azure.core.exceptions import ResourceNotFoundError

from activities.azure.polling import Begin, follow
from activities.azure.words import word
from shared.clock import Clock
from shared.contracts.base import StillRunning

T = TypeVar("T")

SETTLED: Final = frozenset({"Succeeded", "Failed", "Canceled"})
LOOKS_MAX: Final = 100
LOOK_EVERY_S: Final = 1.0


async def found(get: Awaitable[T]) -> T | None:
    """Return what a GET returns, or None if there is no such thing."""
    try:
        return await get
    except ResourceNotFoundError:
        return None


async def ensure(get: Callable[[], Awaitable[Any]], begin: Begin[Any], clock: Clock) -> Any:
    """Return the resource: the one that is there, or else the one made now.

    Names are derived from the node, so what is there was made by an earlier try of ours. One that
    is still being made is waited for; one that failed is made again.
    Returns StillRunning("") if it takes longer than an activity should: ask again.
    """
    resource = await found(get())
    for _ in range(LOOKS_MAX):
        state = word(getattr(resource, "provisioning_state", None)) or "Succeeded"
        if resource is None or state == "Failed":
            break
        if state in SETTLED:
            return resource
        await clock.sleep(LOOK_EVERY_S)
        resource = await found(get())
    else:
        return StillRunning(token="")
    made = await follow(begin, clock)
    # A token would tie this to one resource of several; the next look finds it by name.
    return StillRunning(token="") if isinstance(made, StillRunning) else made
