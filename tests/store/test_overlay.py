"""A store over a store: what is done on it is seen there, and leaves no trace below."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from shared.model.ids import OperationId, node_key
from shared.model.run import LogEntry, RunState, Status
from store.errors import Conflict
from store.memory import Database
from store.overlay import Overlay
from store.rows import Span, Stored
from store.secrets import SecretStore
from store.stores import Stores
from tests.store.worlds import NOON, HandClock, after, document, operation, running

KEY = node_key("act-0000beef", "ssn-00000001")
OP = OperationId("op-1")


@pytest.fixture
async def below(clock: HandClock) -> Stores:
    kept = Database()
    stores = Stores(kept.table, clock, kept.secrets)
    await stores.nodes.create(KEY, document(), RunState(), operation())
    await stores.nodes.finish(KEY, OP, running(), after(1))
    await stores.log.write(KEY, [LogEntry(at=NOON, message="below")])
    await stores.secrets.put("kept", SecretStr("old"))
    return stores


@pytest.fixture
async def overlay(below: Stores, clock: HandClock) -> AsyncIterator[Overlay]:
    before = {name: await rows(below, name) for name in ("nodes", "nodelist", "log", "due")}
    yield Overlay(below, clock)
    assert {name: await rows(below, name) for name in before} == before


async def rows(stores: Stores, table: str) -> list[Stored]:
    return [row async for row in stores.table(table).query(Span("", "~"))]


async def test_what_is_below_is_seen_until_it_is_changed_above(overlay: Overlay) -> None:
    record = await overlay.stores.nodes.get(KEY)
    assert record is not None
    assert record.run.status is Status.ACTIVE

    again = operation("op-2")
    assert await overlay.stores.nodes.lock(record, again)
    await overlay.stores.nodes.put_run(KEY, RunState(status=Status.PAUSING), again.id)

    changed = await overlay.stores.nodes.get(KEY)
    assert changed is not None
    assert changed.run.status is Status.PAUSING


async def test_a_row_that_is_deleted_above_is_gone_there_alone(
    overlay: Overlay, below: Stores
) -> None:
    await overlay.stores.nodes.delete(KEY)

    assert await overlay.stores.nodes.get(KEY) is None
    assert await overlay.stores.nodes.list(KEY.account_id) == []
    assert await below.nodes.get(KEY) is not None


async def test_a_query_shows_rows_of_both(overlay: Overlay) -> None:
    await overlay.stores.log.write(KEY, [LogEntry(at=after(1), message="above")])

    found = await overlay.stores.log.read(KEY, NOON, after(9))

    assert [one.message for one in found] == ["above", "below"]


async def test_etags_hold_between_a_read_and_a_write_above(overlay: Overlay) -> None:
    record = await overlay.stores.nodes.get(KEY)
    assert record is not None
    await overlay.stores.nodes.put_document(record, document("one"))

    with pytest.raises(Conflict):
        await overlay.stores.nodes.put_document(record, document("two"))


async def test_what_was_written_can_be_told(overlay: Overlay) -> None:
    assert await overlay.written("log") == []

    await overlay.stores.log.write(KEY, [LogEntry(at=after(1), message="above")])

    assert len(await overlay.written("log")) == 1


async def test_secrets_fall_through_until_they_are_put_or_deleted(
    overlay: Overlay, below: Stores
) -> None:
    secrets = overlay.stores.secrets
    assert await value(secrets, "kept") == "old"

    await secrets.put("kept", SecretStr("new"))
    assert await value(secrets, "kept") == "new"
    await secrets.delete("kept")

    assert await value(secrets, "kept") is None
    assert await value(below.secrets, "kept") == "old"


async def value(secrets: SecretStore, name: str) -> str | None:
    found = await secrets.get(name)
    return found.get_secret_value() if found else None
