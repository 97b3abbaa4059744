"""Due work: what must happen at a time, found without looking at every node.

A row's partition is `shard!minute`: the shard (0..15) is a hash of the node's id, the minute (UTC)
is the one it falls due in. Shard first, so that one range query per shard reads any stretch of
time. A tick reads from ten minutes before the watermark to the minute after this one, acts on
what is due, then moves the watermark.

- A row never enters a minute that a tick may already have passed: what is due within 60 s goes
  to the minute of now + 60 s, and ticks read that far ahead, so it is not late for that.
- A row whose write took long (up to ten minutes) is behind the watermark, inside the overlap.
- After an outage the watermark stands where it stood, and everything since is read.
- The row key names node, kind, item and moment: nothing overwrites anything else.
"""

import asyncio
import zlib
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.clock import Clock
from shared.model.run import DueItem
from store.codec import model_of, model_values
from store.errors import Conflict
from store.keys import join, time_text
from store.rows import RACES_MAX, Mode, Span, Stored, Table, Write

SHARDS: Final = 16
"""Partitions per minute: each takes 2,000 rows a second.
Source: Azure docs, storage/tables, scalability targets."""
OVERLAP: Final = timedelta(minutes=10)
"""How long a write may take to land and still be read. Longer than any retry of ours waits."""
AHEAD: Final = timedelta(seconds=60)
"""No row enters a minute earlier than this from now."""

_WATERMARK: Final = "watermark"
_START: Final = "000000000000"


class StoredDueItem(DueItem):
    """A due item and the partitions of its rows: two, if it was added twice a minute apart."""

    partitions: tuple[str, ...] = ()


class DueIndex:
    """Everything that falls due, over all nodes."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock

    async def add(self, item: DueItem) -> StoredDueItem:
        """Write an item; a repeat within the minute is the same row."""
        plain = DueItem(**item.model_dump(include=set(DueItem.model_fields)))
        minute = _minute(max(item.due_at, self._clock.now() + AHEAD))
        partition = f"{_shard(item):02d}!{minute}"
        values = model_values("item", plain)
        await self._table.write(Write(Mode.UPSERT, partition, _row_key(item), values))
        return StoredDueItem(**plain.model_dump(), partitions=(partition,))

    async def read_due(self, now: datetime) -> list[StoredDueItem]:
        """Return what is due and not done, oldest first: one range query per shard.

        Whoever acts then calls `done`, or `moved` to try again later, and when all are dealt with
        `advance`. An item neither done nor moved is forgotten ten minutes after `advance`.
        """
        watermark = await self._watermark()
        low = _minute(watermark - OVERLAP) if watermark else _START
        high = _minute(now + AHEAD + timedelta(minutes=1))
        shards = await asyncio.gather(
            *(self._read(Span(f"{n:02d}!{low}", f"{n:02d}!{high}"), now) for n in range(SHARDS))
        )
        return sorted((item for shard in shards for item in shard), key=_order)

    async def done(self, item: DueItem) -> None:
        """Delete an item; one that is not there is done already."""
        partitions = item.partitions if isinstance(item, StoredDueItem) else ()
        for partition in partitions or await self._partitions(item):
            await self._table.write(Write(Mode.DELETE, partition, _row_key(item)))

    async def moved(self, item: DueItem, due_at: datetime) -> StoredDueItem:
        """Put an item off: the later row is there before the earlier one goes."""
        later = await self.add(item.model_copy(update={"due_at": due_at}))
        if _row_key(later) != _row_key(item):
            await self.done(item)
        return later

    async def advance(self, now: datetime) -> None:
        """Say that everything due until `now` was dealt with; never goes back."""
        for _ in range(RACES_MAX):
            stored = await self._table.get(_WATERMARK, _WATERMARK)
            if stored and datetime.fromisoformat(str(stored.values["at"])) >= now:
                return
            mode = Mode.REPLACE if stored else Mode.INSERT
            etag = stored.etag if stored else None
            values = {"at": now.isoformat()}
            try:
                await self._table.write(Write(mode, _WATERMARK, _WATERMARK, values, etag))
            except Conflict:
                continue
            return
        raise Conflict("the watermark would not hold still")

    async def _watermark(self) -> datetime | None:
        stored = await self._table.get(_WATERMARK, _WATERMARK)
        return datetime.fromisoformat(str(stored.values["at"])) if stored else None

    async def _read(self, span: Span, now: datetime) -> list[StoredDueItem]:
        found: dict[str, StoredDueItem] = {}
        async for stored in self._table.query(span):
            item = _item(stored)
            if item.due_at <= now:
                twin = found.get(stored.row)
                partitions = (*twin.partitions, stored.partition) if twin else (stored.partition,)
                found[stored.row] = item.model_copy(update={"partitions": partitions})
        return list(found.values())

    async def _partitions(self, item: DueItem) -> list[str]:
        """Find where an item's rows are: between its own minute and the latest it can be in."""
        latest = max(item.due_at, self._clock.now() + AHEAD) + timedelta(minutes=1)
        shard, row_key = f"{_shard(item):02d}", _row_key(item)
        span = Span(
            f"{shard}!{_minute(item.due_at)}",
            f"{shard}!{_minute(latest)}",
            row_key,
            f"{row_key}!",
        )
        return [stored.partition async for stored in self._table.query(span)]


def _item(stored: Stored) -> StoredDueItem:
    return model_of(stored.values, "item", StoredDueItem)


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M")


def _shard(item: DueItem) -> int:
    return zlib.crc32(item.node_id.encode()) % SHARDS


def _row_key(item: DueItem) -> str:
    return join(item.account_id, item.node_id, item.kind, item.item_id, time_text(item.due_at))


def _order(item: DueItem) -> tuple[datetime, str]:
    return item.due_at, _row_key(item)
