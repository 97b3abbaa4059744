"""Rows and the writes to them: what the repositories say, without a word on who stores it."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

TRANSACTION_MAX: Final = 100
"""Writes in one transaction. Source: Azure docs, storage/tables, entity group transactions."""

PAGE_ROWS_MAX: Final = 1_000
"""Rows in one answer. Source: Azure docs, storage/tables, query timeout and pagination."""

RETRIES: Final = 4
"""Tries after the first of a call that broke or was refused for now, inside the backend."""
RACES_MAX: Final = 100
"""Times a lost race for a row is tried again before the caller hears of it as Conflict. In each
some other writer won, and a row has a handful of writers: a hundred means something else is wrong.
"""

Value = str | int | bool
Values = Mapping[str, Value]
"""Properties of a row. Moments are ISO 8601 text, so that every backend keeps the microseconds."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as it was read."""

    partition: str
    row: str
    values: Values
    etag: str


class Mode(StrEnum):
    """How a write treats what is there."""

    INSERT = "insert"
    """There must be no such row: else Conflict."""
    UPSERT = "upsert"
    """Create or replace."""
    UPSERT_MERGE = "upsert_merge"
    """Create, or set the given properties and leave the others."""
    REPLACE = "replace"
    """The row must exist (Gone) and carry the ETag, if one is given (Conflict)."""
    MERGE = "merge"
    """As REPLACE, but leaves the properties that are not given."""
    DELETE = "delete"
    """Alone, an absent row is deleted already; in a transaction it is Gone."""


@dataclass(frozen=True, slots=True)
class Write:
    """One change of one row. `etag` None: whatever is there."""

    mode: Mode
    partition: str
    row: str
    values: Values = field(default_factory=dict)
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """Rows with low <= key < high, by partition and by row; None: no upper bound.

    Equal bounds of the partition mean that one partition. `only` keeps the rows whose properties
    equal these. `columns` reads these properties and leaves the others (empty: reads all).
    """

    partition_low: str
    partition_high: str
    row_low: str = ""
    row_high: str | None = None
    only: Values = field(default_factory=dict)
    columns: tuple[str, ...] = ()


def in_partition(
    partition: str, low: str = "", high: str | None = None, only: Values | None = None
) -> Span:
    """Return the rows of one partition with low <= row key < high."""
    return Span(partition, partition, low, high, only or {})


def with_prefix(partition: str, prefix: str) -> Span:
    """Return the rows of one partition whose row key starts with `prefix`."""
    return in_partition(partition, prefix, after_prefix(prefix))


def after_prefix(prefix: str) -> str:
    """Return the least key that sorts after every key that starts with `prefix`."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


class Table(Protocol):
    """One table. All errors are `store.errors`; each method may be repeated after any of them."""

    async def get(self, partition: str, row: str) -> Stored | None:
        """Read one row."""
        ...

    def query(self, span: Span, page_rows: int = PAGE_ROWS_MAX) -> AsyncIterator[Stored]:
        """Read rows in key order, a page at a time; the caller stops when it has enough."""
        ...

    async def write(self, *writes: Write) -> tuple[str, ...]:
        """Do all or nothing of at most 100 writes to one partition; return their new ETags.

        The ETag of a delete is empty. Raises Conflict, Gone, TooLarge, Unavailable. A lost reply
        is retried inside, so Conflict can be the echo of this very write: who cares reads back.
        """
        ...


async def take(table: Table, span: Span, limit: int) -> list[Stored]:
    """Read the first `limit` rows of a span and no page more."""
    rows: list[Stored] = []
    if limit <= 0:
        return rows
    async for row in table.query(span, page_rows=limit):
        rows.append(row)
        if len(rows) == limit:
            break
    return rows
