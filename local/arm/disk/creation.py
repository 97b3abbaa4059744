"""How a disk comes to be: empty, of an image, or as a copy."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from local.arm import refusals
from local.arm.disk import errors
from local.arm.disk.sources import Source, source_of
from local.arm.disk.tiers import FLEXIBLE, shows_tier, sku_tier, spelled, tier_of
from local.arm.wire import Json, name_of, subscription_of
from local.arm.world import Resource, World, stamp

TYPE: Final = "Microsoft.Compute/disks"
GIB: Final = 1 << 30
DEFAULT_KIND: Final = "Standard_LRS"
"""Kind of a disk that names none; recorded."""
UNIQUE_ID_LENGTH: Final = 32


@dataclass(frozen=True)
class Wanted:
    """A disk to be made."""

    disk_id: str
    location: str
    kind: str
    zones: Sequence[str] = ()
    size_gib: int | None = None
    """None: as large as the source."""
    properties: Json = field(default_factory=dict)
    """As given by the client, and what the source hands down."""
    tags: Json | None = None


def create_from_image(  # noqa: PLR0913 - one keyword for each fact that the VM knows
    world: World, *, disk_id: str, location: str, zone: str | None, image: Json, spec: Json
) -> Resource:
    """Make the disk that a VM asks for, out of an image as `image.state.resolve` describes it.

    `spec` is the VM's `osDisk` or one of its `dataDisks`, as on the wire, and besides: `tags`, and
    `securityType` of the VM. With a `lun` the image's data disk of that number is copied.
    Ready at once: the VM's own operation takes the time.
    """
    data_disks = {entry["lun"]: entry for entry in image.get("dataDiskImages", [])}
    lun = spec.get("lun")
    if lun is not None and lun not in data_disks:
        raise errors.invalid("dataDisk.lun", lun)
    data_disk = data_disks.get(lun)
    source = Source.of_image(image, subscription_of(disk_id), data_disk)
    return create(world, _wanted(disk_id, location, zone, spec), source)


def create_empty(
    world: World, *, disk_id: str, location: str, zone: str | None, spec: Json
) -> Resource:
    """Make an empty data disk for a VM; `spec` as for `create_from_image`. Ready at once."""
    return create(world, _wanted(disk_id, location, zone, spec), Source.empty())


def _wanted(disk_id: str, location: str, zone: str | None, spec: Json) -> Wanted:
    managed = spec.get("managedDisk") or {}
    properties: Json = {}
    if spec.get("osType"):
        properties["osType"] = spec["osType"]
    security = disk_security(managed.get("securityProfile") or {}, spec.get("securityType"))
    if security:
        properties["securityProfile"] = security
    kind = managed.get("storageAccountType") or DEFAULT_KIND
    zonal = bool(zone) and not kind.lower().endswith("_zrs")
    return Wanted(
        disk_id=disk_id,
        location=location,
        kind=kind,
        zones=[zone] if zone and zonal else [],
        size_gib=spec.get("diskSizeGB"),
        properties=properties,
        tags=spec.get("tags"),
    )


def disk_security(profile: Json, vm_security_type: str | None) -> Json | None:
    """Return the disk's `securityProfile` that follows from the VM's words, or None."""
    encryption = profile.get("securityEncryptionType")
    if vm_security_type == "TrustedLaunch":
        return {"securityType": "TrustedLaunch"}
    if vm_security_type != "ConfidentialVM":
        return None
    key_id = (profile.get("diskEncryptionSet") or {}).get("id")
    kinds = {
        "DiskWithVMGuestState": "DiskEncryptedWithCustomerKey"
        if key_id
        else "DiskEncryptedWithPlatformKey",
        "NonPersistedTPM": "NonPersistedTPM",
    }
    kind = kinds.get(str(encryption), "VMGuestStateOnlyEncryptedWithPlatformKey")
    security: Json = {"securityType": f"ConfidentialVM_{kind}"}
    if key_id:
        security["secureVMDiskEncryptionSetId"] = key_id
    return security


def create(world: World, wanted: Wanted, source: Source) -> Resource:
    """Make a disk, `Succeeded` and `Unattached`; raise Azure's refusal if it cannot be."""
    kind = spelled(wanted.kind)
    if kind is None:
        raise errors.invalid("sku.name", wanted.kind)
    _check_zones(wanted, kind)
    size_gib = wanted.size_gib or source.size_gib
    if not size_gib:
        raise refusals.missing("diskSizeGB")
    if size_gib < source.size_gib:
        raise errors.too_small(source.size_gib)
    if source.flexible and kind not in FLEXIBLE:
        raise errors.sku_change(source.kind, kind)
    body: Json = {
        "name": name_of(wanted.disk_id),
        "id": wanted.disk_id,
        "type": TYPE,
        "location": wanted.location,
        "tags": wanted.tags or {},
        "sku": {"name": kind, "tier": sku_tier(kind)},
        "properties": {
            **source.inherited,
            **wanted.properties,
            "creationData": dict(source.creation_data),
            **size_properties(kind, size_gib, wanted.properties),
            "encryption": wanted.properties.get("encryption")
            or {"type": "EncryptionAtRestWithPlatformKey"},
            "timeCreated": stamp(world.now),
            "provisioningState": "Succeeded",
            "diskState": "Unattached",
            "uniqueId": _unique_id(world, wanted.disk_id),
            "networkAccessPolicy": wanted.properties.get("networkAccessPolicy", "AllowAll"),
            "publicNetworkAccess": wanted.properties.get("publicNetworkAccess", "Enabled"),
        },
    }
    if wanted.zones:
        body["zones"] = list(wanted.zones)
    disk = Resource(wanted.disk_id, TYPE, body)
    if source.hydration_s:
        disk.sim["hydrating_until"] = source.hydrated_at(world.now, size_gib)
    return world.save(disk)


def _check_zones(wanted: Wanted, kind: str) -> None:
    if wanted.zones and kind.endswith("_ZRS"):
        raise errors.zonal_zrs(kind)
    if kind in FLEXIBLE and not wanted.zones:
        raise errors.needs_zone(kind, wanted.location)


def asked_size(properties: Json) -> int | None:
    """Return the size that a request asks for, None if it does not; raise if it is no number."""
    size_gib = properties.get("diskSizeGB")
    if size_gib is not None and (not isinstance(size_gib, int) or size_gib < 0):
        raise errors.invalid("diskSizeGB", size_gib)
    return size_gib


def size_properties(kind: str, size_gib: int, asked: Json) -> Json:
    """Return the properties that follow from a disk's kind and size."""
    tier = tier_of(kind, size_gib)
    if tier is None or size_gib <= 0:
        raise errors.invalid("diskSizeGB", size_gib)
    properties: Json = {
        "diskSizeGB": size_gib,
        "diskSizeBytes": size_gib * GIB,
        "diskIOPSReadWrite": tier.iops,
        "diskMBpsReadWrite": tier.mbps,
    }
    if kind in FLEXIBLE:
        for name in ("diskIOPSReadWrite", "diskMBpsReadWrite"):
            properties[name] = asked.get(name) or properties[name]
    if shows_tier(kind):
        properties["tier"] = asked.get("tier") or tier.name
    return properties


def _unique_id(world: World, disk_id: str) -> str:
    """Return a new unique id; a disk that Azure named for a VM carries it in its name."""
    drawn = world.new_uuid()
    tail = name_of(disk_id).rsplit("_", 1)[-1].lower()
    if len(tail) != UNIQUE_ID_LENGTH or not set(tail) <= set("0123456789abcdef"):
        return drawn
    return "-".join((tail[:8], tail[8:12], tail[12:16], tail[16:20], tail[20:]))


def create_from_request(world: World, disk_id: str, body: Json) -> Resource:
    """Make the disk that a PUT describes; ready at once, the route adds the operation."""
    properties = dict(body.get("properties") or {})
    creation = properties.pop("creationData", None)
    if not creation or not creation.get("createOption"):
        raise refusals.missing("creationData")
    location = body.get("location") or ""
    if not location:
        raise refusals.missing("location")
    source = source_of(world, disk_id, creation, location)
    wanted = Wanted(
        disk_id=disk_id,
        location=location,
        kind=(body.get("sku") or {}).get("name") or DEFAULT_KIND,
        zones=[str(zone) for zone in body.get("zones") or []],
        size_gib=asked_size(properties),
        properties=properties,
        tags=body.get("tags"),
    )
    return create(world, wanted, source)
