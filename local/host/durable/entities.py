"""Runs entities: one batch of operations at a time, its state and replies in one commit."""

import json
from collections.abc import Callable, Mapping
from sqlite3 import Row
from typing import Any, Final

from local.host import log
from local.host.durable.events import EventType, event
from local.host.durable.ledger import After, Ledger
from local.host.durable.sdk import hush

BATCH_MAX: Final = 50
"""Operations in one batch. Source: maxEntityOperationBatchSize on the consumption plan."""


class Entities:
    """The entity functions of an app and their queues."""

    def __init__(self, functions: Mapping[str, Callable[..., Any]], ledger: Ledger) -> None:
        self._functions = functions
        self._ledger = ledger
        self._database = ledger.database

    def knows(self, name: str) -> bool:
        """Whether the app has an entity of this name, in any case."""
        return name.lower() in self._functions

    def signal(self, entity: str, operation: str, text: str) -> None:
        """Queue a signal from a client; `text` is the JSON body it sent.

        The SDK's client encodes its input twice, as the entity wants it; other callers do not.
        """
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO entity_inbox (entity, request, operation, input) VALUES (?,?,?,?)",
                entity,
                self._ledger.new_id(),
                operation,
                text if _is_json_in_json(text) else json.dumps(text),
            )

    def state(self, entity: str) -> str | None:
        """Return an entity's state as JSON text, None if it does not exist."""
        row = self._database.row("SELECT state FROM entities WHERE id = ?", entity)
        return row["state"] if row else None

    def run(self, entity: str) -> After:
        """Run the next batch of an entity, if it has one."""
        after = After()
        with self._database.transaction():
            rows = self._database.rows(
                "SELECT * FROM entity_inbox WHERE entity = ? ORDER BY seq LIMIT ?",
                entity,
                BATCH_MAX,
            )
            if rows:
                self._batch(entity, rows, after)
        return after

    def _batch(self, entity: str, rows: list[Row], after: After) -> None:
        answer = self._ask(entity, rows)
        if answer["entityExists"]:
            self._keep(entity, answer["entityState"])
        else:
            self._database.execute("DELETE FROM entities WHERE id = ?", entity)
        for row, result in zip(rows, answer["results"], strict=True):
            if row["parent"] is not None:
                self._reply(row, result)
                after.instances.append(row["parent"])
        self._database.insert_many(
            "DELETE FROM entity_inbox WHERE seq = ?", [(row["seq"],) for row in rows]
        )
        after.entities.append(entity)

    def _ask(self, entity: str, rows: list[Row]) -> dict[str, Any]:
        _, name, key = entity.split("@", 2)
        state = self.state(entity)
        batch = [
            {"name": row["operation"], "input": row["input"], "isSignal": row["parent"] is None}
            for row in rows
        ]
        context = {
            "self": {"name": name, "key": key},
            "exists": state is not None,
            "state": state,
            "batch": batch,
        }
        hush()
        try:
            answer: dict[str, Any] = json.loads(self._functions[name](json.dumps(context)))
        except Exception as problem:  # noqa: BLE001 - the batch is answered, the entity unchanged
            log.error("entity_failed", entity=entity, reason=repr(problem))
            failure = {"isError": True, "result": json.dumps(repr(problem))}
            return {
                "entityExists": state is not None,
                "entityState": state,
                "results": [failure for _ in rows],
            }
        return answer

    def _keep(self, entity: str, state: str | None) -> None:
        now = self._ledger.now()
        self._database.execute(
            "INSERT INTO entities VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET state = excluded.state, updated = excluded.updated",
            entity,
            state if state is not None else "null",
            now,
            now,
        )

    def _reply(self, row: Row, result: dict[str, Any]) -> None:
        reply = {"result": result.get("result") or "null"}
        if result.get("isError"):
            reply["exceptionType"] = "System.Exception"
        body = event(
            EventType.EVENT_RAISED, self._ledger.now(), Name=row["request"], Input=json.dumps(reply)
        )
        self._ledger.post(row["parent"], row["parent_execution"], body)


def _is_json_in_json(text: str) -> bool:
    try:
        json.loads(json.loads(text))
    except (TypeError, ValueError):
        return False
    return True
