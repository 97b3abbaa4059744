"""What product and host log at WARNING and above while a world runs, for whoever tells its story.

Not part of the world's log: texts of exceptions may hold addresses in memory.
"""

import logging
from typing import Final, Self

from local.worlds.loop import OWNER

KEPT: Final = 1_000
"""The latest complaints of a world."""


class Complaints(logging.Handler):
    """Collects, as a context; what a killed host still says is not heard."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        if not getattr(OWNER.get(), "dead", False):
            self.records.append(record)
            del self.records[:-KEPT]

    @property
    def lines(self) -> list[str]:
        """Each as one line."""
        return [f"{one.levelname} {one.name} {one.getMessage()}" for one in self.records]

    def __enter__(self) -> Self:
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_raised: object) -> None:
        logging.getLogger().removeHandler(self)
