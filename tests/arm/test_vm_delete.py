"""What a VM leaves behind."""

from datetime import datetime

from tests.arm.machines import (
    GROUP,
    NETWORK,
    VM,
    act,
    delete,
    disk_id,
    from_image,
    nic_id,
    read,
    refused,
    world,
)


async def test_by_default_disks_and_interface_stay_and_are_free() -> None:
    async with world() as azure:
        body = from_image()
        body["properties"]["storageProfile"]["dataDisks"] = [
            {"lun": 0, "name": "d0", "createOption": "Empty", "diskSizeGB": 4}
        ]
        await azure.put(VM, body)

        await delete(azure)

        for name in ("os1", "d0"):
            disk = await read(azure, disk_id(name))
            assert disk["properties"]["diskState"] == "Unattached"
            assert "managedBy" not in disk
        assert "virtualMachine" not in (await read(azure, nic_id("nic1")))["properties"]


async def test_what_says_delete_goes_with_the_vm() -> None:
    async with world() as azure:
        body = from_image()
        storage = body["properties"]["storageProfile"]
        storage["osDisk"]["deleteOption"] = "Delete"
        storage["dataDisks"] = [
            {
                "lun": 0,
                "name": "d0",
                "createOption": "Empty",
                "diskSizeGB": 4,
                "deleteOption": "Delete",
            }
        ]
        nic = body["properties"]["networkProfile"]["networkInterfaces"][0]
        nic["properties"] = {"deleteOption": "Delete"}
        await azure.put(VM, body)

        await delete(azure)

        for path in (disk_id("os1"), disk_id("d0"), nic_id("nic1")):
            assert (await azure.arm("GET", path))[0] == 404


async def test_delete_options_are_set_on_a_vm_that_is_there() -> None:
    async with world() as azure:
        body = from_image()
        body["properties"]["storageProfile"]["osDisk"]["deleteOption"] = "Delete"
        await azure.put(VM, body)
        change = {"properties": {"storageProfile": {"osDisk": {"deleteOption": "Detach"}}}}
        _, _, headers = await azure.arm("PATCH", VM, change)
        await azure.finish(headers)

        await delete(azure)

        assert (await read(azure, disk_id("os1")))["properties"]["diskState"] == "Unattached"


async def test_deleting_what_is_not_there_is_204() -> None:
    async with world() as azure:
        status, body, _ = await azure.arm("DELETE", VM)

        assert (status, body) == (204, "")


async def test_compute_answers_for_a_vm_that_just_went_and_arm_later() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await delete(azure)

        soon = await refused(azure, "GET", VM)
        await azure.world.clock.sleep(301)
        later = await refused(azure, "GET", VM)

        assert (soon["code"], later["code"]) == ("NotFound", "ResourceNotFound")


async def test_a_deallocated_vm_goes_in_half_a_second_a_running_one_in_forty() -> None:
    async with world() as azure:
        durations = []
        for stop in (True, False):
            body = from_image()
            body["properties"]["storageProfile"]["osDisk"] |= {"deleteOption": "Delete"}
            await azure.put(VM, body)
            if stop:
                await act(azure, "deallocate")
            end = await delete(azure)
            durations.append((end["startTime"], end["endTime"]))

        seconds = [
            (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
            for begin, end in durations
        ]
        assert [round(one, 1) for one in seconds] == [0.5, 42.5]


async def test_a_repeated_delete_is_answered_with_the_operation_that_runs() -> None:
    async with world(latency_scale=10) as azure:
        await azure.put(VM, from_image())
        _, _, first = await azure.arm("DELETE", VM)

        status, _, second = await azure.arm("DELETE", VM)

        assert (status, second["azure-asyncoperation"]) == (202, first["azure-asyncoperation"])


async def test_a_group_takes_its_vms_and_all_else_with_it() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        status, _, headers = await azure.arm("DELETE", GROUP)
        path = headers["location"].removeprefix(azure.url)
        while (await azure.arm("GET", path))[0] == 202:
            await azure.world.clock.sleep(5)

        gone = await refused(azure, "GET", f"{NETWORK}/networkInterfaces/nic1")

        assert status == 202
        assert gone["code"] == "ResourceGroupNotFound"
        assert azure.world.resources == {}
