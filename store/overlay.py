"""A store over a store: reads fall through to the one below, writes stay in this process.

For what-if: whatever is done on it leaves no trace. A row is taken over when it is first read or
written, with an ETag of this store's own; from then on it is this store's alone.
"""

from collections.abc import AsyncIterator

from pydantic import SecretStr

from shared.clock import Clock
from store.memory import Database
from store.rows import PAGE_ROWS_MAX, Mode, Span, Stored, Table, Write
from store.secrets import SecretStore
from store.stores import TABLES, Stores

Place = tuple[str, str]


class OverlayTable:
    """One table over another."""

    def __init__(self, below: Table, above: Table) -> None:
        self._below = below
        self._above = above
        self._taken: set[Place] = set()
        self.written: set[Place] = set()
        """Partitions and rows that were written here."""

    async def get(self, partition: str, row: str) -> Stored | None:
        """Read one row."""
        if (partition, row) not in self._taken:
            await self._take((partition, row), await self._below.get(partition, row))
        return await self._above.get(partition, row)

    async def query(self, span: Span, page_rows: int = PAGE_ROWS_MAX) -> AsyncIterator[Stored]:
        """Read rows in key order. What a span holds below is read whole: spans should be small."""
        whole = Span(span.partition_low, span.partition_high, span.row_low, span.row_high)
        async for stored in self._below.query(whole):
            if (stored.partition, stored.row) not in self._taken:
                await self._take((stored.partition, stored.row), stored)
        async for stored in self._above.query(span, page_rows):
            yield stored

    async def write(self, *writes: Write) -> tuple[str, ...]:
        """Do all or nothing of the writes, here alone."""
        for write in writes:
            await self.get(write.partition, write.row)
        etags = await self._above.write(*writes)
        self.written |= {(write.partition, write.row) for write in writes}
        return etags

    async def written_rows(self) -> list[Stored]:
        """Return the rows that were written here and are there still, in order."""
        found = [await self._above.get(*place) for place in sorted(self.written)]
        return [stored for stored in found if stored is not None]

    async def _take(self, place: Place, stored: Stored | None) -> None:
        self._taken.add(place)
        if stored is not None:
            await self._above.write(Write(Mode.UPSERT, *place, stored.values))


class OverlaySecrets:
    """Secrets over secrets."""

    def __init__(self, below: SecretStore, above: SecretStore) -> None:
        self._below = below
        self._above = above
        self._own: set[str] = set()

    async def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret, here alone."""
        self._own.add(name)
        await self._above.put(name, value)

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret."""
        return await (self._above if name in self._own else self._below).get(name)

    async def delete(self, name: str) -> None:
        """Forget a secret, here alone."""
        self._own.add(name)
        await self._above.delete(name)


class Overlay:
    """A whole store over another."""

    def __init__(self, below: Stores, clock: Clock) -> None:
        database = Database()
        self._tables = {
            name: OverlayTable(below.table(name), database.table(name)) for name in TABLES
        }
        secrets = OverlaySecrets(below.secrets, database.secrets)
        self.stores = Stores(self._tables.__getitem__, clock, secrets)

    async def written(self, name: str) -> list[Stored]:
        """Return the rows of a table that were written here and are there still, in order."""
        return await self._tables[name].written_rows()
