"""The one SQLite file in which all durable state lives.

Write-ahead log with full synchronisation: what was committed survives the loss of the process and
of the machine. The host holds the file exclusively: two hosts on one file would run work twice.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS instances (
    id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, version TEXT,
    parent TEXT, parent_execution TEXT, parent_task INTEGER,
    input TEXT, output TEXT, custom_status TEXT, status TEXT NOT NULL,
    waits TEXT NOT NULL DEFAULT '{}', created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS instances_by_creation ON instances (created, id);
CREATE TABLE IF NOT EXISTS history (
    instance TEXT NOT NULL, execution TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (instance, execution, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, execution TEXT,
    body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS inbox_by_instance ON inbox (instance, id);
CREATE TABLE IF NOT EXISTS work (
    instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL, kind TEXT NOT NULL,
    name TEXT NOT NULL, input TEXT, started INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (instance, execution, task)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timers (
    instance TEXT NOT NULL, execution TEXT NOT NULL, task INTEGER NOT NULL, fire_at TEXT NOT NULL,
    PRIMARY KEY (instance, execution, task)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entities (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS entity_inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, entity TEXT NOT NULL, request TEXT NOT NULL,
    operation TEXT NOT NULL, input TEXT NOT NULL, parent TEXT, parent_execution TEXT);
CREATE INDEX IF NOT EXISTS entity_inbox_by_entity ON entity_inbox (entity, seq);
CREATE TABLE IF NOT EXISTS schedules (
    function TEXT PRIMARY KEY, expression TEXT NOT NULL, last TEXT, next TEXT NOT NULL,
    updated TEXT NOT NULL);
"""


class DatabaseBusyError(RuntimeError):
    """Another process holds the file."""


class Memory:
    """What survives a host of simulations: a database that no process outlives, only hosts do."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.row_factory = sqlite3.Row
        self.connection.executescript(SCHEMA)

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()


class Database:
    """One connection, used on the event loop's thread only."""

    def __init__(self, place: Path | str | Memory) -> None:
        self._shared = isinstance(place, Memory)
        self._connection = place.connection if isinstance(place, Memory) else _file(place)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all statements inside together, or none of them."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def execute(self, statement: str, *values: Any) -> int:
        """Run one statement and return how many rows it changed."""
        return self._connection.execute(statement, values).rowcount

    def insert_many(self, statement: str, rows: list[tuple[Any, ...]]) -> None:
        """Run one statement for each row."""
        if rows:
            self._connection.executemany(statement, rows)

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        return self._connection.execute(query, values).fetchall()

    def row(self, query: str, *values: Any) -> sqlite3.Row | None:
        """Return the first row of a query, if it has one."""
        found: sqlite3.Row | None = self._connection.execute(query, values).fetchone()
        return found

    def close(self) -> None:
        """Close the file; what is not committed is gone."""
        if self._shared and self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
        if not self._shared:
            self._connection.close()
        self._connection = CLOSED


CLOSED: Final = sqlite3.connect(":memory:", check_same_thread=False)
CLOSED.close()


def _file(path: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=1.0)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(SCHEMA)
    except sqlite3.OperationalError as problem:
        connection.close()
        raise DatabaseBusyError(f"cannot open {path}: {problem}") from problem
    return connection
