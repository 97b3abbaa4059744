"""Start, stop, deallocate: power state apart from provisioning state."""

from tests.arm.machines import (
    VM,
    act,
    disk_id,
    fill,
    from_image,
    power_of,
    read,
    refused,
    want,
    world,
)


async def test_an_action_answers_202_with_all_headers_and_location_ends_with_200() -> None:
    async with world(retry_after="seconds") as azure:
        await azure.put(VM, from_image())

        status, body, headers = await azure.arm("POST", f"{VM}/deallocate")

        monitor = headers["location"][len(azure.url) :]
        running = await azure.arm("GET", monitor)
        await azure.finish(headers)
        done = await azure.arm("GET", monitor)
        assert (status, body, headers["retry-after"]) == (202, "", "10")
        assert "monitor=true" in monitor
        assert (running[0], done[0]) == (202, 200)


async def test_each_action_passes_through_its_own_power_states() -> None:
    async with world(speed=200, latency_scale=3) as azure:
        seen = []
        _, _, headers = await azure.arm("PUT", VM, from_image())
        seen.append(await power_of(azure))
        await azure.finish(headers)
        for action in ("powerOff", "start", "deallocate", "start"):
            _, _, headers = await azure.arm("POST", f"{VM}/{action}")
            seen.append(await power_of(azure))
            vm = await read(azure, VM)
            assert vm["properties"]["provisioningState"] == "Updating"
            await azure.finish(headers)
            seen.append(await power_of(azure))

        assert [state.removeprefix("PowerState/") for state in seen] == [
            "starting",
            *("stopping", "stopped"),
            *("starting", "running"),
            *("deallocating", "deallocated"),
            *("starting", "running"),
        ]


async def test_a_deallocated_vm_has_reserved_disks_and_no_agent_and_forgets_disk_sizes() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await azure.world.clock.sleep(60)

        await act(azure, "deallocate")

        vm = await read(azure, f"{VM}?$expand=instanceView")
        os_disk = vm["properties"]["storageProfile"]["osDisk"]
        disk = await read(azure, disk_id("os1"))
        assert disk["properties"]["diskState"] == "Reserved"
        assert "vmAgent" not in vm["properties"]["instanceView"]
        assert "osName" not in vm["properties"]["instanceView"]
        assert "diskSizeGB" not in os_disk
        assert "storageAccountType" not in os_disk["managedDisk"]

        await act(azure, "start")
        disk = await read(azure, disk_id("os1"))
        assert disk["properties"]["diskState"] == "Attached"


async def test_a_repeated_action_is_answered_with_the_operation_that_runs() -> None:
    async with world(latency_scale=8) as azure:
        await azure.put(VM, from_image())
        _, _, first = await azure.arm("POST", f"{VM}/deallocate")

        status, _, second = await azure.arm("POST", f"{VM}/deallocate")

        assert status == 202
        assert first["azure-asyncoperation"] == second["azure-asyncoperation"]


async def test_an_action_that_finds_nothing_to_do_succeeds() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())

        started = await act(azure, "start")
        await act(azure, "deallocate")
        deallocated = await act(azure, "deallocate")

        assert started["status"] == deallocated["status"] == "Succeeded"


async def test_a_second_operation_on_the_same_vm_is_409() -> None:
    async with world(latency_scale=8) as azure:
        await azure.put(VM, from_image())
        await azure.arm("POST", f"{VM}/deallocate")

        start = await refused(azure, "POST", f"{VM}/start")
        put = await refused(azure, "PUT", VM, from_image())
        delete = await refused(azure, "DELETE", VM)

        assert [one["http"] for one in (start, put, delete)] == [409, 409, 409]
        assert {one["code"] for one in (start, put, delete)} == {"Conflict"}


async def test_a_start_without_capacity_is_refused_at_once_or_later_and_leaves_the_vm() -> None:
    async with world() as azure:
        made = await azure.put(VM, from_image())
        await act(azure, "deallocate")

        await fill(azure, when="accept", lifecycle="SPOT")
        at_once = await refused(azure, "POST", f"{VM}/start")
        await fill(azure, when="completion", lifecycle="SPOT")
        later = await act(azure, "start")

        vm = await read(azure, VM)
        assert (at_once["http"], at_once["code"]) == (409, "SkuNotAvailable")
        assert (later["status"], later["error"]["code"]) == ("Failed", "ZonalAllocationFailed")
        assert await power_of(azure) == "PowerState/deallocated"
        assert vm["properties"]["vmId"] == made["properties"]["vmId"]
        assert (await read(azure, disk_id("os1")))["properties"]["diskState"] == "Reserved"

        await want(azure, "DELETE", "/capacity")
        assert (await act(azure, "start"))["status"] == "Succeeded"
        assert (await read(azure, VM))["properties"]["provisioningState"] == "Succeeded"


async def test_a_vm_may_not_start_above_its_max_price() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(billingProfile={"maxPrice": 0.5}))
        await act(azure, "deallocate")
        dear = {"location": "eastus", "size": "Standard_D2s_v5", "usd_per_hour": 0.6}
        await want(azure, "PUT", "/prices", {"prices": [dear]})

        error = await refused(azure, "POST", f"{VM}/start")

        assert (error["http"], error["code"]) == (409, "SpotPriceGreaterThanProvidedMaxPrice")


async def test_a_generalized_vm_does_not_start() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        running = await refused(azure, "POST", f"{VM}/generalize")
        await act(azure, "deallocate")

        status, _, _ = await azure.arm("POST", f"{VM}/generalize")

        error = await refused(azure, "POST", f"{VM}/start")
        assert (running["http"], status, error["http"]) == (409, 200, 409)


async def test_an_absent_vm_cannot_be_acted_on() -> None:
    async with world() as azure:
        error = await refused(azure, "POST", f"{VM}/start")

        assert (error["http"], error["code"]) == (404, "ResourceNotFound")


async def test_boot_diagnostics_are_told_when_they_are_on() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(diagnosticsProfile={"bootDiagnostics": {"enabled": True}}))

        status, told, _ = await azure.arm("POST", f"{VM}/retrieveBootDiagnosticsData")

        log = told["serialConsoleLogBlobUri"].removeprefix(azure.url)
        assert status == 200
        assert (await azure.send("GET", log))[0] == 200
