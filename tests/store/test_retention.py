from typing import Any

import pytest
from pydantic import SecretStr

from services.retention import Retention
from shared.model.ids import NodeKey, OperationId, node_key
from shared.model.run import RunState
from store.errors import Unavailable
from store.journal import Lineage
from store.memory import Call, Database
from store.rows import Table, in_partition
from store.stores import Stores
from tests.store.nodes_at import created
from tests.store.test_journal import intent
from tests.store.test_log import entry
from tests.store.test_notices import notice
from tests.store.worlds import NOON, VM_ID, HandClock, after, operation
from tests.unit.model.documents import node, put

DAY_S = 86_400
LOGIN = "compute.launchSpecification.login"


def purger(stores: Stores, clock: HandClock) -> Retention:
    return Retention(stores, clock)


def stored_document(password_name: str) -> dict[str, Any]:
    return put(node(), f"{LOGIN}.passwordRef", password_name)


async def count_rows(table: Table, key: NodeKey) -> int:
    found = table.query(in_partition(key.partition))
    return len([row async for row in found])


async def left(stores: Stores, key: NodeKey) -> dict[str, int]:
    tables = {
        "log": stores.log._table,
        "notices": stores.notices._table,
        "journal": stores.journal._table,
    }
    return {name: await count_rows(table, key) for name, table in tables.items()}


async def test_old_lines_of_a_log_go_and_newer_ones_stay(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await created(stores, key)
    lines = [entry("old", 0), entry("at the edge", 10 * DAY_S), entry("new", 60 * DAY_S)]
    await stores.log.write(key, lines)
    clock.moment = after(100 * DAY_S)

    purged = await purger(stores, clock).purge()

    kept = await stores.log.read(key, NOON, clock.moment)
    assert [one.message for one in kept] == ["new", "at the edge"]
    assert purged.log == 1


async def test_intents_go_with_their_pointers_but_disks_keep_their_lineage(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await created(stores, key)
    for n in range(3):
        await stores.journal.intend(key, intent(f"step-{n}", n, "op-0"))
    await stores.journal.intend(key, intent("late", 95 * DAY_S, "op-9"))
    lineage = Lineage(child_id=f"{VM_ID}-disk", parent_id=VM_ID, kind="snapshot", at=NOON)
    await stores.journal.add_lineage(key, lineage)
    clock.moment = after(100 * DAY_S)

    purged = await purger(stores, clock).purge()

    assert purged.journal == 3
    assert [one.step for one in await stores.journal.recent(key)] == ["late"]
    assert await stores.journal.of_operation(key, OperationId("op-0")) == []
    assert await stores.journal.lineage(key) == [lineage]


async def test_what_a_running_operation_intended_stays_however_old(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.journal.intend(key, intent("create", 0, "op-1"))
    clock.moment = after(500 * DAY_S)

    assert (await purger(stores, clock).purge()).journal == 0

    await stores.nodes.finish(key, OperationId("op-1"), RunState(), clock.moment)
    assert (await purger(stores, clock).purge()).journal == 1


async def test_only_notices_that_a_verdict_has_read_are_forgotten(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await created(stores, key)
    for n in range(4):
        await stores.notices.add(key, notice(f"e-{n}"))
    heard = await stores.notices.since(key)
    await stores.nodes.put_run(key, RunState(notices_read=heard[1].key))
    clock.moment = after(31 * DAY_S)

    purged = await purger(stores, clock).purge()

    assert purged.notices == 2
    assert [one.event_id for one in await stores.notices.since(key)] == ["e-2", "e-3"]


async def test_a_notice_after_a_purge_still_comes_after_those_before_it(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.notices.add(key, notice("e-0"))
    (first,) = await stores.notices.since(key)
    await stores.nodes.put_run(key, RunState(notices_read=first.key))
    clock.moment = after(31 * DAY_S)
    await purger(stores, clock).purge()

    assert await stores.notices.add(key, notice("e-0"))  # so old that it counts as heard anew

    (again,) = await stores.notices.since(key, first.key)
    assert again.key > first.key


async def test_young_notices_stay(stores: Stores, clock: HandClock, key: NodeKey) -> None:
    await created(stores, key)
    await stores.notices.add(key, notice("e-0"))
    (heard,) = await stores.notices.since(key)
    await stores.nodes.put_run(key, RunState(notices_read=heard.key))
    clock.moment = after(29 * DAY_S)

    assert (await purger(stores, clock).purge()).notices == 0


async def fill(stores: Stores, key: NodeKey) -> None:
    await stores.log.write(key, [entry(f"{n}", n) for n in range(120)])
    await stores.notices.add(key, notice("e-1"))
    await stores.journal.intend(key, intent("create", 0))


async def test_all_that_a_gone_node_left_is_deleted_after_its_time(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await fill(stores, key)
    neighbour = node_key(key.account_id, f"{key.node_id}0")
    await fill(stores, neighbour)
    await stores.upkeep.bury(key, NOON)
    full = await left(stores, key)

    clock.moment = after(29 * DAY_S)
    assert (await purger(stores, clock).purge()).gone == 0
    assert await left(stores, key) == full

    clock.moment = after(31 * DAY_S)
    assert (await purger(stores, clock).purge()).gone == 1
    assert await left(stores, key) == {"log": 0, "notices": 0, "journal": 0}
    assert await left(stores, neighbour) == full
    assert (await purger(stores, clock).purge()).gone == 0


async def test_a_large_remainder_is_deleted_over_several_calls(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await fill(stores, key)
    await stores.upkeep.bury(key, NOON)
    clock.moment = after(31 * DAY_S)
    few = Retention(stores, clock, rows_a_table=50)

    gone = [(await few.purge()).gone for _ in range(3)]

    assert gone == [0, 0, 1]
    assert await left(stores, key) == {"log": 0, "notices": 0, "journal": 0}


async def test_a_node_that_was_noted_and_lives_keeps_all_it_has(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await created(stores, key)
    await stores.notices.add(key, notice("e-1"))
    await stores.upkeep.bury(key, NOON)
    clock.moment = after(31 * DAY_S)

    assert (await purger(stores, clock).purge()).gone == 0

    assert len(await stores.notices.since(key)) == 1


async def test_the_lap_goes_over_all_nodes_of_all_accounts_and_begins_again(
    stores: Stores, clock: HandClock
) -> None:
    keys = [node_key(f"act-{n // 3:08x}", f"ssn-{n:08x}") for n in range(7)]
    for one in keys:
        await created(stores, one)
        await stores.log.write(one, [entry("old")])
    clock.moment = after(100 * DAY_S)
    few = Retention(stores, clock, nodes_a_call=3)

    deleted = [(await few.purge()).log for _ in range(4)]

    assert deleted == [3, 3, 1, 0]
    assert await stores.upkeep.lap() != ""


async def test_a_secret_that_no_document_names_goes_an_hour_after_it_was_noted(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await stores.nodes.create(key, stored_document("named"), RunState(), operation())
    for name in ("named", "orphan"):
        await stores.secrets.put(name, SecretStr("x"))
    await stores.upkeep.note_secrets(key, ("named", "orphan"), NOON)

    clock.moment = after(3_599)
    assert (await purger(stores, clock).purge()).secrets == 0
    clock.moment = after(3_601)
    assert (await purger(stores, clock).purge()).secrets == 1

    assert await stores.secrets.get("named")
    assert await stores.secrets.get("orphan") is None
    assert await stores.upkeep.secrets_noted(clock.moment, 9) == []


async def test_secrets_of_a_node_that_never_came_to_be_go(
    stores: Stores, clock: HandClock, key: NodeKey
) -> None:
    await stores.secrets.put("orphan", SecretStr("x"))
    await stores.upkeep.note_secrets(key, ("orphan",), NOON)
    clock.moment = after(3_601)

    assert (await purger(stores, clock).purge()).secrets == 1
    assert await stores.secrets.get("orphan") is None


async def test_one_nodes_failure_is_its_own(
    clock: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Database()
    stores = Stores(kept.table, clock, kept.secrets)
    keys = [node_key("act-00000001", f"ssn-{n:08x}") for n in range(3)]
    for one in keys:
        await created(stores, one)
        await stores.log.write(one, [entry("old")])
    clock.moment = after(100 * DAY_S)

    async def fail(call: Call) -> None:
        if call.table == "log" and call.partition == keys[1].partition:
            raise Unavailable("out")

    kept.before = fail

    assert (await purger(stores, clock).purge()).log == 2
    assert "retention.failed" in caplog.text
