"""Deleting many rows: in transactions, and past others who delete the same."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from store.errors import Gone
from store.rows import TRANSACTION_MAX, Mode, Span, Table, Write, take

_NO_COLUMN: Final = ("none",)
"""A column that no row has: only keys are read."""


async def drop_span(table: Table, span: Span, limit: int) -> int:
    """Delete at most `limit` rows of one partition; return how many there were.

    Fewer than `limit`: the span is empty now. A repeat goes on where this one ended.
    """
    found = await take(table, replace(span, columns=_NO_COLUMN), limit)
    await drop_rows(table, span.partition_low, [stored.row for stored in found])
    return len(found)


async def drop_rows(table: Table, partition: str, rows: Sequence[str]) -> None:
    """Delete rows of one partition; those that are not there are deleted already."""
    for start in range(0, len(rows), TRANSACTION_MAX):
        deletes = [
            Write(Mode.DELETE, partition, row) for row in rows[start : start + TRANSACTION_MAX]
        ]
        try:
            await table.write(*deletes)
        except Gone:  # one was deleted meanwhile, and so none of these was
            for delete in deletes:
                await table.write(delete)
