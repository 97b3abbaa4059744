"""The history of the world API: what happened, as those read it who judge it."""

from typing import Any

import aiohttp
import pytest

from local.arm.chronicle import Asked, Change, Dip, Told, from_json, to_json
from local.arm.portrait import DISK, NIC, SNAPSHOT, VM
from tests.arm.machines import (
    COMPUTE,
    NETWORK,
    SIZE,
    act,
    delete,
    disk_id,
    from_image,
    nic_id,
    want,
    world,
)
from tests.arm.machines import VM as VM_ID
from tests.arm.subscriber import listening
from tests.simulator import Azure


async def history(azure: Azure, since: int = 0) -> list[Any]:
    """Return the happenings as `from_json` reads them from the wire."""
    told = await want(azure, "GET", f"/history?since={since}")
    return [from_json(one) for one in told["history"]]


def changes(happened: list[Any], type_: str) -> list[Change]:
    """Return the changes of one kind of resource."""
    found = [one for one in happened if isinstance(one, Change)]
    return [one for one in found if (one.after or one.before).type == type_]  # type: ignore[union-attr]


async def test_a_vms_life_is_told_as_portraits() -> None:
    async with world() as azure:
        await azure.put(VM_ID, from_image())
        await act(azure, "deallocate")
        await delete(azure)

        happened = await history(azure)

    of_vm = changes(happened, VM)
    portraits = [one.after for one in of_vm if one.after]
    assert of_vm[0].before is None
    assert of_vm[-1].after is None
    assert [one.power for one in portraits] == sorted(
        (one.power for one in portraits),
        key=["starting", "running", "deallocating", "deallocated"].index,
    )
    assert portraits[0].disks == (("os", disk_id("os1").lower()),)
    assert portraits[0].nics == (nic_id("nic1").lower(),)
    assert len({one.born for one in portraits}) == 1
    assert portraits[0].allocated
    assert not portraits[-1].allocated


async def test_disks_snapshots_and_nics_tell_owners_sources_and_addresses() -> None:
    async with world() as azure:
        await azure.put(VM_ID, from_image())
        copy = {"createOption": "Copy", "sourceResourceId": disk_id("os1")}
        body = {"location": "eastus", "properties": {"creationData": copy, "incremental": True}}
        await azure.put(f"{COMPUTE}/snapshots/snap", body)

        happened = await history(azure)

    disk = changes(happened, DISK)[-1].after
    snapshot = changes(happened, SNAPSHOT)[-1].after
    nic = changes(happened, NIC)[-1].after
    assert disk
    assert snapshot
    assert nic
    assert disk.owners == (VM_ID.lower(),)
    assert snapshot.source == disk.born
    assert snapshot.provisioning == "Succeeded"
    assert nic.addresses == ("10.0.0.4",)


async def test_an_eviction_shows_as_a_notice_that_is_scheduled_then_started() -> None:
    async with world() as azure:
        await azure.put(VM_ID, from_image())
        await want(azure, "POST", "/evictions", {"vm": VM_ID})
        await azure.world.clock.sleep(200)

        happened = await history(azure)

    notices = [one.after.notice for one in changes(happened, VM) if one.after]
    assert [one for at, one in enumerate(notices) if one != notices[at - 1]] == [
        "Scheduled",
        "Started",
        "",
    ]


async def test_a_write_is_told_with_its_caller_and_what_was_there_before_and_after() -> None:
    async with world() as azure:
        await want(azure, "PUT", "/callers/ada", {"upn": "ada@example.org"})
        made = await azure.put(VM_ID, from_image())
        since = azure.world.chronicle.last
        mark = {"x_ms_client_request_id": "mooring/op-1/step"}
        await azure.arm("POST", f"{VM_ID}/start", **mark)
        await azure.arm("DELETE", VM_ID, authorization="Bearer ada")

        start, gone = [one for one in await history(azure, since) if isinstance(one, Asked)]

    born = made["properties"]["vmId"]
    assert (start.caller, start.request_id) == ("service", "mooring/op-1/step")
    assert start.operation == "Microsoft.Compute/virtualMachines/start/action"
    assert (start.status, start.was, start.became) == (202, born, born)
    assert (gone.caller, gone.method, gone.resource) == ("ada@example.org", "DELETE", VM_ID.lower())


async def test_a_nic_that_is_written_as_it_is_is_told_as_idle_whoever_its_tags_say_asked() -> None:
    async with world() as azure:
        _, made, _ = await azure.arm("GET", nic_id("nic1"))
        since = azure.world.chronicle.last
        plain = {"ipConfigurations": made["properties"]["ipConfigurations"]}
        speedy = {**plain, "enableAcceleratedNetworking": True}
        for tags, properties in (
            ({"by": "op-1"}, plain),
            ({"by": "op-1", "cost": "12"}, plain),
            ({"by": "op-1", "cost": "12"}, speedy),
            ({"by": "op-1", "cost": "12"}, speedy),
        ):
            mark = {"x_ms_client_request_id": "mooring/op-1/step"}
            body = {"location": "eastus", "tags": tags, "properties": properties}
            status, answer, _ = await azure.arm("PUT", nic_id("nic1"), body, **mark)
            assert status == 200, answer
            await azure.world.clock.sleep(60)

        asked = [one for one in await history(azure, since) if isinstance(one, Asked)]

    assert [one.idle for one in asked] == [True, False, False, True]


async def test_reads_are_no_happenings() -> None:
    async with world() as azure:
        since = azure.world.chronicle.last

        await azure.arm("GET", NETWORK + "/networkInterfaces/nic1")

        assert await history(azure, since) == []


async def test_a_request_that_was_lost_on_its_way_is_told_with_status_0() -> None:
    async with world() as azure:
        await azure.put(VM_ID, from_image())
        since = azure.world.chronicle.last
        await want(azure, "POST", "/faults", {"kind": "lose_request"})
        with pytest.raises(aiohttp.ClientError):
            await azure.arm("POST", f"{VM_ID}/start")

        (asked,) = await history(azure, since)

    assert asked.status == 0


async def test_an_event_that_a_subscriber_took_is_told() -> None:
    async with world() as azure, listening() as subscriber:
        await want(azure, "PUT", "/subscribers/s", {"endpoint": subscriber.url})
        await azure.put(VM_ID, from_image())
        while not subscriber.heard:
            await azure.world.clock.sleep(10)
        await azure.world.clock.sleep(50)
        happened = await history(azure)

    told = [one for one in happened if isinstance(one, Told)]
    assert {one.subscriber for one in told} == {"s"}
    assert any(one.event["subject"] == VM_ID for one in told)


async def test_a_call_that_leaves_little_in_a_bucket_is_told_once() -> None:
    async with world(speed=20, latency_scale=0.02, throttle=True) as azure:
        await azure.put(VM_ID, from_image())
        for _ in range(12):
            await azure.arm("POST", f"{VM_ID}/start")
        happened = await history(azure)

    (dip,) = [one for one in happened if isinstance(one, Dip)]
    assert dip.bucket == f"updatevm|{VM_ID.split('/')[2]}|{VM_ID}".lower()
    assert dip.burst == 12
    assert 0 < dip.left < 2.4


async def test_a_bucket_emptied_by_hand_is_nobodys_doing() -> None:
    async with world(speed=20, latency_scale=0.02, throttle=True) as azure:
        await azure.put(VM_ID, from_image())
        bucket = f"updatevm|{VM_ID.split('/')[2]}|{VM_ID}".lower()
        await want(azure, "PUT", "/throttle", {"left": {bucket: 2.5}})
        await azure.arm("POST", f"{VM_ID}/start")
        happened = await history(azure)

    assert [one for one in happened if isinstance(one, Dip)] == []


async def test_what_is_no_longer_kept_is_refused() -> None:
    async with world() as azure:
        azure.world.chronicle._kept.popleft()

        status, answer, _ = await azure.send("GET", "/_world/history?since=0")

        alone, newest, _ = await azure.send("GET", "/_world/history?limit=0")

    assert (alone, newest["history"], newest["last"]) == (200, [], azure.world.chronicle.last)
    assert status == 410
    assert "before 2 are no longer kept" in answer["error"]


async def test_every_happening_survives_the_wire() -> None:
    async with world() as azure:
        await azure.put(VM_ID, from_image())
        now = azure.world.now
        azure.world.chronicle.note(Dip(now, "putvm|s", 1.5, 12))
        late = Asked(now, "ada", "DELETE", "delete", "vm", "", 202, "", "v1", "v1", sent=now)
        azure.world.chronicle.note(late)
        kept = [one for _, one in azure.world.chronicle.since(0, 1_000)]

    assert [from_json(to_json(one)) for one in kept] == kept


async def test_of_a_vm_that_is_refused_is_told_where_it_was_to_be() -> None:
    async with world() as azure:
        await azure.put(VM_ID, from_image())
        await act(azure, "deallocate")
        await want(azure, "PUT", "/capacity", {"rules": [{"room": 0, "when": "accept"}]})
        started = await azure.arm("POST", f"{VM_ID}/start")
        made = await azure.arm("PUT", f"{VM_ID}2", from_image(spot=False, zone=None, nic="nic2"))

        happened = await history(azure)

    asked = [one for one in happened if isinstance(one, Asked)]
    assert (started[0], made[0]) == (409, 409)
    assert [one.place for one in asked if one.place] == [
        f"{SIZE.lower()}/{where}" for where in ("1/SPOT", "/OD")
    ]
