"""Tables in memory: the `Table` protocol without I/O, threads or a clock, for simulations.

A database is found by its name, in the process that made it, so that whoever opens it again after
a simulated crash finds its rows. What Azure Tables refuses is refused (`store.limits`). ETags come
from a counter, keys sort by code point, and nothing yields to the event loop unless a hook does:
the same calls give the same rows and the same ETags.

Where Azure may do otherwise: a page of a query over partitions can end early there, and writes
wait for each other here only as long as the hooks say.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from pydantic import SecretStr

from store.errors import BadConnection, Unavailable
from store.limits import require_writable
from store.memory_rows import MemoryRows, Page, Place
from store.rows import PAGE_ROWS_MAX, RETRIES, Span, Stored, Table, Write

SCHEME: Final = "memory:"
"""What a setting begins with that names a database in memory."""

SECRETS: Final = "secrets"
"""The table of a call to the secrets."""

Answer = TypeVar("Answer")


class Lost(Exception):  # noqa: N818 - the fact itself
    """Raised by a hook: the request (before) or its reply (after) did not get through.

    The call is made again, as Azure's client does, at most RETRIES times; then it is Unavailable.
    So a write whose reply is lost meets itself.
    """


class Verb(StrEnum):
    """What a call does."""

    GET = "get"
    QUERY = "query"
    """One page."""
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a table, or to the secrets (table SECRETS, rows are their names)."""

    table: str
    verb: Verb
    partition: str
    """The first of a query over several."""
    rows: tuple[str, ...] = ()


Hook = Callable[[Call], Awaitable[None]]


class Database:
    """Tables by name, and the secrets beside them.

    `before` is awaited when a call arrives and `after` when it was done, so that a simulation can
    charge time and make faults: what they raise reaches the caller, `Lost` is tried again.
    """

    def __init__(self) -> None:
        self.before: Hook | None = None
        self.after: Hook | None = None
        self.secrets = MemorySecrets(self)
        self._tables: dict[str, MemoryRows] = {}
        self._writes = 0

    def table(self, name: str) -> Table:
        """Return a table, empty if there was none of that name."""
        return MemoryTable(self, name, self._tables.setdefault(name, MemoryRows(self._next_etag)))

    def rows(self) -> dict[str, list[Stored]]:
        """Return all rows of all tables, in order, for whoever checks what is kept."""
        return {name: rows.all() for name, rows in sorted(self._tables.items())}

    def _next_etag(self) -> str:
        self._writes += 1
        return f'W/"{self._writes}"'

    async def call(self, call: Call, effect: Callable[[], Answer]) -> Answer:
        """Let the hooks at a call, and do it in between, at once."""
        for _ in range(1 + RETRIES):
            try:
                return await self._once(call, effect)
            except Lost:
                continue
        raise Unavailable(f"{call.verb} of {call.table} was lost {1 + RETRIES} times")

    async def _once(self, call: Call, effect: Callable[[], Answer]) -> Answer:
        if self.before:
            await self.before(call)
        try:
            return effect()
        finally:  # a refusal is a reply, too, and can be lost as any other
            if self.after:
                await self.after(call)


class MemorySecrets:
    """The secrets of a database: what a secret store does, under the hooks of its tables."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._values: dict[str, SecretStr] = {}

    async def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret, replacing one of that name."""
        await self._call(Verb.WRITE, name, lambda: self._values.update({name: value}))

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret."""
        return await self._call(Verb.GET, name, lambda: self._values.get(name))

    async def delete(self, name: str) -> None:
        """Forget a secret; an absent one is forgotten already."""
        await self._call(Verb.WRITE, name, lambda: self._values.pop(name, None))

    def names(self) -> tuple[str, ...]:
        """Return the names of all secrets, in order, for whoever looks for forgotten ones."""
        return tuple(sorted(self._values))

    async def _call(self, verb: Verb, name: str, effect: Callable[[], Answer]) -> Answer:
        return await self._database.call(Call(SECRETS, verb, "", (name,)), effect)


class MemoryTable:
    """One table of a database."""

    def __init__(self, database: Database, name: str, rows: MemoryRows) -> None:
        self._database = database
        self._name = name
        self._rows = rows

    async def get(self, partition: str, row: str) -> Stored | None:
        """Read one row."""
        call = Call(self._name, Verb.GET, partition, (row,))
        return await self._database.call(call, lambda: self._rows.get((partition, row)))

    async def query(self, span: Span, page_rows: int = PAGE_ROWS_MAX) -> AsyncIterator[Stored]:
        """Read rows in key order, a page at a time: a page shows what was written until then."""
        most = min(page_rows, PAGE_ROWS_MAX)
        start: Place | None = (span.partition_low, span.row_low)
        while start is not None:
            page, start = await self._page(span, start, most)
            for stored in page:
                yield stored

    async def _page(self, span: Span, start: Place, most: int) -> Page:
        call = Call(self._name, Verb.QUERY, span.partition_low)
        return await self._database.call(call, lambda: self._rows.page(span, start, most))

    async def write(self, *writes: Write) -> tuple[str, ...]:
        """Do all or nothing of at most 100 writes to one partition; return their new ETags."""
        require_writable(writes)
        rows = tuple(write.row for write in writes)
        call = Call(self._name, Verb.WRITE, writes[0].partition, rows)
        return await self._database.call(call, lambda: self._rows.write(writes))


_DATABASES: Final[dict[str, Database]] = {}


def database(name: str) -> Database:
    """Return the database of that name in this process, made on first use."""
    return _DATABASES.setdefault(name, Database())


def forget(name: str) -> None:
    """Drop a database with all it holds; an absent one is dropped already."""
    _DATABASES.pop(name, None)


def database_at(setting: str) -> Database | None:
    """Return the database that a setting `memory:NAME` names; None for any other setting.

    Raises BadConnection for a scheme without a name.
    """
    if not setting.startswith(SCHEME):
        return None
    name = setting.removeprefix(SCHEME)
    if not name:
        raise BadConnection("memory: needs the name of a database after it")
    return database(name)
