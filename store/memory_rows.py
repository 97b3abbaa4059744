"""The rows of one table in memory: what a write makes of them, and what a query finds."""

from bisect import bisect_left, insort
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from store.errors import Conflict, Gone
from store.limits import require_writable
from store.rows import Mode, Span, Stored, Value, Values, Write

Place = tuple[str, str]
"""Partition and row key."""
Page = tuple[list[Stored], Place | None]
"""Rows of a query, and the place where the next page begins."""

_MERGES: Final = frozenset({Mode.MERGE, Mode.UPSERT_MERGE})
_UPSERTS: Final = frozenset({Mode.UPSERT, Mode.UPSERT_MERGE})


class MemoryRows:
    """Rows by place, and their places in order. No row changes: a write puts another there."""

    def __init__(self, next_etag: Callable[[], str]) -> None:
        self._next_etag = next_etag
        self._at: dict[Place, Stored] = {}
        self._order: list[Place] = []

    def get(self, place: Place) -> Stored | None:
        """Return the row of a place."""
        return self._at.get(place)

    def all(self) -> list[Stored]:
        """Return all rows in order."""
        return [self._at[place] for place in self._order]

    def write(self, writes: tuple[Write, ...]) -> tuple[str, ...]:
        """Do all writes or none; return their ETags. Raises Conflict, Gone, TooLarge."""
        made = [self._made(write, alone=len(writes) == 1) for write in writes]
        return tuple(self._put(write, row) for write, row in zip(writes, made, strict=True))

    def page(self, span: Span, start: Place, most: int) -> Page:
        """Return at most so many rows of a span from a place on, and the place of the next."""
        page: list[Stored] = []
        for index in range(bisect_left(self._order, start), self._end(span)):
            row = self._at[self._order[index]]
            if not _in_span(row, span):
                continue
            if len(page) == most:
                return page, self._order[index]
            page.append(_chosen(row, span.columns))
        return page, None

    def _made(self, write: Write, *, alone: bool) -> Values | None:
        """Return what a row will hold; None: it will not be. Raises what the write meets."""
        there = self._at.get((write.partition, write.row))
        _require(write, there, alone=alone)
        if write.mode is Mode.DELETE:
            return None
        if there is None or write.mode not in _MERGES:
            return dict(write.values)
        merged = {**there.values, **write.values}
        require_writable((Write(Mode.UPSERT, write.partition, write.row, merged),))
        return merged

    def _put(self, write: Write, values: Values | None) -> str:
        place = (write.partition, write.row)
        if values is None:
            if self._at.pop(place, None):
                del self._order[bisect_left(self._order, place)]
            return ""
        if place not in self._at:
            insort(self._order, place)
        self._at[place] = Stored(*place, values, self._next_etag())
        return self._at[place].etag

    def _end(self, span: Span) -> int:
        """Return the index after the last row that can be in a span."""
        if span.partition_low != span.partition_high:
            return bisect_left(self._order, (span.partition_high, ""))
        if span.row_high is not None:
            return bisect_left(self._order, (span.partition_high, span.row_high))
        # No key has a control character, so that this comes right after the partition.
        return bisect_left(self._order, (f"{span.partition_high}\0", ""))


def _require(write: Write, there: Stored | None, *, alone: bool) -> None:
    """Raise Conflict or Gone for a write that does not fit what is there."""
    what = f"{write.mode} of {write.partition}/{write.row}"
    if write.mode in _UPSERTS:
        return
    if write.mode is Mode.INSERT:
        if there:
            raise Conflict(f"{what}: it exists")
    elif there is None:
        if write.mode is not Mode.DELETE or not alone:
            raise Gone(f"{what}: it is not there")
    elif write.etag not in (None, there.etag):
        raise Conflict(f"{what}: it changed since it was read")


def _in_span(row: Stored, span: Span) -> bool:
    if row.row < span.row_low or (span.row_high is not None and row.row >= span.row_high):
        return False
    return all(_equal(row.values.get(name), value) for name, value in span.only.items())


def _equal(found: Value | None, wanted: Value) -> bool:
    return type(found) is type(wanted) and found == wanted  # True is not 1 to a table


def _chosen(row: Stored, columns: tuple[str, ...]) -> Stored:
    if not columns:
        return row
    return replace(row, values={name: row.values[name] for name in columns if name in row.values})
