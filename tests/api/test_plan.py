"""What a plan says is what its run does, in whole worlds on virtual time."""

import json
import re
from typing import Any

import pytest

from activities.vm_read import READS
from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, Answer, InProcess
from local.worlds.options import Options
from services.plan.plans import parse_plan
from shared.model.problems import Rejected
from tests.api.test_openapi import conforms
from tests.virtual import sources
from tests.virtual.support import active_node, document, evict, status, tell, vm_path

Json = dict[str, Any]
PLAN = f"{NODES}/plan"
ARM_WRITE = re.compile(r"(PUT|POST|PATCH|DELETE) (\S+?)\?\S* .*-> (\d+)")
ENOUGH_S = 240.0
"""Longer than any operation of these worlds but an import."""
IMPORTED_S = 900.0
SCRATCH = {"dataDiskName": "scratch", "dataDiskResourceGroupName": "mooring-demo"}
NOW: Json = {"shouldDeallocate": True, "ttlInHours": 0}
EVERYTHING: Json = {
    "shouldTerminateVm": True,
    "diskDeallocationConfig": NOW,
    "snapshotDeallocationConfig": NOW,
    "networkDeallocationConfig": NOW,
    "publicIpDeallocationConfig": NOW,
}
QUIET = Options(events=False)


async def planned(world: InProcess, **body: Any) -> Json:
    """Ask for a plan."""
    answer = await world.api("POST", PLAN, body)
    assert answer.status == 200, answer.body
    conforms(answer.body, "PlanToldAnswer")
    return answer.items[0]


async def run(world: InProcess, plan: Json, **body: Any) -> Answer:
    """Run a call as it was planned."""
    return await world.api("POST", PLAN, {**body, "planId": plan["planId"]})


def writes(plan: Json) -> list[str]:
    """Return what a plan writes to Azure, each thing once."""
    return sorted(
        {undated(f"{one['method']} {one['resourceId']}{of_action(one)}") for one in plan["calls"]}
    )


def of_action(call: Json) -> str:
    return f"/{call['action']}" if call["method"] == "POST" else ""


def written(world: InProcess, since: int) -> list[str]:
    """Return what was written to Azure since an entry of the world's log, each thing once."""
    found = [ARM_WRITE.match(one.text) for one in world.log.entries[since:] if one.kind == "arm"]
    return sorted({undated(f"{m[1]} {m[2]}") for m in found if m and int(m[3]) < 300})


def undated(write: str) -> str:
    """Names of copies carry a moment, and that of the run is another than the plan's."""
    return re.sub(r"\d{14}", "#", write.lower())


async def as_planned(world: InProcess, **body: Any) -> Json:
    """Plan a call and run it; what is written must be what was planned."""
    plan = await planned(world, **body)
    since = len(world.log.entries)
    started = await run(world, plan, **body)
    assert started.status == 200, started.body
    assert started.items[0]["started"]
    node_id = str(plan["nodeId"])
    await world.sleep(ENOUGH_S)
    assert written(world, since) == writes(plan), body["action"]
    ends = plan["node"]["after"]["status"] if plan["node"]["after"] else ""
    assert await status(world, node_id) == ends, body["action"]
    return plan


def missing(part: Any, whole: Any, at: str = "") -> list[str]:
    """Return where a resource does not say what a body said; secrets are never told."""
    if isinstance(part, dict) and isinstance(whole, dict):
        named = {name.lower(): value for name, value in whole.items()}
        return [
            place
            for name, value in part.items()
            for place in missing(value, named.get(name.lower()), f"{at}.{name}")
        ]
    if isinstance(part, list) and isinstance(whole, list):
        pairs = zip(part, whole, strict=True)
        return [place for one, other in pairs for place in missing(one, other, f"{at}[]")]
    is_told = part in ("***", None, whole) or str(part).lower() == str(whole).lower()
    return [] if is_told else [at]


def test_a_whole_life_is_written_to_azure_as_it_was_planned() -> None:
    async def story(world: InProcess) -> tuple[Json, dict[str, Json], Any]:
        made = await as_planned(world, action="create", **document())
        node_id = made["nodeId"]
        vm = await world.azure.ask("GET", await vm_path(world, node_id))
        plans = {"create": {**made, "vm": vm}}
        for action in ("stop", "start", "pause", "resume", "recycle"):
            plans[action] = await as_planned(world, action=action, nodeId=node_id)
        size = {"sizeGB": 16, "storageAccountType": "Premium_LRS", "zone": "1"}
        attach = {**SCRATCH, **size}
        plans["attach"] = await as_planned(world, action="attach", nodeId=node_id, **attach)
        detach = {**SCRATCH, "shouldDeallocate": True, "ttlInHours": 0}
        plans["detach"] = await as_planned(world, action="detach", nodeId=node_id, **detach)
        await as_planned(world, action="pause", nodeId=node_id)
        plans["swap"] = await as_planned(world, action="swap", nodeId=node_id, **await copy(world))
        await as_planned(world, action="resume", nodeId=node_id)
        ended = {"nodeId": node_id, "deallocationConfig": EVERYTHING}
        plans["delete"] = await as_planned(world, action="delete", **ended)
        return made, plans, world.arm.calls.unknown

    made, plans, unknown = tell(story, options=QUIET)

    assert not unknown
    create = next(one for one in made["calls"] if "/virtualMachines/" in one["resourceId"])
    assert missing(create["creates"], plans["create"]["vm"]) == []
    assert made["cost"]["usdPerHourBefore"] == 0.0
    assert made["cost"]["usdPerHourAfter"] > 0.0
    assert made["downtime"]["upAfterSeconds"] > 40
    assert plans["recycle"]["downtime"] == {
        "expectedSeconds": 46.5,
        "staysDown": False,
        "upAfterSeconds": None,
    }
    assert plans["pause"]["downtime"]["staysDown"]
    assert plans["resume"]["downtime"]["upAfterSeconds"] == 16.0
    assert [one["loses"] for one in plans["detach"]["irreversible"]] == ["the data on it"]
    assert len(plans["delete"]["irreversible"]) == len(plans["delete"]["calls"]) == 6


async def copy(world: InProcess) -> Json:
    """Make a copy of the node's OS disk, as its owner would; return how a swap names it."""
    disks = (await world.azure.ask("GET", f"{GROUP}/providers/Microsoft.Compute/disks"))["value"]
    os_disk = next(one for one in disks if "-os-" in one["name"])
    data = {"createOption": "Copy", "sourceResourceId": os_disk["id"]}
    generation = os_disk["properties"].get("hyperVGeneration")
    properties = {"creationData": data, "osType": "Linux", "hyperVGeneration": generation}
    body = {"zones": os_disk.get("zones"), "sku": os_disk["sku"], "properties": properties}
    await sources.lay(world, f"{GROUP}/providers/Microsoft.Compute/disks/other", body)
    names = {"osDiskName": "other", "osDiskResourceGroupName": "mooring-demo"}
    return {**names, "shouldTerminate": True, "retentionTime": 0}


def test_disks_taken_by_snapshot_and_a_fresh_os_disk_are_planned_as_they_are_made() -> None:
    async def story(world: InProcess) -> Json:
        body = document()
        body["statefulNode"]["persistence"] = {
            "shouldPersistOsDisk": False,
            "shouldPersistDataDisks": True,
            "dataDisksPersistenceMode": "onLaunch",
            "shouldPersistNetwork": False,
        }
        made = await as_planned(world, action="create", **body)
        return await as_planned(world, action="recycle", nodeId=made["nodeId"])

    plan = tell(story, options=QUIET)

    assert any("/snapshots/" in one["resourceId"] for one in plan["calls"])


@pytest.mark.parametrize("network", [False, True])
def test_an_import_is_planned_as_it_goes(network: bool) -> None:  # noqa: FBT001
    async def story(world: InProcess) -> tuple[Any, Any]:
        await sources.source(world)
        kept = {"shouldPersistOsDisk": True, "shouldPersistDataDisks": True}
        node = {"persistence": {**kept, "shouldPersistNetwork": network}}
        body = sources.call(node)
        plan = await planned(world, action="import", **body)
        since = len(world.log.entries)
        assert (await run(world, plan, action="import", **body)).status == 200
        await world.sleep(IMPORTED_S)
        assert await status(world, plan["nodeId"]) == "ACTIVE"
        return writes(plan), written(world, since)

    plan, real = tell(story, options=QUIET)

    assert plan == real


def test_an_update_tells_what_a_recycle_would_then_do() -> None:
    async def story(world: InProcess) -> tuple[Json, Json]:
        node_id = await active_node(world)
        sizes = {"odSizes": ["standard_d4s_v5"], "spotSizes": ["standard_d4s_v5"]}
        change = {"statefulNode": {"compute": {"vmSizes": sizes}}}
        plan = await planned(world, action="update", nodeId=node_id, **change)
        before = (await world.api("GET", f"{NODES}/{node_id}")).items[0]
        assert before["compute"]["vmSizes"]["odSizes"] != ["standard_d4s_v5"]
        assert (await run(world, plan, action="update", nodeId=node_id, **change)).status == 200
        return plan, (await world.api("GET", f"{NODES}/{node_id}")).items[0]

    plan, node = tell(story, options=QUIET)

    assert plan["calls"] == []
    create = plan["whenRecycled"]["calls"][-1]
    assert create["creates"]["properties"]["hardwareProfile"]["vmSize"].lower() == "standard_d4s_v5"
    assert node["compute"]["vmSizes"]["odSizes"] == ["standard_d4s_v5"]


def test_a_plan_is_refused_once_its_facts_have_changed() -> None:
    async def story(world: InProcess) -> list[Answer]:
        node_id = await active_node(world)
        asked = {"action": "recycle", "nodeId": node_id}
        plans = [await planned(world, **asked) for _ in range(2)]
        await evict(world, node_id)
        await world.sleep(ENOUGH_S)
        assert await status(world, node_id) == "ACTIVE"
        after_eviction = await run(world, plans[0], **asked)
        fresh = await planned(world, **asked)
        other = await run(world, fresh, action="pause", nodeId=node_id)
        done = await run(world, fresh, **asked)
        await world.sleep(ENOUGH_S)
        assert await status(world, node_id) == "ACTIVE"
        return [after_eviction, other, done, await run(world, fresh, **asked)]

    after_eviction, other, done, again = tell(story)

    assert done.status == 200
    for refused in (after_eviction, other, again):
        (error,) = refused.body["response"]["errors"]
        assert (refused.status, error["code"], error["field"]) == (400, "FACTS_CHANGED", "planId")


def test_a_plan_touches_neither_azure_nor_our_tables_nor_what_may_be_asked_of_azure() -> None:
    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        await world.sleep(600)
        await world.api("GET", f"{NODES}/{node_id}")  # whoever calls leaves a trace
        before, since = tables(world), len(world.log.entries)
        vm_key = (await vm_path(world, node_id)).lower()
        used = READS._now(vm_key, world.clock.now())
        deleted = {"nodeId": node_id, "deallocationConfig": EVERYTHING}
        for body in ({"action": "recycle", "nodeId": node_id}, {"action": "delete", **deleted}):
            await planned(world, **body)
        spent = READS._now(vm_key, world.clock.now()) - used
        return before, tables(world), written(world, since), spent

    before, after, sent, spent = tell(story, options=QUIET)

    assert after == before
    assert sent == []
    assert spent <= 2.0  # one read of the VM for each plan


def tables(world: InProcess) -> Any:
    """Return all rows, but for when a token was last used."""
    rows = world.tables.rows()
    return {name: rows[name] for name in rows if name not in ("tokens", "due", "usage")}


def test_what_the_call_would_refuse_its_plan_refuses() -> None:
    async def story(world: InProcess) -> list[Answer]:
        node_id = await active_node(world)
        bad = document()
        bad["statefulNode"]["compute"]["os"] = "Beos"
        return [
            await world.api("POST", PLAN, {"action": "create", **bad}),
            await world.api("POST", PLAN, {"action": "resume", "nodeId": node_id}),
            await world.api("POST", PLAN, {"action": "recycle", "nodeId": "ssn-00000000"}),
            await world.api("POST", PLAN, {"action": "recycle", "nodeId": node_id, "more": 1}),
            await world.api("POST", PLAN, {"action": "delete", "nodeId": node_id}),
        ]

    answers = tell(story, options=QUIET)

    assert [one.status for one in answers] == [400] * 5
    codes = [one.body["response"]["errors"][0]["code"] for one in answers]
    assert codes == [
        "INVALID_VALUE",
        "ACTION_NOT_ALLOWED",
        "GROUP_DOESNT_EXIST",
        "UNKNOWN_FIELD",
        "REQUIRED_FIELD",
    ]


def test_secrets_are_in_no_plan() -> None:
    async def story(world: InProcess) -> Json:
        body = document()
        launch = body["statefulNode"]["compute"]["launchSpecification"]
        launch["login"] = {"userName": "mooring", "password": "Marked-Secret-1"}
        launch["customData"] = "TWFya2VkLVNlY3JldC0y"
        launch["extensions"] = [
            {
                "name": "setup",
                "type": "CustomScript",
                "publisher": "Microsoft.Azure.Extensions",
                "apiVersion": "2.1",
                "minorVersionAutoUpgrade": True,
                "protectedSettings": {"script": "Marked-Secret-3"},
            }
        ]
        return await planned(world, action="create", **body)

    plan = tell(story, options=QUIET)

    said = json.dumps(plan)
    assert "Marked-Secret" not in said
    assert "TWFya2VkLVNlY3JldC0y" not in said
    assert any(one["resourceId"].endswith("/extensions/setup") for one in plan["calls"])


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ([], ["body"]),
        ({}, ["action"]),
        ({"action": "reboot"}, ["action"]),
        ({"action": "recycle"}, ["nodeId"]),
        ({"action": "recycle", "nodeId": "../x"}, ["nodeId"]),
        ({"action": "create", "nodeId": "ssn-00000000"}, ["nodeId"]),
        ({"action": "create", "planId": "pln-x"}, ["planId"]),
        ({"action": 1, "planId": 2}, ["action", "planId"]),
    ],
)
def test_a_bad_wish_for_a_plan_names_its_fields(body: object, fields: list[str]) -> None:
    with pytest.raises(Rejected) as refused:
        parse_plan(body)

    assert [one.field for one in refused.value.errors] == fields
