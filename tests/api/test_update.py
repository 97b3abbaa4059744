import asyncio
from typing import Any

from shared.model.ids import node_key
from shared.model.run import Status
from tests.api.harness import ACCOUNT, PATH, Api
from tests.store.worlds import HandClock
from tests.unit.model.documents import LS, PASSWORD, body, put, windows
from triggers.openapi_examples import UPDATE


async def active(api: Api, document: dict[str, Any] | None = None) -> str:
    node_id = await api.created(body(document))
    await api.settle(node_id, Status.ACTIVE)
    return node_id


async def test_an_update_answers_the_whole_node_and_moves_updated_at(
    api: Api, clock: HandClock
) -> None:
    node_id = await active(api)
    await clock.sleep(60)

    answer = await api.call("PUT", f"{PATH}/{node_id}", UPDATE)

    assert answer.status == 200
    item = answer.items[0]
    assert item["description"] == "nightly builds"
    assert item["strategy"]["revertToSpot"] == {"performAt": "never"}
    assert item["compute"]["os"] == "Linux"
    assert item["createdAt"] == "2026-11-23T12:00:00.000Z"
    assert item["updatedAt"] == "2026-11-23T12:01:00.000Z"
    assert (await api.call("GET", f"{PATH}/{node_id}")).items == [item]


async def test_the_edit_of_what_was_read_changes_nothing_not_even_the_version(api: Api) -> None:
    node_id = await active(api)
    shown = (await api.call("GET", f"{PATH}/{node_id}")).items[0]

    answer = await api.call("PUT", f"{PATH}/{node_id}", {"statefulNode": shown})

    record = await api.stores.nodes.get(node_key(ACCOUNT, node_id))
    assert answer.items == [shown]
    assert record is not None
    assert record.version == 1


async def test_terraforms_update_of_nothing_is_accepted_in_any_status(api: Api) -> None:
    node_id = await api.created(body())
    nothing: dict[str, Any] = {"strategy": {}, "scheduling": {}, "persistence": {}}
    put(nothing, f"{LS}.loadBalancersConfig", {})

    answer = await api.call("PUT", f"{PATH}/{node_id}", {"statefulNode": nothing})

    assert answer.status == 200


async def test_an_edit_before_the_first_launch_is_refused_with_what_is_allowed(api: Api) -> None:
    """S40."""
    node_id = await api.created(body())

    answer = await api.call("PUT", f"{PATH}/{node_id}", UPDATE)

    assert answer.status == 400
    assert answer.codes == ["ACTION_NOT_ALLOWED"]
    assert "PENDING" in answer.errors[0]["message"]
    assert "delete" in answer.errors[0]["message"]


async def test_persistence_cannot_be_edited_while_paused_but_the_rest_can(api: Api) -> None:
    """R20, R24."""
    node_id = await api.created(body())
    await api.settle(node_id, Status.PAUSED)
    persistence = put({}, "persistence.shouldPersistNetwork", True)

    refused = await api.call("PUT", f"{PATH}/{node_id}", {"statefulNode": persistence})

    assert refused.fields == ["statefulNode.persistence.shouldPersistNetwork"]
    assert (await api.call("PUT", f"{PATH}/{node_id}", UPDATE)).status == 200


async def test_a_locked_field_is_refused_by_name(api: Api) -> None:
    """R17."""
    node_id = await active(api)
    change = put({}, f"{LS}.image.marketplace.sku", "other")

    answer = await api.call("PUT", f"{PATH}/{node_id}", {"statefulNode": change})

    assert answer.status == 400
    assert answer.fields == [f"statefulNode.{LS}.image.marketplace.sku"]


async def test_two_edits_at_one_moment_both_arrive(api: Api) -> None:
    node_id = await active(api)
    changes = [{"description": "d"}, {"name": "n"}, put({}, "strategy.drainingTimeout", 7)]

    answers = await asyncio.gather(
        *(api.call("PUT", f"{PATH}/{node_id}", {"statefulNode": change}) for change in changes)
    )

    assert [answer.status for answer in answers] == [200, 200, 200]
    item = (await api.call("GET", f"{PATH}/{node_id}")).items[0]
    assert (item["description"], item["name"], item["strategy"]["drainingTimeout"]) == ("d", "n", 7)


async def test_a_new_password_replaces_the_old_one_in_the_secret_store(api: Api) -> None:
    document = put(windows(), "persistence.shouldPersistOsDisk", False)
    node_id = await active(api, document)
    key = node_key(ACCOUNT, node_id)
    before = await api.stores.nodes.get(key)
    change = put({}, f"{LS}.login.password", PASSWORD + "2")

    answer = await api.call("PUT", f"{PATH}/{node_id}", {"statefulNode": change})

    after = await api.stores.nodes.get(key)
    assert answer.status == 200
    assert before is not None
    assert after is not None
    old, new = (
        record.document["compute"]["launchSpecification"]["login"]["passwordRef"]
        for record in (before, after)
    )
    assert await api.stores.secrets.get(old) is None
    secret = await api.stores.secrets.get(new)
    assert secret is not None
    assert secret.get_secret_value() == PASSWORD + "2"
