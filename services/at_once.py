"""Several pieces of work at once, but not more than the storage and Azure should be asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

T = TypeVar("T")

AT_ONCE: Final = 16
"""Pieces of work at once: each is a handful of storage calls of some 10 ms, so a storm of 200 nodes
passes in seconds and a minute's tick ends within its minute."""


async def at_once(works: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Run all, AT_ONCE at a time, beginning in order; return their results in order.

    If some raise, the first of them raises here once all have ended.
    """
    room = asyncio.Semaphore(AT_ONCE)

    async def run(work: Callable[[], Awaitable[T]]) -> T:
        async with room:
            return await work()

    ended = await asyncio.gather(*(run(work) for work in works), return_exceptions=True)
    return [_result(one) for one in ended]


def _result(one: T | BaseException) -> T:
    if isinstance(one, BaseException):
        raise one
    return one
