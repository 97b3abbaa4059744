"""The host is killed at moments that a seed draws; what it was doing is done once, and whole."""

from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from local.clock import wall_clock
from tests.worlds.stack import World, document

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

SEED = 20_300_101
KILLS = 5
"""Kill points of each story: ten in all."""
LAUNCH_S = (0.05, 1.5)
"""Wall seconds from the request to the kill: 3 to 90 simulated ones, a launch long."""
RECOVERY_S = (0.2, 2.0)
"""Wall seconds from the eviction to the kill: its notice, its going down, and the way back."""
WITHOUT_SPOT = (2, 3)
"""The recoveries that find no Spot, each in the zone of that number: a zone once found full is
passed over for an hour."""
KINDS = (
    "Microsoft.Compute/virtualMachines",
    "Microsoft.Compute/disks",
    "Microsoft.Network/networkInterfaces",
    "Microsoft.Network/publicIPAddresses",
)
MADE = (201, 202)
LOOK_S = 0.05
LOOKS_MAX = 600


def moments(dice: Random, within: tuple[float, float]) -> Iterator[float]:
    """Yield one moment from each fifth of a span, so that no stage of the work is missed."""
    begin, end = within
    for point in range(KILLS):
        yield begin + (point + dice.random()) / KILLS * (end - begin)


async def killed_and_started(world: World, delay_s: float) -> str:
    """Wait, kill the host, start it again; return what Azure was asked for last before."""
    await wall_clock().sleep(delay_s)
    await world.kill_host()
    last = (await calls(world))[-1]
    await world.start_host()
    return f"killed after {delay_s:.2f} s and {last['operation']} of {last['resource']}"


async def calls(world: World) -> list[dict[str, Any]]:
    """Return all calls that Azure has been sent."""
    return list((await world.arm.want("GET", "/_world/calls"))["calls"])


def ids_in(body: Any) -> Iterator[str]:
    """Yield every ARM id that a body names, lower-case."""
    if isinstance(body, dict):
        for value in body.values():
            yield from ids_in(value)
    elif isinstance(body, list):
        for value in body:
            yield from ids_in(value)
    elif isinstance(body, str) and body.startswith("/subscriptions/"):
        yield body.lower()


async def orphans(world: World, node_id: str) -> list[str]:
    """Return what carries the node's tag though its VM does not reach it, and doubled VMs."""
    owned = [
        one
        for kind in KINDS
        for one in await world.everything(kind)
        if one.get("tags", {}).get("mooring-node") == node_id
    ]
    vms = [one for one in owned if one["type"] == KINDS[0]]
    reached = {vm["id"].lower() for vm in vms[:1]}
    for _ in range(2):  # from the VM to its NICs, from these to their addresses
        for one in owned:
            if one["id"].lower() in reached and one["type"] in (KINDS[0], KINDS[2]):
                reached |= set(ids_in(one["properties"]))
    return [one["id"] for one in owned if one["id"].lower() not in reached]


async def done_twice(world: World, vm_name: str) -> list[tuple[str, str]]:
    """Return what one step of one operation had Azure make more than once.

    A VM refused for want of room after it was accepted is made again, but by another step.
    """
    made = Counter(
        (call["resource"].lower(), str(call["clientRequestId"]))
        for call in await calls(world)
        if call["method"] == "PUT"
        and call["status"] in MADE
        and str(call["clientRequestId"]).startswith("mooring/")
    )
    vm_id = world.vm_path(vm_name).lower()
    assert any(resource == vm_id for resource, _ in made), "the ledger is not read as written"
    return [one for one, times in made.items() if times > 1]


async def assert_whole(world: World, node_id: str, moment: str) -> dict[str, Any]:
    """Insist that the node is ACTIVE on one running VM, with nothing doubled and nothing lost."""
    status = await world.status(node_id)
    vm = await world.vm(status["vmName"])
    powers = [one["code"] for one in vm["properties"]["instanceView"]["statuses"]]
    assert status["status"] == "ACTIVE", moment
    assert "PowerState/running" in powers, moment
    assert await orphans(world, node_id) == [], moment
    assert await done_twice(world, status["vmName"]) == [], moment
    return status


async def brought_up(world: World, vm_name: str, calls_before: int) -> None:
    """Wait until Azure was asked to start or make the VM anew."""
    vm_id = world.vm_path(vm_name).lower()
    for _ in range(LOOKS_MAX):
        for call in (await calls(world))[calls_before:]:
            wanted = (call["method"], call["resource"].lower())
            if wanted == ("PUT", vm_id) or call["operation"].endswith("/start/action"):
                return
        await wall_clock().sleep(LOOK_S)
    raise AssertionError(f"nobody brought {vm_name} up")


async def test_a_launch_survives_the_death_of_the_host_at_any_moment(world: World) -> None:
    """A first launch goes on where it stood, and makes nothing twice."""
    dice = Random(SEED)  # noqa: S311 - moments to kill at, not secrets
    for point, delay_s in enumerate(moments(dice, LAUNCH_S)):
        node_id = await world.create(document(name=f"launched-{point}"))

        moment = await killed_and_started(world, delay_s)
        await world.active(node_id)

        await assert_whole(world, node_id, moment)


async def test_a_recovery_survives_the_death_of_the_host_at_any_moment(world: World) -> None:
    """A recovery goes on where it stood, in place and by a new VM, with the same disks."""
    dice = Random(SEED + 1)  # noqa: S311 - as above
    for point, delay_s in enumerate(moments(dice, RECOVERY_S)):
        no_spot = point in WITHOUT_SPOT
        zone = str(point) if no_spot else "1"
        zoned = {"compute__zones": [zone], "compute__preferredZone": zone}
        stays = {"strategy__revertToSpot": {"performAt": "never"}}
        node_id = await world.create(document(name=f"recovered-{point}", **zoned, **stays))
        before = await world.active(node_id)
        disks = await world.disks(before["vmName"])
        if no_spot:  # the VM is given up, and another made around its disks
            await world.no_room(location="eastus", zone=zone, lifecycle="SPOT")
        asked = len(await calls(world))

        await world.evict(before["vmName"])
        moment = await killed_and_started(world, delay_s)
        await brought_up(world, before["vmName"], asked)
        await world.active(node_id)

        after = await assert_whole(world, node_id, moment)
        assert await world.disks(after["vmName"]) == disks, moment
        assert after["privateIp"] == before["privateIp"], moment
        assert after["lifecycle"] == ("OD" if no_spot else "SPOT"), moment
        await world.room_again()
