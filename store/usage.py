"""Usage: what each node has used, by day; and the interval that is not over yet.

A node's rows share a partition, so that an interval is closed, its days are added to and the next
interval is opened in one transaction, guarded by the ETag of row `open`. Whoever is killed over it,
or does it twice, has counted nothing or everything once.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from shared.model.ids import NodeKey
from shared.model.usage import Day, Open, Rates, Running, Used
from shared.policy.usage import is_same_day, next_open, shares, with_used
from store.codec import model_of, model_values
from store.dropping import drop_span
from store.errors import Conflict, Gone
from store.keys import encode, partition_of
from store.rows import RACES_MAX, Mode, Span, Stored, Table, Write, in_partition, take

AT_ONCE: Final = timedelta(days=90)
"""Longest piece of an interval that is closed at once: a transaction holds 100 rows."""
_OPEN: Final = "open"
_DAY: Final = "d-"
_LAP: Final = "~lap"
"""Sorts behind every node's partition."""

Days = list[tuple[str, date, Day]]
"""Parts of nodes' days, each with what tells the node from others; in no order."""


@dataclass(frozen=True)
class _Seen:
    """Row `open` as it was read."""

    open: Open | None
    etag: str | None = None


class Usage:
    """The usage of all nodes."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def mark(
        self, key: NodeKey, running: Running | None, now: datetime, rates: Rates | None = None
    ) -> None:
        """Say what runs now: count what ran until now, and begin to count what runs from now on.

        A repeat changes nothing. `rates` are told when they are known; they hold for the interval
        that is open, and other ones begin an interval. Raises Conflict, Unavailable.
        """
        for _ in range(RACES_MAX):
            seen = await self._seen(key)
            coming = _coming(seen.open, running, now, rates)
            if coming is None:
                return
            try:
                if await self._advance(key, seen, coming):
                    return
            except (Conflict, Gone):
                continue
        raise Conflict(f"row open of {key.node_id} would not hold still")

    async def _advance(self, key: NodeKey, seen: _Seen, coming: Open) -> bool:
        """Count up to where `coming` begins, and open it; False: there is more to count."""
        was = seen.open
        if was and was.rates is None and was.running == coming.running:
            was = was.model_copy(update={"rates": coming.rates})  # told late: they held all along
        whole = was is None or coming.since - was.since <= AT_ONCE
        if was and not whole:
            coming = was.model_copy(update={"since": was.since + AT_ONCE})
        days = [*shares(was, coming.since)] if was else []
        writes = [await self._day_write(key, day, used) for day, used in days]
        mode = Mode.REPLACE if seen.open else Mode.INSERT
        opened = Write(mode, partition_of(key), _OPEN, model_values("open", coming), seen.etag)
        await self._table.write(*writes, opened)
        return whole

    async def _day_write(self, key: NodeKey, day: date, used: Used) -> Write:
        stored = await self._table.get(partition_of(key), _day_row(day))
        known = _day_of(stored) if stored else Day()
        values = model_values("day", with_used(known, used))
        mode, etag = (Mode.REPLACE, stored.etag) if stored else (Mode.INSERT, None)
        return Write(mode, partition_of(key), _day_row(day), values, etag)

    async def _seen(self, key: NodeKey) -> _Seen:
        stored = await self._table.get(partition_of(key), _OPEN)
        return _Seen(_open_of(stored), stored.etag) if stored else _Seen(None)

    async def of_node(self, key: NodeKey, first: date, last: date, now: datetime) -> Days:
        """Return what a node used on these days, up to now. A node that is gone keeps its days."""
        span = in_partition(partition_of(key))
        return await self._days(span.partition_low, span.partition_high, (first, last), now)

    async def of_account(self, account_id: str, first: date, last: date, now: datetime) -> Days:
        """Return what all nodes of an account used on these days, up to now."""
        low, high = f"{encode(account_id)}.", f"{encode(account_id)}/"  # "/" sorts after "."
        return await self._days(low, high, (first, last), now)

    async def _days(self, low: str, high: str, days: tuple[date, date], now: datetime) -> Days:
        first, last = days
        closed = Span(low, high, _day_row(first), f"{_day_row(last)}!")
        rows = [row async for row in self._table.query(closed)]
        found = [(row.partition, _date_of(row), _day_of(row)) for row in rows]
        async for row in self._table.query(Span(low, high, _OPEN, f"{_OPEN}!")):
            going = [one for one in shares(_open_of(row), now) if first <= one[0] <= last]
            found += [(row.partition, day, Day(used=(used,))) for day, used in going]
        return found

    async def wants_rates(self, key: NodeKey, running: Running, now: datetime) -> bool:
        """Tell whether rates would be news: none are known, or those of an earlier day."""
        was = (await self._seen(key)).open
        if was is None or was.running != running or was.rates is None:
            return True
        return not is_same_day(was.since, now)

    async def knows(self, key: NodeKey) -> bool:
        """Tell whether a node has ever run, as far as is remembered."""
        return (await self._seen(key)).open is not None

    async def purge(self, before: date, nodes: int) -> int:
        """Delete days before a date, of the next so many nodes; return how many there were.

        Goes round all nodes, call by call. A node without a day that has stopped is forgotten.
        """
        lap = await self._table.get(_LAP, _LAP)
        low = f"{lap.values['at']}!" if lap and lap.values["at"] else ""
        opens = await take(self._table, Span(low, _LAP, _OPEN, f"{_OPEN}!"), nodes)
        dropped = 0
        for stored in opens:
            dropped += await self._purge(stored, before)
        at = opens[-1].partition if len(opens) == nodes else ""
        await self._table.write(Write(Mode.UPSERT, _LAP, _LAP, {"at": at}))
        return dropped

    async def _purge(self, stored: Stored, before: date) -> int:
        old = in_partition(stored.partition, _DAY, _day_row(before))
        dropped = await drop_span(self._table, old, AT_ONCE.days)
        is_over = _open_of(stored).running is None
        if is_over and not await take(self._table, in_partition(stored.partition, _DAY, "e"), 1):
            try:
                await self._table.write(
                    Write(Mode.DELETE, stored.partition, _OPEN, {}, stored.etag)
                )
            except Conflict:
                return dropped  # it runs again
        return dropped


def _coming(
    was: Open | None, running: Running | None, now: datetime, rates: Rates | None
) -> Open | None:
    """Return the interval to open; None: the one that is open goes on."""
    if was is None or was.running != running:
        return (
            None if was is None and running is None else _with(next_open(was, running, now), rates)
        )
    if running is None:
        return None
    known = rates or was.rates
    if not is_same_day(was.since, now) or (was.rates is not None and known != was.rates):
        return _with(next_open(was, running, now), known)
    return None if known == was.rates else _with(was, known)


def _with(open_: Open, rates: Rates | None) -> Open:
    return open_.model_copy(update={"rates": rates})


def _day_row(day: date) -> str:
    return f"{_DAY}{day.isoformat()}"


def _date_of(stored: Stored) -> date:
    return date.fromisoformat(stored.row.removeprefix(_DAY))


def _day_of(stored: Stored) -> Day:
    return model_of(stored.values, "day", Day)


def _open_of(stored: Stored) -> Open:
    return model_of(stored.values, "open", Open)
