"""The clock on the wall, and how settings name another."""

import asyncio
from datetime import UTC, datetime


class WallClock:
    """A `shared.clock.Clock` over the machine's own time."""

    def now(self) -> datetime:
        """Return the present moment."""
        return datetime.now(UTC)  # noqa: TID251 - the one place that asks the machine

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
