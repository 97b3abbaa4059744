"""What a plan says is deleted later is what is deleted then; and the page about plans is true."""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from local.worlds.inprocess import InProcess
from tests.api.test_plan import QUIET, SCRATCH, as_planned, planned
from tests.virtual import sources
from tests.virtual.support import active_node, tell

Json = dict[str, Any]


def later(plan: Json) -> dict[str, str]:
    """Return what a plan deletes later, by name: when."""
    found = {one["what"]: one["at"] for one in plan["later"]}
    assert len(found) == len(plan["later"])
    assert all(one["resourceId"].endswith(f"/{one['what']}") for one in plan["later"])
    assert all(one["kind"] == "deallocation" and one["loses"] for one in plan["later"])
    return found


def lost(plan: Json) -> dict[str, str | None]:
    """Return what cannot be brought back, by name: when, and None for what goes in the course."""
    numbers = {one["number"] for one in plan["calls"] if one["irreversible"]}
    rows = plan["irreversible"]
    assert {one["number"] for one in rows if one["at"] is None} == numbers
    assert all(one["loses"] for one in rows)
    return {one["resourceId"].rpartition("/")[2]: one["at"] for one in rows}


def hours(at: str, world: InProcess) -> int:
    """Return in how many hours a moment is."""
    return int((datetime.fromisoformat(at) - world.clock.now()) / timedelta(hours=1))


def kind_of(resource_id: str) -> str:
    return resource_id.split("/")[-2].lower()


def test_a_delete_with_times_tells_what_goes_at_which_time() -> None:
    async def story(world: InProcess) -> tuple[Json, Json, list[Any]]:
        node_id = await active_node(world)
        chosen = {
            "shouldTerminateVm": True,
            "diskDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 5},
            "networkDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 2},
            "publicIpDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 3},
        }
        plan = await as_planned(world, action="delete", nodeId=node_id, deallocationConfig=chosen)
        at = {kind_of(one["resourceId"]): hours(one["at"], world) for one in plan["later"]}
        ids = [one["resourceId"] for one in plan["later"]]
        before = [sources.there(world, one) is not None for one in ids]
        await world.sleep(timedelta(hours=6).total_seconds())
        after = [sources.there(world, one) is not None for one in ids]
        return plan, at, [before, after]

    plan, at, (before, after) = tell(story, options=QUIET)

    assert at == {"networkinterfaces": 1, "publicipaddresses": 2, "disks": 4}
    assert len(before) == 5  # three disks, one interface, one address
    assert (all(before), any(after)) == (True, False)
    when = later(plan)
    assert list(when.values()) == sorted(when.values())
    (vm,) = [name for name, at in lost(plan).items() if at is None]
    assert lost(plan) == {vm: None, **when}


def test_an_import_tells_that_the_vm_it_is_made_of_is_deleted_at_its_time() -> None:
    async def story(world: InProcess) -> tuple[Json, int]:
        await sources.source(world)
        body = sources.call({}, resourcesRetentionTime=10)
        plan = await planned(world, action="import", **body)
        return plan, hours(plan["later"][0]["at"], world)

    plan, in_hours = tell(story, options=QUIET)

    when = later(plan)
    assert {"legacy", "legacy-os", "legacy-data", "legacy-nic", "legacy-ip"} <= when.keys()
    assert len(set(when.values())) == 1
    assert in_hours == 10
    assert {name: at for name, at in lost(plan).items() if at} == when


def test_what_an_earlier_call_has_chosen_stays_in_later_and_is_no_loss_by_this_one() -> None:
    async def story(world: InProcess) -> tuple[Json, Json]:
        node_id = await active_node(world)
        size = {"sizeGB": 16, "storageAccountType": "Premium_LRS", "zone": "1"}
        await as_planned(world, action="attach", nodeId=node_id, **SCRATCH, **size)
        gone = {**SCRATCH, "shouldDeallocate": True, "ttlInHours": 7}
        detach = await as_planned(world, action="detach", nodeId=node_id, **gone)
        return detach, await planned(world, action="recycle", nodeId=node_id)

    detach, recycle = tell(story, options=QUIET)

    assert list(later(detach)) == list(later(recycle)) == ["scratch"]
    assert lost(detach) == later(detach)
    assert "scratch" not in lost(recycle)


def test_each_example_of_the_page_about_plans_is_planned() -> None:
    page = Path("docs/plan.md").read_text(encoding="utf-8")
    bodies = [json.loads(line) for line in page.splitlines() if line.startswith('{"')]
    (made,) = re.findall(r"""jq '\. \+ \{action: "(\w+)"\}' (\S+)""", page)
    bodies.append({**json.loads(Path(made[1]).read_text(encoding="utf-8")), "action": made[0]})

    async def story(world: InProcess) -> list[str]:
        known = {"nodeId": await active_node(world)}
        plans = [
            await planned(world, **{**one, **(known if "nodeId" in one else {})}) for one in bodies
        ]
        return [one["action"] for one in plans]

    assert tell(story, options=QUIET) == ["recycle", "delete", "create"]
