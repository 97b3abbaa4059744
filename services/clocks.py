"""The product's clock is a setting: the wall, or a factory named by MOORING_CLOCK."""

import asyncio
import importlib
from datetime import UTC, datetime

from shared.clock import Clock


class WallClock:
    """Time as the machine tells it."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is the clock

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(max(0.0, seconds))


def clock_named(name: str) -> Clock:
    """Return the wall clock for `wall`, else what `module:factory` makes; ValueError if neither."""
    if name == "wall":
        return WallClock()
    module, _, factory = name.partition(":")
    if not module or not factory:
        raise ValueError(f"a clock is `wall` or `module:factory`, not {name!r}")
    clock: Clock = getattr(importlib.import_module(module), factory)()
    return clock
