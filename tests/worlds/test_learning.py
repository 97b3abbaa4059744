"""Azure is silent, stutters, or speaks late, and people stop VMs by hand.

One stack for all tests: each makes its own node, and leaves Azure as talkative as it found it.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from local.clock import scaled_clock, wall_clock
from local.stack import arm as azure
from local.stack import seeding
from local.stack.http import Web
from tests.worlds.stack import LOOK_S, NODES, PATIENCE_S, SPEED, World, document, running_world

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

KINDS = (
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/disks",
    "Microsoft.Compute/snapshots",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/publicIPAddresses",
)
STARTED = "/start/action"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Start one stack for this file."""
    async with running_world(tmp_path_factory.mktemp("stack")) as running:
        yield running
        assert await running.unknown_calls() == []


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def talkative(world: World) -> AsyncIterator[None]:
    """Undo what a test did to Azure's events."""
    yield
    await world.arm.want("PUT", "/_world/events", {})
    await world.arm.want("PATCH", "/_world/settings", {"eviction_annotates_deallocation": False})


async def lives(world: World, name: str, **changes: Any) -> tuple[str, str]:
    """Create a node; return its id and its VM's name."""
    node_id = await world.create(document(name=name, **changes))
    return node_id, str((await world.active(node_id))["vmName"])


async def passes(simulated_s: float) -> None:
    """Let simulated time pass."""
    await scaled_clock(SPEED).sleep(simulated_s)


async def told(world: World, node_id: str, words: str) -> list[str]:
    """Return the lines of the node's log that hold these words."""
    span = "fromDate=2020-01-01&toDate=2100-01-01"
    lines = (await world.call("GET", f"{NODES}/{node_id}/log?{span}"))["items"]
    return [str(line["message"]) for line in lines if words in str(line["message"])]


async def starts(world: World, vm_name: str) -> int:
    """Return how often anybody had Azure start the VM."""
    calls = (await world.arm.want("GET", "/_world/calls?limit=100000"))["calls"]
    path = world.vm_path(vm_name).lower()
    return len(
        [one for one in calls if one["resource"].lower() == path and STARTED in one["operation"]]
    )


async def delivered(world: World) -> None:
    """Wait until no event is on its way."""
    async with asyncio.timeout(PATIENCE_S):
        while (await world.arm.want("GET", "/_world/events"))["waiting"]:
            await wall_clock().sleep(LOOK_S)


async def power(world: World, vm_name: str) -> str:
    statuses = (await world.vm(vm_name))["properties"]["instanceView"]["statuses"]
    return next(str(one["code"]) for one in statuses if "PowerState/" in one["code"])


async def acts(world: World, who: str, vm_name: str, action: str) -> None:
    """Have a person act on a VM in Azure, and wait until it is done."""
    claims = {"upn": f"{who}@example.org", "name": who.title()}
    await world.arm.want("PUT", f"/_world/callers/{who}", claims)
    hand = Web(world.arm.session, world.arm.origin, who)
    await hand.want("POST", azure.versioned(f"{world.vm_path(vm_name)}/{action}"))
    done = {"deallocate": "PowerState/deallocated", "start": "PowerState/running"}[action]
    async with asyncio.timeout(PATIENCE_S):
        while await power(world, vm_name) != done:
            await wall_clock().sleep(LOOK_S)


async def owned(world: World, node_id: str) -> dict[str, list[str]]:
    """Return what carries the node's tag, by kind."""
    return {
        kind: [
            one["name"]
            for one in await world.everything(kind)
            if one.get("tags", {}).get("mooring-node") == node_id
        ]
        for kind in KINDS
    }


async def test_without_any_event_the_fleet_list_finds_the_eviction(world: World) -> None:
    """S15: nobody says who stopped the VM, so it counts as an interruption after the hold."""
    node_id, vm_name = await lives(world, "deaf")
    disks = await world.disks(vm_name)
    await world.arm.want("PUT", "/_world/events", {"loss": 1.0})

    await world.evict(vm_name)
    after = await world.comes_back(node_id)

    assert after["vmName"] == vm_name
    assert await world.disks(vm_name) == disks
    assert await starts(world, vm_name) == 1
    (line,) = await told(world, node_id, "replacing the VM")
    assert "fleet_list" in line


async def test_events_doubled_and_out_of_order_bring_the_node_back_once(world: World) -> None:
    """I5: among them is the annotation of a deallocation, which looks like somebody's stop."""
    node_id, vm_name = await lives(world, "stutter")
    faults = {"duplicate": 1.0, "reorder": 0.5, "reorder_s": 90, "delay_s": [0.5, 60]}
    await world.arm.want("PUT", "/_world/events", faults)
    await world.arm.want("PATCH", "/_world/settings", {"eviction_annotates_deallocation": True})

    await world.evict(vm_name)
    await world.comes_back(node_id)
    await delivered(world)
    await passes(120)

    assert (await world.status(node_id))["status"] == "ACTIVE"
    assert await power(world, vm_name) == "PowerState/running"
    assert await starts(world, vm_name) == 1
    assert len(await told(world, node_id, "replacing the VM")) == 1
    assert await told(world, node_id, "it stays down") == []


async def test_events_that_come_long_after_the_recovery_do_not_disturb_it(world: World) -> None:
    node_id, vm_name = await lives(world, "late")
    await world.arm.want("PUT", "/_world/events", {"delay_s": [540, 540]})

    await world.evict(vm_name)
    await world.comes_back(node_id)
    recovered = await world.status(node_id)
    assert (await world.arm.want("GET", "/_world/events"))["waiting"]
    await delivered(world)
    await post_event(world, vm_name, "VirtualMachinePreempted", "2020-01-01T00:00:00Z")
    await post_event(world, vm_name, "VirtualMachineDeallocationInitiated", "2020-01-01T00:00:00Z")
    await passes(120)

    assert await world.status(node_id) == recovered
    assert await starts(world, vm_name) == 1
    assert len(await told(world, node_id, "replacing the VM")) == 1


async def post_event(world: World, vm_name: str, annotation: str, at: str) -> None:
    """Deliver an annotation ourselves, with a time of our own."""
    vm_id = world.vm_path(vm_name)
    properties = {"targetResourceId": vm_id, "annotationName": annotation, "occurredTime": at}
    event = {
        "id": f"{annotation}-{vm_name}",
        "topic": f"/subscriptions/{azure.SUBSCRIPTION}",
        "subject": vm_id,
        "eventType": "Microsoft.ResourceNotifications.HealthResources.ResourceAnnotated",
        "eventTime": at,
        "dataVersion": "1",
        "metadataVersion": "1",
        "data": {"resourceInfo": {"properties": properties}},
    }
    headers = {"aeg-event-type": "Notification"}
    url = world.plan.url + seeding.HOOK
    async with world.arm.session.post(url, json=[event], headers=headers) as answer:
        assert answer.status == 202


async def test_a_persons_stop_is_respected_and_so_is_his_start(world: World) -> None:
    """S13, S14, S16."""
    node_id, vm_name = await lives(world, "stopped", strategy__vmAdmins=["ada@"])

    await acts(world, "ada", vm_name, "deallocate")
    stopped = await world.until(node_id, "STOPPED")
    await passes(270)  # longer than any hold

    assert stopped["vmName"] == vm_name
    assert (await world.status(node_id))["status"] == "STOPPED"
    assert await power(world, vm_name) == "PowerState/deallocated"
    assert await told(world, node_id, "stopped by ada@example.org") != []
    assert await starts(world, vm_name) == 0
    await acts(world, "ada", vm_name, "start")
    await world.active(node_id)
    assert await told(world, node_id, "replacing the VM") == []


async def test_a_stop_by_somebody_who_is_not_listed_is_an_interruption(world: World) -> None:
    """S16."""
    node_id, vm_name = await lives(world, "not-allowed", strategy__vmAdmins=["ada@"])

    await acts(world, "bob", vm_name, "deallocate")
    await world.comes_back(node_id)

    (line,) = await told(world, node_id, "replacing the VM")
    assert "bob@example.org" in line
    assert await power(world, vm_name) == "PowerState/running"


async def deleted(world: World, node_id: str, **goes: bool) -> None:
    """Delete a node with its VM; wait until nobody knows it."""
    now = {"shouldDeallocate": True, "ttlInHours": 0}
    chosen: dict[str, Any] = {f"{kind}DeallocationConfig": now for kind, yes in goes.items() if yes}
    config = {"shouldTerminateVm": True, **chosen}
    path = f"{NODES}/{node_id}"
    assert (await world.call("DELETE", path, {"deallocationConfig": config}))["http"] == 200
    async with asyncio.timeout(PATIENCE_S):
        while (await world.call("GET", f"{path}/status"))["http"] == 200:
            await wall_clock().sleep(LOOK_S)


async def test_a_deleted_node_leaves_what_was_kept_and_nothing_else(world: World) -> None:
    """S20: disks, interfaces, addresses and snapshots go or stay, each as its user chose."""
    whole, _ = await lives(world, "all-goes")
    parts, vm_name = await lives(world, "disks-stay")
    disks = await world.disks(vm_name)

    everything = {"network": True, "disk": True, "snapshot": True, "publicIp": True}
    await asyncio.gather(
        deleted(world, whole, **everything),
        deleted(world, parts, **(everything | {"disk": False})),
    )
    await passes(120)  # an event of its end, or a look at the fleet, wakes nobody

    assert await owned(world, whole) == {kind: [] for kind in KINDS}
    assert await owned(world, parts) == {kind: [] for kind in KINDS}  # what stays is the user's
    there = {str(one["id"]).lower() for one in await world.everything(KINDS[1])}
    assert set(disks) <= there
    names = [one["name"] for one in await world.everything(KINDS[0])]
    assert vm_name not in names
