"""Images: the marketplace's lists, managed images, and what a reference comes down to."""

from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.arm.image.state import resolve
from local.arm.marketplace import state as marketplace
from local.arm.wire import ArmProblem
from local.arm.world import Resource
from tests.arm.compute import aio, sync
from tests.simulator import SUBSCRIPTION, Azure

COMPUTE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute"
JAMMY = ("Canonical", "0001-com-ubuntu-server-jammy", "22_04-lts-gen2")
EMPTY = {"createOption": "Empty"}


def reference(version: str = "latest", **changes: str) -> dict[str, str]:
    names = dict(zip(("publisher", "offer", "sku"), JAMMY, strict=True))
    return names | {"version": version} | changes


async def test_the_sync_client_walks_from_publishers_to_one_version(azure: Azure) -> None:
    def work(client: ComputeManagementClient) -> tuple[list[list[str]], m.VirtualMachineImage]:
        images = client.virtual_machine_images
        steps = [
            images.list_publishers("eastus"),
            images.list_offers("eastus", JAMMY[0]),
            images.list_skus("eastus", *JAMMY[:2]),
            images.list("eastus", *JAMMY, orderby="name desc", top=1),
        ]
        names = [[entry.name for entry in step] for step in steps]
        return names, images.get("eastus", *JAMMY, names[3][0])

    names, image = await sync(azure, work)

    assert {"Canonical", "Debian", "RedHat", "SUSE", "MicrosoftWindowsServer"} <= set(names[0])
    assert {JAMMY[1], "ubuntu-24_04-lts"} <= set(names[1])
    assert {"22_04-lts", "22_04-lts-gen2", "22_04-lts-arm64"} <= set(names[2])
    assert names[3] == ["22.04.202410170"]
    assert (image.hyper_v_generation, image.architecture) == ("V2", "x64")
    assert image.os_disk_image is not None
    assert image.os_disk_image.operating_system == "Linux"
    features = {feature.name: feature.value for feature in image.features or []}
    assert features["SecurityType"] == "TrustedLaunchSupported"


async def test_the_aio_client_lists_versions_with_what_they_are(azure: Azure) -> None:
    async with aio(azure) as client:
        images = client.virtual_machine_images
        found = await images.list_with_properties("eastus", *JAMMY, expand="Properties")

    assert [image.name for image in found] == [
        "22.04.202406140",
        "22.04.202409270",
        "22.04.202410170",
    ]
    assert {image.hyper_v_generation for image in found} == {"V2"}


async def test_latest_means_the_highest_version_also_of_those_published_later(
    azure: Azure,
) -> None:
    before = resolve(azure.world, reference(), "eastus")
    marketplace.publish(azure.world, ":".join(JAMMY), "22.04.202612010")

    after = resolve(azure.world, reference(publisher="CANONICAL"), "eastus")

    assert before["exactVersion"] == "22.04.202410170"
    assert after["exactVersion"] == "22.04.202612010"
    assert after["id"].endswith("/Skus/22_04-lts-gen2/Versions/22.04.202612010")


async def test_an_image_with_terms_names_its_plan(azure: Azure) -> None:
    asked = reference(publisher="redhat", offer="rhel-byos", sku="rhel-lvm94-gen2")

    image = resolve(azure.world, asked, "eastus")

    assert image["purchasePlan"] == {
        "publisher": "redhat",
        "product": "rhel-byos",
        "name": "rhel-lvm94-gen2",
    }


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (reference(sku="23_04"), 404, "PlatformImageNotFound"),
        (reference("1.2.3"), 404, "PlatformImageNotFound"),
        (reference(""), 400, "InvalidParameter"),
        ({"id": COMPUTE + "/images/none"}, 404, "NotFound"),
        ({"id": COMPUTE + "/galleries/g/images/none"}, 404, "GalleryImageNotFound"),
        ({"communityGalleryImageId": "/CommunityGalleries/x"}, 404, "GalleryImageNotFound"),
    ],
    ids=["sku", "version", "no version", "managed", "gallery", "community"],
)
async def test_an_image_that_is_not_there_is_refused(
    azure: Azure, asked: dict[str, str], status: int, code: str
) -> None:
    with pytest.raises(ArmProblem) as refused:
        resolve(azure.world, asked, "eastus")

    assert (refused.value.status, refused.value.error["code"]) == (status, code)


async def make_disk(azure: Azure, name: str, size_gib: int, **more: Any) -> str:
    properties = {"creationData": EMPTY, "diskSizeGB": size_gib, **more}
    path = f"{COMPUTE}/disks/{name}"
    await azure.put(path, {"location": "eastus", "properties": properties})
    return path


async def test_the_aio_client_makes_an_image_of_disks_that_new_disks_come_from(
    azure: Azure,
) -> None:
    os_disk = await make_disk(azure, "os", 30, osType="Linux", hyperVGeneration="V2")
    data_disk = await make_disk(azure, "data", 8)
    storage = m.ImageStorageProfile(
        os_disk=m.ImageOSDisk(
            os_type="Linux",
            os_state="Generalized",
            managed_disk=m.SubResource(id=os_disk),
        ),
        data_disks=[m.ImageDataDisk(lun=3, managed_disk=m.SubResource(id=data_disk))],
    )

    async with aio(azure) as client:
        properties = m.ImageProperties(hyper_v_generation="V2", storage_profile=storage)
        wanted = m.Image(location="eastus", properties=properties)
        image = await (await client.images.begin_create_or_update("rg", "i1", wanted)).result()
        listed = [one.name async for one in client.images.list()]
        listed += [one.name async for one in client.images.list_by_resource_group("rg")]
        creation = m.CreationData(
            create_option="FromImage",
            image_reference=m.ImageDiskReference(id=image.id, lun=3),
        )
        from_image = m.Disk(location="eastus", properties=m.DiskProperties(creation_data=creation))
        begun = await client.disks.begin_create_or_update("rg", "copy", from_image)
        copy = await begun.result()
        resolved = resolve(azure.world, {"id": image.id}, "eastus")
        await (await client.images.begin_delete("rg", "i1")).result()
        left = [one.name async for one in client.images.list()]

    assert (image.provisioning_state, listed, left) == ("Succeeded", ["i1", "i1"], [])
    assert (copy.disk_size_gb, copy.os_type) == (8, None)
    assert (resolved["osType"], resolved["hyperVGeneration"]) == ("Linux", "V2")
    assert resolved["dataDiskImages"] == [{"lun": 3, "sizeGB": 8}]


async def test_an_image_of_a_vm_needs_it_generalized(azure: Azure) -> None:
    os_disk = await make_disk(azure, "os", 30, osType="Linux", hyperVGeneration="V2")
    vm_id = COMPUTE + "/virtualMachines/vm1"
    storage = {"osDisk": {"managedDisk": {"id": os_disk}}, "dataDisks": []}
    body = {"location": "eastus", "properties": {"storageProfile": storage}}
    vm = azure.world.save(Resource(vm_id, "Microsoft.Compute/virtualMachines", body))
    wanted = {"location": "eastus", "properties": {"sourceVirtualMachine": {"id": vm_id}}}

    early, _, _ = await azure.arm("PUT", COMPUTE + "/images/i1", wanted)
    vm.sim["generalized"] = True
    image = await azure.put(COMPUTE + "/images/i1", wanted)

    assert early == 409
    assert image["properties"]["storageProfile"]["osDisk"]["osType"] == "Linux"
    assert image["properties"]["hyperVGeneration"] == "V2"
