"""How long secrets are kept: as long as a document names them and a VM may need them."""

from typing import Any

import pytest

from services.nodes import NodeCommands
from services.operations import Operations
from services.retention import Retention
from shared.contracts.node import Claimed
from shared.model.ids import NodeKey
from shared.model.run import Operation, Status
from store.errors import Unavailable
from store.memory import Call, Database, Verb
from store.stores import Stores
from tests.api.harness import ACCOUNT, Starts, open_api
from tests.api.lives import Life, ports_of
from tests.store.worlds import NOON, HandClock, after
from tests.unit.model.documents import LS, PASSWORD, body, drop, put, windows
from triggers.openapi_examples import DELETE

OTHER = PASSWORD + "2"
UNPERSISTED = {"persistence__shouldPersistOsDisk": False}
EXTENSION = {
    "name": "script",
    "type": "CustomScriptExtension",
    "publisher": "Microsoft.Compute",
    "apiVersion": "1.10",
    "minorVersionAutoUpgrade": True,
    "protectedSettings": {"commandToExecute": "whisper"},
}


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def life(clock: HandClock) -> Life:
    kept = Database()
    stores = Stores(kept.table, clock, kept.secrets)
    return Life(await open_api(stores, clock), kept, ports_of(stores, clock))


def with_extension(**changes: Any) -> dict[str, Any]:
    return windows(compute__launchSpecification__extensions=[EXTENSION], **changes)


def password(text: str) -> dict[str, Any]:
    return put({}, f"{LS}.login.password", text)


async def test_a_node_that_is_gone_leaves_no_secret(life: Life) -> None:
    key = await life.create(with_extension())
    node = await life.claim(key)
    assert len(life.kept.secrets.names()) == 2

    for _ in range(2):  # the reply of the first was lost
        await life.settle(node, Status.DEALLOCATING, gone=True)

    assert life.kept.secrets.names() == ()
    assert await life.ports.stores.nodes.get(key) is None


async def test_a_node_deleted_after_its_password_was_spent_leaves_nothing_of_it(
    life: Life,
) -> None:
    key = await life.active(with_extension())
    assert (await life.call("DELETE", f"/{key.node_id}", DELETE)).status == 200

    await life.settle(await life.claim(key, Status.DEALLOCATING), Status.DEALLOCATING, gone=True)

    assert life.kept.secrets.names() == ()


async def test_the_password_of_a_persisted_os_disk_goes_once_the_node_is_up(life: Life) -> None:
    key = await life.create(with_extension())
    assert await life.password(key) == PASSWORD

    await life.come_up(key)

    assert await life.password(key) is None
    settings = [name for name in life.kept.secrets.names() if "-ext-" in name]
    assert len(settings) == 1  # extensions are installed anew on each VM


@pytest.mark.parametrize("status", [Status.PENDING, Status.ERROR])
async def test_a_launch_that_did_not_succeed_keeps_the_password(life: Life, status: Status) -> None:
    key = await life.create(windows())

    await life.come_up(key, status)

    assert await life.password(key) == PASSWORD


@pytest.mark.parametrize(
    "changes",
    [UNPERSISTED, {"persistence__osDiskPersistenceMode": "onLaunch"}],
    ids=["not persisted", "onLaunch"],
)
async def test_a_password_that_a_later_vm_may_need_stays(
    life: Life, changes: dict[str, Any]
) -> None:
    key = await life.active(windows(**changes))

    assert await life.password(key) == PASSWORD


async def test_the_document_with_its_password_can_be_sent_again_after_that(life: Life) -> None:
    key = await life.active(windows())

    same = await life.put(key, windows())
    edited = await life.put(key, windows(description="edited"))

    assert (same.status, edited.status) == (200, 200)
    assert (await life.record(key)).version == 2
    assert await life.password(key) is None


async def test_another_password_is_still_told_from_it_and_refused(life: Life) -> None:
    """R17: the login is on the disk."""
    key = await life.active(windows())

    answer = await life.put(key, password(OTHER))

    assert answer.fields == [f"statefulNode.{LS}.login.password"]
    assert answer.codes == ["LOCKED_FIELD"]


async def test_a_replacement_of_the_node_works_without_the_password(life: Life) -> None:
    key = await life.active(windows())
    before = await life.record(key)
    await lock(life, key)

    node = await life.claim(key, Status.RESUMING)
    await life.settle(node, Status.ACTIVE)

    after_it = await life.record(key)
    assert isinstance(node, Claimed)
    assert after_it.document == before.document
    assert after_it.run.status is Status.ACTIVE


async def lock(life: Life, key: NodeKey) -> Operation:
    record = await life.record(key)
    assert record.operation
    operation = record.operation.model_copy(
        update={"id": f"{record.operation.id}-2", "claimed_at": None, "finished_at": None}
    )
    assert await life.ports.stores.nodes.lock(record, operation)
    return operation


async def test_a_node_that_will_need_a_password_again_must_be_sent_it(life: Life) -> None:
    key = await life.active(windows())
    change = put({}, "persistence.shouldPersistOsDisk", False)

    refused = await life.put(key, change)
    accepted = await life.put(key, put(change, f"{LS}.login.password", PASSWORD))

    assert refused.fields == [f"statefulNode.{LS}.login.password"]
    assert "deleted after the first launch" in refused.errors[0]["message"]
    assert accepted.status == 200, accepted.body
    assert await life.password(key) == PASSWORD
    assert len(life.kept.secrets.names()) == 1  # and nothing is left of the spent one


async def test_a_disk_that_is_rebuilt_from_now_on_carries_its_users_too(life: Life) -> None:
    key = await life.active(windows())

    answer = await life.put(key, put({}, "persistence.osDiskPersistenceMode", "onLaunch"))

    assert answer.status == 200


async def test_an_update_keeps_the_new_secret_and_drops_the_old(life: Life) -> None:
    key = await life.active(windows(**UNPERSISTED))

    assert (await life.put(key, password(OTHER))).status == 200

    assert await life.password(key) == OTHER
    assert len(life.kept.secrets.names()) == 1


async def test_an_old_secret_goes_only_after_the_new_document_is_stored(life: Life) -> None:
    key = await life.active(windows(**UNPERSISTED))
    seen: list[str] = []

    async def see(call: Call) -> None:
        if call.verb is Verb.WRITE and call.table in ("secrets", "nodes", "upkeep"):
            seen.append(call.table)

    life.kept.before = see
    await life.put(key, password(OTHER))

    assert seen[:3] == ["upkeep", "secrets", "nodes"]
    assert set(seen[3:]) == {"secrets"}


async def test_a_refused_create_puts_no_secret(life: Life) -> None:
    document = drop(with_extension(), "name")

    assert (await life.call("POST", "", body(document))).status == 400

    assert life.kept.secrets.names() == ()


async def test_a_refused_update_puts_no_secret(life: Life) -> None:
    key = await life.active(windows())
    names = life.kept.secrets.names()

    change = put(password(OTHER), f"{LS}.extensions", [EXTENSION])
    assert (await life.put(key, change)).status == 400

    assert life.kept.secrets.names() == names


async def test_a_lost_race_drops_the_secret_of_its_loser(life: Life) -> None:
    key = await life.active(windows(**UNPERSISTED))
    rivals = ["first", "second"]

    async def interfere(call: Call) -> None:
        if call.table == "nodes" and call.rows == ("doc",) and rivals:
            description = rivals.pop()
            await life.put(key, {"description": description})

    life.kept.before = interfere
    assert (await life.put(key, password(OTHER))).status == 200

    assert await life.password(key) == OTHER
    assert len(life.kept.secrets.names()) == 1


async def test_a_taken_node_id_leaves_no_secret_under_it(clock: HandClock) -> None:
    kept = Database()
    stores = Stores(kept.table, clock, kept.secrets)
    # node id, operation id, secrets' id; the second node meets the first one's id once.
    numbers = iter(["0a", "01", "02", "0a", "03", "04", "0b", "05", "06"])
    commands = NodeCommands(stores, Operations(stores.due, clock, lambda: f"{next(numbers):0>8}"))

    for _ in range(2):
        await commands.create(ACCOUNT, body(windows()), Starts())

    assert len(kept.secrets.names()) == 2
    assert sorted(name[:12] for name in kept.secrets.names()) == ["ssn-0000000a", "ssn-0000000b"]


@pytest.mark.parametrize("table", ["nodes", "secrets"])
async def test_what_a_broken_create_left_is_found_by_retention(
    life: Life, clock: HandClock, table: str
) -> None:
    async def fail(call: Call) -> None:
        if call.table == table and call.verb is Verb.WRITE:
            raise Unavailable("out")

    life.kept.after = fail
    if table == "nodes":
        life.kept.before, life.kept.after = fail, None
    assert (await life.call("POST", "", body(windows()))).status >= 500
    life.kept.before = life.kept.after = None
    assert len(life.kept.secrets.names()) == 1

    clock.moment = after(3_601)
    await Retention(life.ports.stores, clock).purge()

    assert life.kept.secrets.names() == ()


async def test_an_edit_while_an_operation_runs_leaves_the_old_secret_to_retention(
    life: Life, clock: HandClock
) -> None:
    key = await life.active(windows(**UNPERSISTED))
    await lock(life, key)

    assert (await life.put(key, password(OTHER))).status == 200
    assert len(life.kept.secrets.names()) == 2

    clock.moment = after(3_601)
    await Retention(life.ports.stores, clock).purge()
    assert len(life.kept.secrets.names()) == 1
    assert await life.password(key) == OTHER


async def test_an_update_of_a_node_that_just_went_finds_none_and_leaves_no_secret(
    life: Life,
) -> None:
    key = await life.active(windows(**UNPERSISTED))
    gone = life.ports.stores.nodes

    async def vanish(call: Call) -> None:
        if call.table == "nodes" and call.rows == ("doc",):
            life.kept.before = None
            await gone.delete(key)

    life.kept.before = vanish
    answer = await life.put(key, password(OTHER))

    assert answer.status == 400
    assert len(life.kept.secrets.names()) == 1  # the one in force: settling the delete takes it
