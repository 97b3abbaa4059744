"""What happened, read from a simulator in another process."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from local.arm.chronicle import Happening, from_json

PAGE: Final = 2_000
"""Happenings in one answer."""


class Feed:
    """Reads the history of a simulator from where it was last read."""

    def __init__(
        self,
        want: Callable[[str, str], Awaitable[dict[str, Any]]],
        hear: Callable[[Happening], None],
    ) -> None:
        self._want = want
        self._hear = hear
        self._read = 0

    async def skip(self) -> None:
        """Take what happened up to now as none of our business."""
        self._read = int((await self._want("GET", "/_world/history?limit=0"))["last"])

    async def read(self) -> datetime:
        """Tell all that happened since; return the simulator's present, up to which it was told."""
        while True:
            path = f"/_world/history?since={self._read}&limit={PAGE}"
            answer = await self._want("GET", path)
            for told in answer["history"]:
                self._hear(from_json(told))
                self._read = int(told["serial"])
            if self._read >= int(answer["last"]):
                return datetime.fromisoformat(answer["now"])
