"""Images of one's own, in this subscription and in another's, for nodes to be made from."""

from typing import Any, Final

from local.arm.subscription.state import add as add_subscription
from shared.contracts.nic import ENSURE_NICS, EnsureNics
from shared.contracts.vm import CREATE_VM, CreateVm
from shared.model.ids import AccountId
from store.accounts import Account
from tests.activities.acts import NOW, SETUP, SPOT, VM_NAME
from tests.activities.stage import GROUP, Stage

OTHER: Final = "5b5c0000-0000-4000-8000-000000000002"
OTHER_ACCOUNT: Final = "act-0000f00d"
IMAGE: Final = "compute__launchSpecification__image"
LOGIN: Final = "compute__launchSpecification__login"
GALLERY: Final = {
    "resourceGroupName": "fleet",
    "galleryName": "ours",
    "imageName": "web",
    "versionName": "latest",
}


def group_of(subscription: str) -> str:
    return GROUP.replace(GROUP.split("/")[2], subscription)


async def disk(stage: Stage, name: str, group: str = GROUP, os: str | None = None) -> str:
    """Make a disk that an image can be taken of; return its id."""
    disk_id = f"{group}/providers/Microsoft.Compute/disks/{name}"
    properties: dict[str, Any] = {"diskSizeGB": 32, "creationData": {"createOption": "Empty"}}
    if os:
        properties |= {"osType": os, "hyperVGeneration": "V2"}
    await put(stage, disk_id, {"properties": properties})
    return disk_id


async def put(stage: Stage, path: str, body: dict[str, Any]) -> None:
    """Make a resource and wait until it is there."""
    await stage.arm("PUT", path, {"location": "eastus", **body})
    await stage.ports.clock.sleep(900)


async def managed_image(
    stage: Stage, state: str = "Generalized", luns: tuple[int, ...] = ()
) -> None:
    """Make the managed image `golden` of a Linux disk, with data disks."""
    os_disk = {"osType": "Linux", "osState": state}
    os_disk["managedDisk"] = {"id": await disk(stage, "source", os="Linux")}  # type: ignore[assignment]
    data = [{"lun": lun, "managedDisk": {"id": await disk(stage, f"source{lun}")}} for lun in luns]
    profile = {"osDisk": os_disk, "dataDisks": data}
    path = f"{GROUP}/providers/Microsoft.Compute/images/golden"
    await put(stage, path, {"properties": {"hyperVGeneration": "V2", "storageProfile": profile}})


async def gallery(stage: Stage, subscription: str = "", **image: Any) -> str:
    """Make gallery `ours` with the image `web` and its versions 1.0.0 and 1.1.0; return its id."""
    group = group_of(subscription) if subscription else GROUP
    if subscription:
        add_subscription(stage.world, subscription, "another")
        await stage.arm("PUT", group, {"location": "eastus"})
    base = f"{group}/providers/Microsoft.Compute/galleries/ours"
    await put(stage, base, {})
    about = {
        "osType": "Linux",
        "osState": "Generalized",
        "hyperVGeneration": "V2",
        "identifier": {"publisher": "p", "offer": "o", "sku": "s"},
        **image,
    }
    await put(stage, f"{base}/images/web", {"properties": about})
    source = {"source": {"id": await disk(stage, "source", group, about["osType"])}}
    for version in ("1.0.0", "1.1.0"):
        properties = {"storageProfile": {"osDiskImage": source}}
        await put(stage, f"{base}/images/web/versions/{version}", {"properties": properties})
    return f"{base}/images/web"


async def connect(stage: Stage) -> None:
    """Connect the other subscription as an account."""
    account = Account(id=AccountId(OTHER_ACCOUNT), name="other", subscription_id=OTHER)
    await stage.ports.stores.accounts.put(account)


async def launch(stage: Stage, **more: Any) -> Any:
    """Make the node's NIC and its first VM; return the answer."""
    ready = await stage.ask(ENSURE_NICS, EnsureNics(work=stage.work("nics", SETUP), generation=1))
    await stage.put_run(nics=ready.nics)
    wanted = {"name": VM_NAME, "generation": 1, "market": SPOT, "nics": ready.nics, **more}
    request = CreateVm(work=stage.work("create", NOW), **wanted)
    return await stage.ask(CREATE_VM, request)
