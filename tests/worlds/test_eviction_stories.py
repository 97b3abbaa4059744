"""A node is created, evicted, and comes back with what is its own, in every situation."""

from typing import Any

import pytest

from tests.worlds.stack import World, document

pytestmark = pytest.mark.slow


async def lives(world: World, **changes: Any) -> tuple[str, dict[str, Any], list[str]]:
    """Create a node; return its id, its status and its disks."""
    node_id = await world.create(document(**changes))
    status = await world.active(node_id)
    return node_id, status, await world.disks(status["vmName"])


async def test_a_zonal_node_starts_in_place_with_disks_addresses_and_name(world: World) -> None:
    """R11, R12, R14, R21, S4, S10: the same disks, the same addresses, the same name."""
    node_id, before, disks = await lives(world)

    await world.evict(before["vmName"])
    after = await world.comes_back(node_id)

    assert await world.disks(after["vmName"]) == disks
    assert after["vmName"] == before["vmName"]
    assert after["privateIp"] == before["privateIp"]
    assert after["publicIp"] == before["publicIp"]
    assert len(await world.everything("Microsoft.Compute/virtualMachines")) == 1


async def test_a_regional_node_comes_back_without_a_zone(world: World) -> None:
    node_id, before, disks = await lives(world, compute__zones=None, compute__preferredZone=None)

    await world.evict(before["vmName"])
    after = await world.comes_back(node_id)

    assert await world.disks(after["vmName"]) == disks
    assert "zones" not in await world.vm(after["vmName"])


async def test_a_full_zone_sends_the_node_to_another_by_snapshots(world: World) -> None:
    """R15, S4: another zone means new disks from snapshots; old ones go once the new VM runs."""
    node_id, before, disks = await lives(
        world, compute__zones=["1", "2", "3"], compute__preferredZone="1"
    )
    await world.no_room(location="eastus", zone="1")

    await world.evict(before["vmName"])
    after = await world.comes_back(node_id)

    vm = await world.vm(after["vmName"])
    moved = await world.disks(after["vmName"])
    kept = {disk["id"].lower() for disk in await world.everything("Microsoft.Compute/disks")}
    assert vm["zones"] in (["2"], ["3"])
    assert not set(moved) & set(disks)
    assert after["privateIp"] == before["privateIp"]
    assert after["publicIp"] == before["publicIp"]
    assert set(moved) <= kept


async def test_on_launch_disks_are_rebuilt_from_a_snapshot(world: World) -> None:
    """R13, S6, S9: the snapshot method makes a new disk at each launch."""
    node_id, before, disks = await lives(world, persistence__osDiskPersistenceMode="onLaunch")

    await world.evict(before["vmName"])
    after = await world.comes_back(node_id)

    rebuilt = await world.disks(after["vmName"])
    snapshots = await world.everything("Microsoft.Compute/snapshots")
    assert rebuilt[0] != disks[0]
    assert rebuilt[1:] == disks[1:]
    assert [one["properties"]["incremental"] for one in snapshots] == [True]


async def test_without_spot_anywhere_the_node_falls_back_to_on_demand(world: World) -> None:
    """R62, R65: on-demand when no Spot size has room."""
    node_id, before, disks = await lives(world)
    await world.no_room(location="eastus", lifecycle="SPOT")

    await world.evict(before["vmName"])
    after = await world.comes_back(node_id)

    vm = await world.vm(after["vmName"])
    assert after["lifecycle"] == "OD"
    assert vm["properties"]["priority"] == "Regular"
    assert await world.disks(after["vmName"]) == disks
    assert after["privateIp"] == before["privateIp"]


async def test_without_fallback_the_node_waits_and_says_so_then_recovers(world: World) -> None:
    """A17: no Spot and no fallback means waiting with a date, until there is room."""
    node_id, before, disks = await lives(world, strategy__fallbackToOd=False)
    await world.no_room(location="eastus", lifecycle="SPOT")

    await world.evict(before["vmName"])
    waiting = await world.until(node_id, lambda seen: bool(seen.get("waiting")))
    await world.room_again()
    after = await world.active(node_id)

    assert waiting["status"] == "RESUMING"
    assert waiting["waiting"]["until"]
    assert after["lifecycle"] == "SPOT"
    assert await world.disks(after["vmName"]) == disks


async def test_an_unpersisted_network_gets_a_new_address_and_leaves_no_nic_behind(
    world: World,
) -> None:
    node_id, before, _ = await lives(world, persistence__shouldPersistNetwork=False)
    await world.no_room(location="eastus", lifecycle="SPOT")

    await world.evict(before["vmName"])
    after = await world.comes_back(node_id)

    await world.until(node_id, lambda _seen: True)
    assert after["vmName"] != before["vmName"]
    assert after["publicIp"] != before["publicIp"]
