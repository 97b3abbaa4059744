"""Journals: where a world is kept between two runs of the simulator."""

import json
import sqlite3
from datetime import datetime
from pathlib import Path

from local.arm.wire import Json, key_of
from local.arm.world import Due, Resource, Saved

SCHEMA = """
create table if not exists resources (
    key text primary key, id text, type text, body text, sim text
);
create table if not exists agenda (serial integer primary key, at text, effect text, args text);
create table if not exists entries (shelf text, key text, entry text, primary key (shelf, key));
create table if not exists facts (key text primary key, fact text);
"""


class NoJournal:
    """Keeps nothing: for tests and short worlds."""

    def load(self) -> Saved:
        """Return an empty beginning."""
        return Saved()

    def save_resource(self, resource: Resource) -> None:
        """Keep nothing."""

    def drop_resource(self, key: str) -> None:
        """Keep nothing."""

    def save_due(self, due: Due) -> None:
        """Keep nothing."""

    def drop_due(self, serial: int) -> None:
        """Keep nothing."""

    def save_entry(self, shelf: str, key: str, entry: Json) -> None:
        """Keep nothing."""

    def drop_entry(self, shelf: str, key: str) -> None:
        """Keep nothing."""

    def save_facts(self, facts: Json) -> None:
        """Keep nothing."""

    def commit(self) -> None:
        """Keep nothing."""


class SqliteJournal:
    """Keeps a world in one SQLite file.

    Changes are gathered and written in one transaction per commit, so a reader of the file never
    sees half a request. The log is written ahead and synced at checkpoints only: what was committed
    survives the death of the process at any point, though not a power cut.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        self._db.executescript(SCHEMA)
        self._resources: dict[str, Resource | None] = {}
        self._agenda: dict[int, Due | None] = {}
        self._entries: dict[tuple[str, str], Json | None] = {}
        self._facts: dict[str, str] = {}
        """Each fact as it was last written."""
        self._changed_facts: dict[str, str] = {}

    def load(self) -> Saved:
        """Read everything back."""
        saved = Saved()
        for id_, type_, body, sim in self._db.execute("select id, type, body, sim from resources"):
            saved.resources.append(Resource(id_, type_, json.loads(body), json.loads(sim)))
        for serial, at, effect, args in self._db.execute(
            "select serial, at, effect, args from agenda"
        ):
            saved.agenda.append(Due(datetime.fromisoformat(at), serial, effect, json.loads(args)))
        for shelf, key, entry in self._db.execute("select shelf, key, entry from entries"):
            saved.shelves.setdefault(shelf, {})[key] = json.loads(entry)
        self._facts = dict(self._db.execute("select key, fact from facts"))
        saved.facts = {key: json.loads(fact) for key, fact in self._facts.items()}
        return saved

    def save_resource(self, resource: Resource) -> None:
        """Write the resource at the next commit, as it is then."""
        self._resources[key_of(resource.id)] = resource

    def drop_resource(self, key: str) -> None:
        """Remove the resource at the next commit."""
        self._resources[key] = None

    def save_due(self, due: Due) -> None:
        """Write the agenda item at the next commit."""
        self._agenda[due.serial] = due

    def drop_due(self, serial: int) -> None:
        """Remove the agenda item at the next commit."""
        self._agenda[serial] = None

    def save_entry(self, shelf: str, key: str, entry: Json) -> None:
        """Write the entry at the next commit, as it is then."""
        self._entries[shelf, key] = entry

    def drop_entry(self, shelf: str, key: str) -> None:
        """Remove the entry at the next commit."""
        self._entries[shelf, key] = None

    def save_facts(self, facts: Json) -> None:
        """Write those facts that changed at the next commit."""
        texts = {key: json.dumps(fact) for key, fact in facts.items()}
        self._changed_facts = {k: t for k, t in texts.items() if self._facts.get(k) != t}

    def commit(self) -> None:
        """Write all changes in one transaction; no change, no transaction."""
        if not (self._resources or self._agenda or self._entries or self._changed_facts):
            return
        self._db.execute("begin immediate")
        self._write_resources()
        self._write_agenda()
        self._write_entries()
        self._db.executemany(
            "insert or replace into facts values (?, ?)", self._changed_facts.items()
        )
        self._db.execute("commit")
        self._facts.update(self._changed_facts)
        self._resources, self._agenda, self._entries, self._changed_facts = {}, {}, {}, {}

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def _write_resources(self) -> None:
        self._db.executemany(
            "insert or replace into resources values (?, ?, ?, ?, ?)",
            [
                (key, kept.id, kept.type, json.dumps(kept.body), json.dumps(kept.sim))
                for key, kept in self._resources.items()
                if kept
            ],
        )
        self._db.executemany(
            "delete from resources where key = ?",
            [(key,) for key, kept in self._resources.items() if kept is None],
        )

    def _write_agenda(self) -> None:
        self._db.executemany(
            "insert or replace into agenda values (?, ?, ?, ?)",
            [
                (serial, due.at.isoformat(), due.effect, json.dumps(due.args))
                for serial, due in self._agenda.items()
                if due
            ],
        )
        self._db.executemany(
            "delete from agenda where serial = ?",
            [(serial,) for serial, due in self._agenda.items() if due is None],
        )

    def _write_entries(self) -> None:
        self._db.executemany(
            "insert or replace into entries values (?, ?, ?)",
            [(*key, json.dumps(kept)) for key, kept in self._entries.items() if kept is not None],
        )
        self._db.executemany(
            "delete from entries where shelf = ? and key = ?",
            [key for key, entry in self._entries.items() if entry is None],
        )
