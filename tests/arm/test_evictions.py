"""Evictions: notice, deallocation, and nothing on the VM that tells them from a stop."""

from datetime import datetime

from tests.arm.machines import (
    VM,
    Json,
    act,
    disk_id,
    from_image,
    nic_id,
    power_of,
    read,
    refused,
    vm_id,
    want,
    world,
)
from tests.simulator import SUBSCRIPTION, Azure

EVENTS = f"/_world/vms/{SUBSCRIPTION}/rg/vm1/metadata/scheduledevents"
GUEST = {"Metadata": "true"}


async def at_second(azure: Azure, since: datetime, seconds: float) -> None:
    passed = (azure.world.clock.now() - since).total_seconds()
    await azure.world.clock.sleep(seconds - passed)


def comparable(vm: Json) -> Json:
    """Return a VM without what time changes."""
    del vm["etag"]
    for status in vm["properties"]["instanceView"]["statuses"]:
        status.pop("time", None)
    for disk in vm["properties"]["instanceView"]["disks"]:
        disk["statuses"][0].pop("time")
    return vm


async def test_an_eviction_is_announced_30_s_ahead_and_over_after_65_s() -> None:
    async with world(speed=100) as azure:
        await azure.put(VM, from_image())
        asked = azure.world.clock.now()
        status, body, _ = await azure.arm("POST", f"{VM}/simulateEviction")
        _, document, _ = await azure.send("GET", EVENTS, None, GUEST)
        still = await power_of(azure)
        await at_second(azure, asked, 45)
        going = await power_of(azure)
        busy = await refused(azure, "POST", f"{VM}/start")
        await at_second(azure, asked, 75)

        event = document["Events"][0]
        assert (status, body) == (204, "")
        assert (event["EventType"], event["EventStatus"]) == ("Preempt", "Scheduled")
        assert event["Resources"] == ["vm1"]
        assert (still, going) == ("PowerState/running", "PowerState/deallocating")
        assert busy["http"] == 409
        assert await power_of(azure) == "PowerState/deallocated"
        assert (await azure.send("GET", EVENTS, None, GUEST))[1]["Events"] == []


async def test_an_evicted_vm_reads_like_one_that_its_owner_deallocated() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")
        by_owner = comparable(await read(azure, f"{VM}?$expand=instanceView"))
        await act(azure, "start")
        await azure.arm("POST", f"{VM}/simulateEviction")
        await azure.world.clock.sleep(80)

        by_azure = comparable(await read(azure, f"{VM}?$expand=instanceView"))

        assert by_azure == by_owner
        assert (await read(azure, disk_id("os1")))["properties"]["diskState"] == "Reserved"


async def test_policy_delete_takes_the_disks_along() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(evictionPolicy="Delete"))
        await azure.arm("POST", f"{VM}/simulateEviction")
        await azure.world.clock.sleep(80)

        error = await refused(azure, "GET", VM)

        assert (error["http"], error["code"]) == (404, "NotFound")
        assert error["message"] == "The entity was not found in this Azure location."
        assert (await azure.arm("GET", disk_id("os1")))[0] == 404
        assert "virtualMachine" not in (await read(azure, nic_id("nic1")))["properties"]


async def test_a_regular_vm_cannot_be_evicted() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(spot=False))

        error = await refused(azure, "POST", f"{VM}/simulateEviction")

        assert (error["http"], error["code"]) == (409, "OperationNotAllowed")
        assert error["message"] == (
            "Operation 'simulateEviction' is allowed only for Spot Virtual Machines"
        )


async def test_the_guest_may_let_the_eviction_start_early() -> None:
    async with world(speed=100) as azure:
        await azure.put(VM, from_image())
        await azure.arm("POST", f"{VM}/simulateEviction")
        _, document, _ = await azure.send("GET", EVENTS, None, GUEST)
        approval = {"StartRequests": [{"EventId": document["Events"][0]["EventId"]}]}

        status, _, _ = await azure.send("POST", EVENTS, approval, GUEST)
        _, after, _ = await azure.send("GET", EVENTS, None, GUEST)

        assert status == 200
        assert after["Events"][0]["EventStatus"] == "Started"
        assert after["DocumentIncarnation"] > document["DocumentIncarnation"]
        assert (await azure.send("POST", EVENTS, {}, GUEST))[0] == 400
        assert (await azure.send("GET", EVENTS))[0] == 400


async def test_an_eviction_waits_for_the_operation_that_runs() -> None:
    async with world(latency_scale=2.0) as azure:
        await azure.put(VM, from_image())
        _, _, headers = await azure.arm("POST", f"{VM}/redeploy")
        await want(azure, "POST", "/evictions", {"vm": VM, "notice_s": 1})

        end = await azure.finish(headers)
        await azure.world.clock.sleep(100)

        assert end["status"] == "Succeeded"
        assert await power_of(azure) == "PowerState/deallocated"


async def test_a_vm_deallocated_during_its_notice_is_not_evicted_again() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await want(azure, "POST", "/evictions", {"vm": VM, "notice_s": 300})
        await act(azure, "deallocate")
        await act(azure, "start")
        await azure.world.clock.sleep(400)

        assert await power_of(azure) == "PowerState/running"


async def test_a_family_in_a_zone_is_evicted_together() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        other = from_image(nic="nic2", zone="2")
        other["properties"]["storageProfile"]["osDisk"]["name"] = "os2"
        await azure.put(vm_id("vm2"), other)

        order = {"size": "Standard_D*s_v5", "zone": "1"}
        answer = await want(azure, "POST", "/evictions", order)
        none = await want(azure, "POST", "/evictions", order)

        assert answer["evicted"] == [VM]
        assert none["evicted"] == []


async def test_capacity_that_shrinks_evicts_what_is_too_much_and_comes_back_by_itself() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        gone = {"size": "Standard_D2s_v5", "room": 0, "evict": True}
        back = {"size": "Standard_D2s_v5", "room": None, "in_s": 300}
        await want(azure, "PUT", "/capacity", {"rules": [gone, back]})
        await azure.world.clock.sleep(100)

        early = await azure.arm("POST", f"{VM}/start")
        if early[0] == 202:
            assert (await azure.finish(early[2]))["status"] == "Failed"
        await azure.world.clock.sleep(300)
        late = await act(azure, "start")

        assert late["status"] == "Succeeded"


async def test_room_is_counted_over_all_that_a_rule_speaks_of() -> None:
    async with world() as azure:
        rule = {"size": "Standard_D*s_v5", "room": 1, "when": "accept", "lifecycle": "SPOT"}
        await want(azure, "PUT", "/capacity", {"rules": [rule]})
        await azure.put(VM, from_image())
        body = from_image(size="Standard_D4s_v5", nic="nic2")
        body["properties"]["storageProfile"]["osDisk"]["name"] = "os2"

        full = await refused(azure, "PUT", vm_id("vm2"), body)
        del body["properties"]["priority"]
        regular = await azure.put(vm_id("vm2"), body)

        told = await want(azure, "GET", "/capacity")
        assert full["code"] == "SkuNotAvailable"
        assert regular["properties"]["provisioningState"] == "Succeeded"
        assert told["standing"] == {
            "eastus/Standard_D2s_v5/1/SPOT": 1,
            "eastus/Standard_D4s_v5/1/OD": 1,
        }


async def test_the_code_of_a_shortage_can_be_chosen() -> None:
    async with world() as azure:
        rule = {"room": 0, "when": "accept", "code": "OverconstrainedZonalAllocationRequest"}
        await want(azure, "PUT", "/capacity", {"rules": [rule]})

        error = await refused(azure, "PUT", VM, from_image())

        assert error["code"] == "OverconstrainedZonalAllocationRequest"
        for constraint in ("Availability Zone", "Low Priority VMs", "Preemptible VMs", "VM Size"):
            assert constraint in error["message"]


async def test_a_malformed_order_is_refused_with_what_is_wrong() -> None:
    async with world() as azure:
        for body in ({"rules": [{"room": -1}]}, {"rules": [{"size": "x", "rom": 1}]}, {}):
            status, answer, _ = await azure.send("PUT", "/_world/capacity", body)

            assert status == 400
            assert answer["error"]
