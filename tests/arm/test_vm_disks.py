"""Disks that a VM does not take: of another size, of a kind that it was not made for."""

from typing import Any

from tests.arm.machines import VM, Json, act, disk_id, from_image, read, refused, world


async def made(azure: Any, name: str, **more: Any) -> None:
    """Make an empty disk in zone 1."""
    size = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
    await azure.put(
        disk_id(name), {"location": "eastus", "zones": ["1"], "properties": size, **more}
    )


async def test_an_os_disk_is_swapped_only_for_one_of_its_size() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        source = {"createOption": "Copy", "sourceResourceId": disk_id("os1")}
        body: Json = {"location": "eastus", "zones": ["1"]}
        await azure.put(
            disk_id("larger"), body | {"properties": {"creationData": source, "diskSizeGB": 512}}
        )
        await act(azure, "deallocate")
        disk = {"name": "larger", "managedDisk": {"id": disk_id("larger")}}

        error = await refused(
            azure, "PATCH", VM, {"properties": {"storageProfile": {"osDisk": disk}}}
        )

        storage = (await read(azure, VM))["properties"]["storageProfile"]
        assert (error["http"], error["code"]) == (400, "InvalidParameter")
        assert storage["osDisk"]["name"] == "os1"


async def test_an_ultra_disk_comes_only_to_a_vm_that_was_made_for_such() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await made(azure, "ultra", sku={"name": "UltraSSD_LRS"})
        attach = {"dataDisksToAttach": [{"diskId": disk_id("ultra")}]}

        error = await refused(azure, "POST", f"{VM}/attachDetachDataDisks", attach)

        assert "ultraSSDEnabled" in error["message"]
        assert "managedBy" not in await read(azure, disk_id("ultra"))


async def test_a_premium_disk_comes_only_to_a_size_that_serves_such() -> None:
    async with world() as azure:
        vm = from_image(size="Standard_D2_v3")
        vm["properties"]["storageProfile"]["imageReference"]["sku"] = "22_04-lts"
        await azure.put(VM, vm)
        await made(azure, "fast", sku={"name": "Premium_LRS"})
        attach = {"dataDisksToAttach": [{"diskId": disk_id("fast")}]}

        error = await refused(azure, "POST", f"{VM}/attachDetachDataDisks", attach)

        assert "Premium" in error["message"]
