"""Azurite and the tables in memory, side by side: the same calls, the same answers."""

from itertools import count
from random import Random

import pytest

from store.errors import StoreError
from store.memory import Database
from store.rows import Mode, Span, Table, Value, Write
from store.stores import Stores
from tests.store.worlds import NOON, HandClock

NUMBERS = count(1)
VALUES: list[Value] = ["", "x", 1, 0, True, False]
KEYS = ("a", "a.1", "a!", "b", "b~", "c'", "d")
CALLS = 120
Etags = dict[tuple[str, str], list[str]]


class Twice:
    """Makes each call on both, and holds the answers beside each other."""

    def __init__(self, azurite: Table, memory: Table) -> None:
        self._sides: tuple[tuple[Table, Etags], ...] = ((azurite, {}), (memory, {}))

    async def write(self, writes: list[Write], version: int) -> None:
        answers = [await self._write(*side, writes, version) for side in self._sides]
        assert answers[0] == answers[1], writes

    async def query(self, span: Span, page_rows: int) -> None:
        found = [
            [(row.partition, row.row, row.values) async for row in table.query(span, page_rows)]
            for table, _ in self._sides
        ]
        assert found[0] == found[1], span

    async def _write(self, table: Table, etags: Etags, writes: list[Write], version: int) -> str:
        """Write with each side's own ETag of that version, if the write asks for one."""
        own = [
            Write(one.mode, one.partition, one.row, one.values, self._etag(etags, one, version))
            for one in writes
        ]
        try:
            answer = await table.write(*own)
        except StoreError as error:
            return type(error).__name__
        for one, etag in zip(writes, answer, strict=True):
            etags.setdefault((one.partition, one.row), []).append(etag)
        return " ".join("etag" if etag else "none" for etag in answer)

    def _etag(self, etags: Etags, write: Write, version: int) -> str | None:
        known = [etag for etag in etags.get((write.partition, write.row), []) if etag]
        return known[version % len(known)] if write.etag and known else None


def some_write(chance: Random, partition: str, row: str) -> Write:
    values = {name: chance.choice(VALUES) for name in chance.sample("xyz", 2)}
    mode = chance.choice(list(Mode))
    conditional = mode in (Mode.REPLACE, Mode.MERGE, Mode.DELETE) and chance.random() < 0.5
    return Write(mode, partition, row, values, "one" if conditional else None)


def some_span(chance: Random) -> Span:
    low, high = sorted(chance.choices(KEYS, k=2))
    row_low = chance.choice(["", *KEYS])
    row_high = chance.choice([None, *(key for key in KEYS if key >= row_low)])
    only = {"x": chance.choice(VALUES)} if chance.random() < 0.3 else {}
    columns = ("x", "y") if chance.random() < 0.3 else ()
    return Span(low, high, row_low, row_high, only, columns)


@pytest.mark.parametrize("seed", range(4))
async def test_the_same_calls_meet_the_same_answers(azurite_connection: str, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - a seed to paste
    clock = HandClock(NOON)
    async with Stores.open(azurite_connection, clock, prefix=f"both{next(NUMBERS)}") as stores:
        both = Twice(stores.log._table, Database().table("log"))
        for _ in range(CALLS):
            if chance.random() < 0.25:
                await both.query(some_span(chance), chance.randint(1, 4))
            else:
                partition = chance.choice(KEYS)
                rows = chance.sample(KEYS, chance.choice([1, 1, 2, 4]))
                writes = [some_write(chance, partition, row) for row in rows]
                await both.write(writes, chance.randint(0, 9))
