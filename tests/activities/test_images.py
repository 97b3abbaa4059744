"""Images: what Azure tells of each kind, and VMs made from them."""

from typing import Any

import pytest

from activities.image import ImageNotFoundError, read_image
from local.arm.marketplace.state import publish
from shared.contracts.base import Refused
from shared.contracts.vm import VmUp
from shared.model.image import Image
from shared.model.image_facts import ImageFacts, ImagePlan
from tests.activities.acts import VM_ID
from tests.activities.image_scenes import (
    GALLERY,
    IMAGE,
    LOGIN,
    OTHER,
    OTHER_ACCOUNT,
    connect,
    gallery,
    launch,
    managed_image,
)
from tests.activities.scenes import played
from tests.activities.stage import Stage
from tests.simulator import SUBSCRIPTION

UBUNTU = {"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server"}
CUSTOM = {"custom": {"resourceGroupName": "fleet", "name": "golden"}}
ZONES = {"compute__zones": ["1"]}
NOTHING_KEPT = {
    "persistence__shouldPersistOsDisk": False,
    "persistence__shouldPersistDataDisks": False,
}


async def told(stage: Stage, image: dict[str, Any]) -> ImageFacts:
    azure = await stage.ports.azure.of(SUBSCRIPTION)
    return await read_image(azure, "eastus", Image.model_validate(image))


async def stored(stage: Stage, changes: dict[str, Any]) -> None:
    """Store a node of a document with these changes, whose VMs go to one zone."""
    await stage.node(**{**ZONES, **changes})


def test_latest_of_the_marketplace_is_the_newest_version_there_is() -> None:
    async def scene(stage: Stage) -> list[ImageFacts]:
        image = {"marketplace": {**UBUNTU, "version": "latest"}}
        before = await told(stage, image)
        publish(stage.world, ":".join(UBUNTU.values()), "24.04.202501010")
        return [before, await told(stage, image)]

    before, after = played(scene)

    assert (before.version, after.version) == ("24.04.202410170", "24.04.202501010")
    assert after == ImageFacts(
        kind="marketplace",
        os="Linux",
        state="Generalized",
        generation="V2",
        architecture="x64",
        controllers=("SCSI", "NVMe"),
        security="TrustedLaunchSupported",
        size_gib=30,
        version="24.04.202501010",
    )


def test_the_plan_of_a_marketplace_image_is_told() -> None:
    image = {"publisher": "RedHat", "offer": "rhel-byos", "sku": "rhel-lvm94-gen2"}

    facts = played(lambda stage: told(stage, {"marketplace": {**image, "version": "latest"}}))

    assert facts.plan == ImagePlan(publisher="redhat", product="rhel-byos", name="rhel-lvm94-gen2")


def test_a_managed_image_tells_its_state_and_its_data_disks() -> None:
    """R32."""

    async def scene(stage: Stage) -> ImageFacts:
        await managed_image(stage, "Specialized", (2, 5))
        return await told(stage, CUSTOM)

    facts = played(scene)

    assert (facts.os, facts.generation, facts.size_gib) == ("Linux", "V2", 32)
    assert facts.specialized
    assert facts.data_luns == (2, 5)
    assert facts.security == ""


def test_latest_of_a_gallery_passes_over_what_is_excluded() -> None:
    async def scene(stage: Stage) -> list[str]:
        image = await gallery(stage)
        before = await told(stage, {"gallery": GALLERY})
        newest = {"properties": {"publishingProfile": {"excludeFromLatest": True}}}
        await stage.arm("PATCH", f"{image}/versions/1.1.0", newest)
        await stage.ports.clock.sleep(900)
        after = await told(stage, {"gallery": GALLERY})
        named = await told(stage, {"gallery": {**GALLERY, "versionName": "1.1.0"}})
        return [before.version, after.version, named.version]

    assert played(scene) == ["1.1.0", "1.0.0", "1.1.0"]


@pytest.mark.parametrize(
    ("image", "field"),
    [
        ({"marketplace": {**UBUNTU, "sku": "no-such", "version": "latest"}}, "marketplace"),
        ({"marketplace": {**UBUNTU, "version": "1.2.3"}}, "marketplace"),
        ({"custom": {"resourceGroupName": "fleet", "name": "no-such"}}, "custom.name"),
        ({"gallery": {**GALLERY, "imageName": "no-such"}}, "gallery.imageName"),
        ({"gallery": {**GALLERY, "versionName": "9.9.9"}}, "gallery.versionName"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_an_image_that_is_not_there_is_told_by_its_field(image: dict[str, Any], field: str) -> None:
    async def scene(stage: Stage) -> str:
        await gallery(stage)
        with pytest.raises(ImageNotFoundError) as missing:
            await told(stage, image)
        return missing.value.field

    assert played(scene) == field


def test_the_exact_version_that_latest_became_is_remembered() -> None:
    """R27, R30: the newest version is resolved by Azure at the launch and told in the answer."""

    async def scene(stage: Stage) -> Any:
        await stored(stage, {})
        return await launch(stage)

    answer = played(scene)

    assert isinstance(answer, VmUp)
    assert answer.image == "Canonical:ubuntu-24_04-lts:server:24.04.202410170"


def test_a_gallery_of_another_account_is_found_in_its_subscription() -> None:
    """R31, S79: spotAccountId names the account whose subscription has the gallery."""

    async def scene(stage: Stage) -> tuple[Any, Any]:
        await gallery(stage, OTHER)
        await connect(stage)
        shared = {**GALLERY, "spotAccountId": OTHER_ACCOUNT}
        await stored(stage, {IMAGE: {"gallery": shared}})
        return await launch(stage), stage.find(VM_ID)

    answer, vm = played(scene)

    assert isinstance(answer, VmUp)
    image_id = vm.properties["storageProfile"]["imageReference"]["id"]
    assert image_id.startswith(f"/subscriptions/{OTHER}/resourceGroups/fleet")
    assert image_id.endswith("/galleries/ours/images/web")
    assert answer.image == image_id


def test_a_gallery_of_an_account_that_is_not_connected_is_refused() -> None:
    async def scene(stage: Stage) -> Any:
        await stored(stage, {IMAGE: {"gallery": {**GALLERY, "spotAccountId": "act-1"}}})
        return await launch(stage)

    answer = played(scene)

    assert isinstance(answer, Refused)
    assert answer.code == "ImageAccountUnknown"


def test_a_vm_of_a_specialized_image_is_given_no_login() -> None:
    """R33: Azure refuses a profile for an image whose system is set up already."""

    async def scene(stage: Stage) -> tuple[Any, Any]:
        await managed_image(stage, "Specialized")
        await stored(stage, {IMAGE: CUSTOM, LOGIN: None})
        return await launch(stage), stage.find(VM_ID)

    answer, vm = played(scene)

    assert isinstance(answer, VmUp)
    assert "osProfile" not in vm.properties


def test_data_disks_of_an_image_are_made_under_names_of_ours() -> None:
    async def scene(stage: Stage) -> tuple[Any, set[str]]:
        await managed_image(stage, luns=(2,))
        await stored(stage, {**NOTHING_KEPT, IMAGE: CUSTOM})
        return await launch(stage, image_luns=(2,)), set(stage.there("disks"))

    answer, disks = played(scene)

    assert isinstance(answer, VmUp)
    assert [disk.lun for disk in answer.data_disks] == [2]
    assert "mooring-0000cafe-data2-g1" in disks
