"""Answers kept for a while: facts that many nodes ask for and that change slowly."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from azure.core.exceptions import AzureError

from shared.clock import Clock

V = TypeVar("V")


class Kept(Generic[V]):
    """One answer a key, asked for once however many wait for it.

    When asking fails, an answer that is too old is better than none: prices and catalogues a day
    old still rank markets, and a node must come back while Azure's lists are down.
    """

    def __init__(self, clock: Clock, keep_s: float) -> None:
        self._clock = clock
        self._keep = timedelta(seconds=keep_s)
        self._answers: dict[Hashable, tuple[datetime, V]] = {}
        self._asking: defaultdict[Hashable, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: Hashable, ask: Callable[[], Awaitable[V]]) -> V:
        """Return the kept answer, or ask. Raises what `ask` raises if there never was an answer."""
        async with self._asking[key]:
            known = self._answers.get(key)
            now = self._clock.now()
            if known and now - known[0] < self._keep:
                return known[1]
            try:
                answer = await ask()
            except AzureError:
                if known is None:
                    raise
                return known[1]
            self._answers[key] = now, answer
            return answer
