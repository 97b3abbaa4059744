"""What a new disk or snapshot is made of: nothing, another disk, a snapshot or an image."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Self

from local.arm import refusals
from local.arm.disk import errors
from local.arm.disk.tiers import FLEXIBLE
from local.arm.image.state import resolve
from local.arm.marketplace.state import SUBSCRIPTION_MARK
from local.arm.operations import refuse_if_busy
from local.arm.outage import refuse_if_out_of_reach
from local.arm.snapshot.progress import completion_percent, restorable
from local.arm.wire import Json, same_location, subscription_of
from local.arm.world import Resource, World, stamp

HYDRATION_S_PER_GIB: Final = 10.0
"""Seconds that a copied disk's reads stay slow, for each GiB: background copy at about 100 MB/s.
No public figure exists; this is an assumption."""

COPIED: Final = (
    "osType",
    "hyperVGeneration",
    "purchasePlan",
    "supportedCapabilities",
    "supportsHibernation",
    "securityProfile",
)
"""Properties that a copy takes over from what it copies."""

DISKS: Final = "Microsoft.Compute/disks"
SNAPSHOTS: Final = "Microsoft.Compute/snapshots"


@dataclass(frozen=True)
class Source:
    """Where the bytes of a new disk come from, and what they bring along."""

    creation_data: Json
    inherited: Json = field(default_factory=dict)
    size_gib: int = 0
    kind: str = ""
    """Kind of disk that was copied, if one was."""
    hydration_s: float = 0.0
    """Seconds per GiB of slow reads after the copy."""

    @property
    def flexible(self) -> bool:
        """Whether only Premium SSD v2 and Ultra disks can be made of it."""
        return self.kind in FLEXIBLE

    def hydrated_at(self, now: datetime, size_gib: int) -> str:
        """Return when a copy of this size has all its bytes, as ARM writes moments."""
        return stamp(now + timedelta(seconds=self.hydration_s * size_gib))

    @classmethod
    def empty(cls) -> Self:
        """Return the source of an empty disk."""
        return cls({"createOption": "Empty"})

    @classmethod
    def of_image(cls, image: Json, subscription: str, data_disk: Json | None = None) -> Self:
        """Return the source that an image is, or one data disk of it."""
        reference: Json = {"id": image["id"].replace(SUBSCRIPTION_MARK, subscription)}
        if data_disk is not None:
            reference["lun"] = data_disk["lun"]
        key = "galleryImageReference" if image.get("source") == "gallery" else "imageReference"
        creation: Json = {"createOption": "FromImage", key: reference}
        if data_disk is not None:
            return cls(creation, size_gib=int(data_disk["sizeGB"]))
        return cls(creation, _image_properties(image), int(image["sizeGB"]))


def _image_properties(image: Json) -> Json:
    properties: Json = {
        "osType": image["osType"],
        "hyperVGeneration": image["hyperVGeneration"],
    }
    if image.get("purchasePlan"):
        properties["purchasePlan"] = dict(image["purchasePlan"])
    capabilities: Json = {"architecture": image.get("architecture", "x64")}
    if image.get("diskControllerTypes"):
        capabilities["diskControllerTypes"] = image["diskControllerTypes"]
    if image.get("acceleratedNetwork"):
        capabilities["acceleratedNetwork"] = True
    properties["supportedCapabilities"] = capabilities
    return properties


def source_of(world: World, disk_id: str, creation: Json, location: str) -> Source:
    """Return the source that `creationData` names; raise Azure's refusal if it cannot serve."""
    option = str(creation["createOption"])
    kind = option.lower()
    if kind == "empty":
        return Source.empty()
    if kind == "copy":
        return copied(world, creation, location)
    if kind == "fromimage":
        return _from_image(world, disk_id, creation, location)
    if kind in {"import", "upload", "importsecure", "uploadpreparedsecure", "restore", "attach"}:
        raise errors.unsupported_option(option)
    raise errors.invalid("creationData.createOption", option)


def copied(world: World, creation: Json, location: str) -> Source:
    """Return the disk or snapshot that `creationData.sourceResourceId` names, as a source."""
    source_id = creation.get("sourceResourceId")
    if not source_id:
        raise refusals.missing("creationData.sourceResourceId")
    origin = world.find(source_id)
    if origin is None or origin.type not in {DISKS, SNAPSHOTS}:
        raise errors.referenced_not_found(source_id)
    if not same_location(origin.location, location):
        raise errors.other_region(origin.id, origin.location, location)
    refuse_if_busy(origin)
    if origin.type == DISKS:
        refuse_if_out_of_reach(world, origin)
    if not restorable(world, origin):
        raise errors.copy_not_ready(origin.id, completion_percent(world, origin) or 0.0)
    return _copy_of(origin, creation)


def _copy_of(origin: Resource, creation: Json) -> Source:
    properties = origin.properties
    from_snapshot = origin.type == SNAPSHOTS
    kind = origin.sim.get("disk_kind", "") if from_snapshot else origin.body["sku"]["name"]
    return Source(
        {
            "createOption": creation["createOption"],
            "sourceResourceId": creation["sourceResourceId"],
            "sourceUniqueId": properties["uniqueId"],
        },
        {name: properties[name] for name in COPIED if name in properties},
        int(properties["diskSizeGB"]),
        kind,
        HYDRATION_S_PER_GIB,
    )


def _from_image(world: World, disk_id: str, creation: Json, location: str) -> Source:
    reference = creation.get("galleryImageReference") or creation.get("imageReference") or {}
    image = resolve(world, reference, location)
    lun = reference.get("lun")
    if lun is None:
        return Source.of_image(image, subscription_of(disk_id))
    for data_disk in image["dataDiskImages"]:
        if data_disk["lun"] == lun:
            return Source.of_image(image, subscription_of(disk_id), data_disk)
    raise errors.invalid("creationData.imageReference.lun", lun)
