"""The one way the product learns the time and waits."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the product sees it: the wall in production, scaled or virtual locally."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait `seconds` of this clock's time."""
        ...
