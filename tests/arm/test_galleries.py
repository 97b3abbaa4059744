"""Compute galleries: definitions, versions, replicas, and what `latest` means in a region."""

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from local.arm.image.state import resolve
from local.arm.wire import ArmProblem
from tests.arm.compute import aio, sync
from tests.simulator import SUBSCRIPTION, Azure

COMPUTE = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute"
GALLERY = COMPUTE + "/galleries/g1"
DEFINITION = GALLERY + "/images/i1"


def definition(os_state: str = "Specialized") -> m.GalleryImage:
    properties = m.GalleryImageProperties(
        os_type="Linux",
        os_state=os_state,
        hyper_v_generation="V2",
        architecture="x64",
        identifier=m.GalleryImageIdentifier(publisher="p", offer="o", sku="s"),
        features=[m.GalleryImageFeature(name="SecurityType", value="TrustedLaunchSupported")],
    )
    return m.GalleryImage(location="eastus", properties=properties)


def version(
    source_id: str, *, exclude: bool = False, regions: tuple[str, ...] = ("East US",)
) -> m.GalleryImageVersion:
    properties = m.GalleryImageVersionProperties(
        publishing_profile=m.GalleryImageVersionPublishingProfile(
            target_regions=[m.TargetRegion(name=region) for region in regions],
            exclude_from_latest=exclude,
        ),
        storage_profile=m.GalleryImageVersionStorageProfile(
            os_disk_image=m.GalleryOSDiskImage(source=m.GalleryDiskImageSource(id=source_id))
        ),
    )
    return m.GalleryImageVersion(location="eastus", properties=properties)


async def make_disk(azure: Azure) -> str:
    path = COMPUTE + "/disks/os"
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 30, "osType": "Linux"}
    await azure.put(path, {"location": "eastus", "properties": properties})
    return path


async def test_the_sync_client_fills_and_empties_a_gallery(azure: Azure) -> None:
    source_id = await make_disk(azure)

    def work(
        client: ComputeManagementClient,
    ) -> tuple[list[list[str | None]], str | None, str | None]:
        galleries, images = client.galleries, client.gallery_images
        versions = client.gallery_image_versions
        galleries.begin_create_or_update("rg", "g1", m.Gallery(location="eastus")).result()
        images.begin_create_or_update("rg", "g1", "i1", definition()).result()
        made = versions.begin_create_or_update("rg", "g1", "i1", "1.0.0", version(source_id))
        done = made.result()
        names = [
            [one.name for one in galleries.list()],
            [one.name for one in galleries.list_by_resource_group("rg")],
            [one.name for one in images.list_by_gallery("rg", "g1")],
            [one.name for one in versions.list_by_gallery_image("rg", "g1", "i1")],
        ]
        shown = versions.get("rg", "g1", "i1", "1.0.0", expand="ReplicationStatus")
        state = shown.replication_status.aggregated_state if shown.replication_status else None
        with pytest.raises(HttpResponseError):
            galleries.begin_delete("rg", "g1")
        versions.begin_delete("rg", "g1", "i1", "1.0.0").result()
        images.begin_delete("rg", "g1", "i1").result()
        galleries.begin_delete("rg", "g1").result()
        return [*names, [one.name for one in galleries.list()]], done.provisioning_state, state

    names, provisioning_state, replicated = await sync(azure, work)

    assert names == [["g1"], ["g1"], ["i1"], ["1.0.0"], []]
    assert (provisioning_state, replicated) == ("Succeeded", "Completed")


async def test_latest_is_the_highest_version_that_the_region_holds_and_nobody_excluded(
    azure: Azure,
) -> None:
    source_id = await make_disk(azure)
    world = azure.world
    async with aio(azure) as client:
        gallery = m.Gallery(location="eastus")
        await (await client.galleries.begin_create_or_update("rg", "g1", gallery)).result()
        images = client.gallery_images
        await (await images.begin_create_or_update("rg", "g1", "i1", definition())).result()
        versions = client.gallery_image_versions
        for name, made in {
            "1.9.0": version(source_id),
            "1.10.0": version(source_id, regions=("eastus", "westeurope")),
            "2.0.0": version(source_id, exclude=True),
            "3.0.0": version(source_id, regions=("westeurope",)),
        }.items():
            begun = await versions.begin_create_or_update("rg", "g1", "i1", name, made)
            await begun.result()

    east = resolve(world, {"id": DEFINITION}, "eastus")
    west = resolve(world, {"id": DEFINITION.upper()}, "westeurope")
    named = resolve(world, {"id": DEFINITION + "/versions/2.0.0"}, "eastus")
    with pytest.raises(ArmProblem) as refused:
        resolve(world, {"id": DEFINITION + "/versions/1.9.0"}, "westeurope")

    assert (east["exactVersion"], west["exactVersion"]) == ("1.10.0", "3.0.0")
    assert named["exactVersion"] == "2.0.0"
    assert (east["osState"], east["securityType"]) == ("Specialized", "TrustedLaunchSupported")
    assert "is not available in westeurope region" in refused.value.error["message"]


async def test_a_version_needs_its_definition_and_three_numbers(azure: Azure) -> None:
    body = {"location": "eastus", "properties": {}}

    orphan, refusal, _ = await azure.arm("PUT", DEFINITION + "/versions/1.0.0", body)
    await azure.put(GALLERY, {"location": "eastus"})
    properties = {"osType": "Linux", "osState": "Generalized", "identifier": {"publisher": "p"}}
    await azure.put(DEFINITION, {"location": "eastus", "properties": properties})
    misnamed, _, _ = await azure.arm("PUT", DEFINITION + "/versions/1.0", body)
    fixed, _, _ = await azure.arm(
        "PUT",
        DEFINITION,
        {"location": "eastus", "properties": properties | {"osState": "Specialized"}},
    )

    assert (orphan, refusal["error"]["code"]) == (404, "ParentResourceNotFound")
    assert (misnamed, fixed) == (400, 409)
