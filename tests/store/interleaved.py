"""A table with somebody else at it: what they do happens just before our next write."""

from collections.abc import AsyncIterator, Awaitable, Callable

from store.rows import PAGE_ROWS_MAX, Span, Stored, Table, Write


class Interleaved:
    def __init__(self, table: Table, somebody: Callable[[], Awaitable[object]]) -> None:
        self._table = table
        self._somebody: list[Callable[[], Awaitable[object]]] = [somebody]

    async def get(self, partition: str, row: str) -> Stored | None:
        return await self._table.get(partition, row)

    def query(self, span: Span, page_rows: int = PAGE_ROWS_MAX) -> AsyncIterator[Stored]:
        return self._table.query(span, page_rows)

    async def write(self, *writes: Write) -> tuple[str, ...]:
        while self._somebody:
            await self._somebody.pop()()
        return await self._table.write(*writes)
