"""What we remember of each market."""

from shared.model.market import MarketMemory
from store.codec import json_of, json_values
from store.keys import encode, join
from store.rows import Mode, Table, Write, in_partition


class Markets:
    """Memories of all markets, by region."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def remember(self, memory: MarketMemory) -> None:
        """Add to what is remembered of a market; a field that is None stays as it was."""
        known = memory.model_dump(mode="json", exclude_none=True)
        values = {
            name: text
            for field, value in known.items()
            for name, text in json_values(field, value).items()
        }
        partition, row = encode(memory.region.lower()), _row_key(memory)
        await self._table.write(Write(Mode.UPSERT_MERGE, partition, row, values))

    async def of_region(self, region: str) -> list[MarketMemory]:
        """Return what is remembered of a region's markets."""
        names = MarketMemory.model_fields
        return [
            MarketMemory.model_validate({name: json_of(row.values, name) for name in names})
            async for row in self._table.query(in_partition(encode(region.lower())))
        ]


def _row_key(memory: MarketMemory) -> str:
    return join(memory.size.lower(), memory.zone or "regional", memory.lifecycle)
