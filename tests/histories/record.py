"""Records golden histories: `python -m tests.histories.record` runs the stack, one story each.

A recording is what a running instance would hold when a new release meets it. Record anew only
with a story that is missing: an old history that no longer fits is a broken release.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local.clock import wall_clock
from tests.histories import disk_stories, import_stories
from tests.worlds.stack import LOOK_S, NODES, World, document, running_world

FOLDER: Final = Path(__file__).parent
SHOWN: Final = ("name", "instanceId", "input", "output", "runtimeStatus", "history")
LOOKS_MAX: Final = 400
OVER: Final = frozenset({"Completed", "Failed", "Terminated"})
EVERYTHING: Final = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        "networkDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "diskDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "snapshotDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "publicIpDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
    }
}


@dataclass(frozen=True)
class Story:
    """What is recorded under a name: the workflow of the node that `tell` returns."""

    name: str
    workflow: str
    tell: Callable[[World], Awaitable[str]]


async def created(world: World) -> str:
    """A first launch."""
    node_id = await world.create(document())
    await world.active(node_id)
    return node_id


async def started_in_place(world: World) -> str:
    """An eviction, and room where the node was."""
    node_id = await created(world)
    status = await world.status(node_id)
    await world.evict(status["vmName"])
    await world.comes_back(node_id)
    return node_id


async def copied(world: World) -> str:
    """An eviction, and room in another zone only."""
    node_id = await world.create(
        document(compute__zones=["1", "2", "3"], compute__preferredZone="1")
    )
    status = await world.active(node_id)
    await world.no_room(location="eastus", zone="1")
    await world.evict(status["vmName"])
    await world.comes_back(node_id)
    return node_id


async def fallen_back(world: World) -> str:
    """An eviction, and no Spot anywhere."""
    node_id = await created(world)
    status = await world.status(node_id)
    await world.no_room(location="eastus", lifecycle="SPOT")
    await world.evict(status["vmName"])
    await world.comes_back(node_id)
    return node_id


async def waiting(world: World) -> str:
    """An eviction, no Spot anywhere, and no fallback allowed."""
    node_id = await world.create(document(strategy__fallbackToOd=False))
    status = await world.active(node_id)
    await world.no_room(location="eastus", lifecycle="SPOT")
    await world.evict(status["vmName"])
    await world.until(node_id, lambda seen: bool(seen.get("waiting")))
    return node_id


async def deleted(world: World) -> str:
    """A node that goes with all it has."""
    node_id = await created(world)
    response = await world.call("DELETE", f"{NODES}/{node_id}", EVERYTHING)
    assert response["http"] == 200, response
    return node_id


async def asked(world: World, node_id: str, *states: tuple[str, str]) -> str:
    """Ask for states, one after the other, each once the node shows the last one's end."""
    for state, end in states:
        response = await world.call("PUT", f"{NODES}/{node_id}/state", {"state": state})
        assert response["http"] == 200, response
        await world.until(node_id, end)
    return node_id


async def paused(world: World) -> str:
    """A node at rest; what does not persist went with its VM."""
    node = document(
        persistence__osDiskPersistenceMode="onLaunch", persistence__shouldPersistDataDisks=False
    )
    node_id = await world.create(node)
    await world.active(node_id)
    return await asked(world, node_id, ("pause", "PAUSED"))


async def resumed(world: World) -> str:
    """A node brought up again on what it kept."""
    return await asked(world, await created(world), ("pause", "PAUSED"), ("resume", "ACTIVE"))


async def recycled(world: World) -> str:
    """A new VM in place of the old one."""
    return await asked(world, await created(world), ("recycle", "ACTIVE"))


async def stopped(world: World) -> str:
    """A VM deallocated by its node's owner."""
    return await asked(world, await created(world), ("stop", "STOPPED"))


async def started(world: World) -> str:
    """The same VM, started again."""
    return await asked(world, await created(world), ("stop", "STOPPED"), ("start", "ACTIVE"))


async def started_elsewhere(world: World) -> str:
    """A stopped VM for which there is no room any more."""
    node_id = await asked(world, await created(world), ("stop", "STOPPED"))
    await world.no_room(location="eastus", lifecycle="SPOT")
    return await asked(world, node_id, ("start", "ACTIVE"))


async def snapshotted(world: World) -> str:
    """A node in several zones: its disks are copied ten minutes after its launch."""
    node_id = await world.create(document(compute__zones=["1", "2", "3"]))
    await world.active(node_id)
    return node_id


STORIES: Final = (
    Story("create", "create", created),
    Story("replace-in-place", "replace", started_in_place),
    Story("replace-by-copy", "replace", copied),
    Story("replace-on-demand", "replace", fallen_back),
    Story("replace-waiting", "replace", waiting),
    Story("delete", "delete", deleted),
    Story("delete-in-parts", "delete", disk_stories.kept_for_a_time),
    Story("delete-left-on-demand", "delete", disk_stories.left_on_demand),
    Story("deallocate", "deallocate", disk_stories.deallocated),
    Story("attach-disk", "attach_disk", disk_stories.attached),
    Story("detach-disk", "detach_disk", disk_stories.detached),
    Story("swap-os-disk", "swap_os_disk", disk_stories.swapped),
    Story("pause", "pause", paused),
    Story("resume", "resume", resumed),
    Story("recycle", "recycle", recycled),
    Story("stop", "stop", stopped),
    Story("start", "start", started),
    Story("start-elsewhere", "start", started_elsewhere),
    Story("snapshot-disks", "snapshot_disks", snapshotted),
    Story("import", "import_vm", import_stories.copied),
    Story("import-with-network", "import_vm", import_stories.taken_over),
    Story("import-given-back", "import_vm", import_stories.given_back),
)


async def history_of(world: World, node_id: str, workflow: str) -> dict[str, Any]:
    """Return the first instance of a node's workflow once it is over, with its history."""
    prefix = f"{node_id}-{workflow}-"
    list_url = f"{world.plan.url}/runtime/webhooks/durabletask/instances"
    for _ in range(LOOKS_MAX):
        async with world.host.session.get(list_url, params={"instanceIdPrefix": prefix}) as reply:
            found = await reply.json()
        if found and found[0]["runtimeStatus"] in OVER:
            path = f"/admin/durable/instances/{found[0]['instanceId']}/history"
            return await world.host.want("GET", path)
        await wall_clock().sleep(LOOK_S)
    raise TimeoutError(f"no {workflow} of {node_id} has ended")


async def record(story: Story) -> None:
    """Tell one story on a stack of its own and write its history down."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_world(Path(folder) / "stack") as world:
            node_id = await story.tell(world)
            told = await history_of(world, node_id, story.workflow)
    kept = {key: told[key] for key in SHOWN if key in told}
    text = json.dumps(kept, indent=1, ensure_ascii=False)
    await asyncio.to_thread((FOLDER / f"{story.name}.json").write_text, text + "\n")


async def main(names: list[str]) -> None:
    """Record the named stories, or all."""
    for story in STORIES:
        if not names or story.name in names:
            await record(story)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
