"""VMs whose disks are no resources: blobs, the host's own disk; and VMs that are generalized."""

from tests.arm.machines import (
    COMPUTE,
    VM,
    Json,
    act,
    delete,
    from_image,
    power_of,
    read,
    refused,
    want,
    world,
)
from tests.simulator import Azure

BLOBS = "https://legacy.blob.core.windows.net/vhds"
DISKS = f"{COMPUTE}/disks"


def on_blobs() -> Json:
    """Return a VM whose disks are blobs."""
    body = from_image(zone=None, spot=False)
    data = {"lun": 4, "name": "d4", "createOption": "Empty", "diskSizeGB": 32, "caching": "None"}
    storage = body["properties"]["storageProfile"]
    storage["osDisk"] |= {"vhd": {"uri": f"{BLOBS}/os.vhd"}, "caching": "ReadWrite"}
    storage["dataDisks"] = [data | {"vhd": {"uri": f"{BLOBS}/d4.vhd"}}]
    return body


def ephemeral(caching: str = "ReadOnly") -> Json:
    body = from_image(zone=None, spot=False)
    os_disk = body["properties"]["storageProfile"]["osDisk"]
    os_disk |= {"diffDiskSettings": {"option": "Local"}, "caching": caching}
    return body


async def disks(azure: Azure) -> list[Json]:
    return list((await read(azure, DISKS))["value"])


async def storage(azure: Azure) -> tuple[Json, list[Json]]:
    profile = (await read(azure, VM))["properties"]["storageProfile"]
    return profile["osDisk"], profile["dataDisks"]


async def test_blobs_are_no_resources_and_outlive_their_vm() -> None:
    async with world() as azure:
        await azure.put(VM, on_blobs())

        os_disk, (data,) = await storage(azure)
        assert await disks(azure) == []
        assert os_disk["vhd"] == {"uri": f"{BLOBS}/os.vhd"}
        assert "managedDisk" not in os_disk
        assert (data["lun"], data["vhd"]) == (4, {"uri": f"{BLOBS}/d4.vhd"})
        await delete(azure)


async def test_a_conversion_makes_a_disk_of_each_blob_under_a_name_of_azures() -> None:
    async with world() as azure:
        await azure.put(VM, on_blobs())
        await act(azure, "deallocate")

        await act(azure, "convertToManagedDisks")

        os_disk, (data,) = await storage(azure)
        made = {one["id"]: one for one in await disks(azure)}
        assert set(made) == {one["managedDisk"]["id"] for one in (os_disk, data)}
        assert "vhd" not in os_disk
        assert "vhd" not in data
        assert os_disk["name"].startswith("vm1_OsDisk_1_")
        whole = made[os_disk["managedDisk"]["id"]]
        assert whole["managedBy"].lower() == VM.lower()
        assert whole["properties"]["diskState"] == "Reserved"
        assert whole["properties"]["osType"] == "Linux"
        source = whole["properties"]["creationData"]
        assert source == {"createOption": "Import", "sourceUri": f"{BLOBS}/os.vhd"}
        assert data["lun"] == 4
        assert made[data["managedDisk"]["id"]]["properties"]["diskSizeGB"] == 32


async def test_a_converted_vm_starts_on_its_disks_and_is_not_converted_again() -> None:
    async with world() as azure:
        await azure.put(VM, on_blobs())
        await act(azure, "deallocate")
        await act(azure, "convertToManagedDisks")

        problem = await refused(azure, "POST", f"{VM}/convertToManagedDisks")
        await act(azure, "start")

        assert problem["code"] == "OperationNotAllowed"
        assert "already using managed disks" in problem["message"]
        assert {one["properties"]["diskState"] for one in await disks(azure)} == {"Attached"}


async def test_a_conversion_starts_the_vm_where_the_world_has_it_so() -> None:
    async with world() as azure:
        await azure.put(VM, on_blobs())
        await act(azure, "deallocate")
        await want(azure, "PATCH", "/settings", {"conversion_starts": True})

        await act(azure, "convertToManagedDisks")

        assert await power_of(azure) == "PowerState/running"
        assert {one["properties"]["diskState"] for one in await disks(azure)} == {"Attached"}


async def test_only_a_deallocated_vm_is_converted() -> None:
    async with world() as azure:
        await azure.put(VM, on_blobs())

        problem = await refused(azure, "POST", f"{VM}/convertToManagedDisks")
        nowhere = await refused(azure, "POST", f"{VM}-none/convertToManagedDisks")

        assert problem["code"] == "OperationNotAllowed"
        assert "not deallocated" in problem["message"]
        assert nowhere["http"] == 404


async def test_an_ephemeral_disk_is_the_hosts_and_such_a_vm_cannot_be_deallocated() -> None:
    async with world() as azure:
        await azure.put(VM, ephemeral())

        problem = await refused(azure, "POST", f"{VM}/deallocate")

        os_disk, _ = await storage(azure)
        assert os_disk["diffDiskSettings"] == {"option": "Local"}
        assert await disks(azure) == []
        assert (problem["http"], problem["code"]) == (409, "OperationNotAllowed")


async def test_an_ephemeral_disk_is_cached_for_reading_only() -> None:
    async with world() as azure:
        problem = await refused(azure, "PUT", VM, ephemeral("ReadWrite"))

        assert problem["target"] == "osDisk.caching"


async def test_a_generalized_vm_says_so_and_never_starts_again() -> None:
    async with world() as azure:
        await azure.put(VM, from_image(spot=False))
        await act(azure, "deallocate")
        status, _, _ = await azure.arm("POST", f"{VM}/generalize")

        problem = await refused(azure, "POST", f"{VM}/start")
        view = await read(azure, f"{VM}/instanceView")

        assert status == 200
        assert "OSState/generalized" in [one["code"] for one in view["statuses"]]
        assert "generalized" in problem["message"]
