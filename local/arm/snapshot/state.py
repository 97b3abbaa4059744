"""Snapshots: copies of a disk at one moment.

Of Premium SSD, Standard SSD and HDD they are usable at once; of Premium SSD v2 and Ultra the copy
runs in the background. Source: Azure docs, disks-incremental-snapshots and
disks-instant-access-snapshots.
"""

from datetime import datetime, timedelta
from typing import Final

from local.arm import refusals
from local.arm.disk import errors as disk_errors
from local.arm.disk.creation import GIB, asked_size
from local.arm.disk.sources import DISKS, SNAPSHOTS, Source, copied
from local.arm.operations import refuse_if_busy
from local.arm.snapshot import errors
from local.arm.snapshot.progress import WHOLE, completion_percent
from local.arm.wire import Json, key_of, name_of, resource_not_found
from local.arm.world import Resource, World, effect, stamp

TYPE: Final = SNAPSHOTS
KINDS: Final = ("Standard_LRS", "Premium_LRS", "Standard_ZRS")
PER_DISK: Final = 500
"""Incremental snapshots that one disk may have. Source: docs, disks-incremental-snapshots."""
PER_WINDOW: Final = 7
WINDOW_S: Final = 300
"""Seven incremental snapshots of a disk in five minutes. Source: as above."""
PENDING_PER_DISK: Final = 3
"""Background copies of one Premium SSD v2 or Ultra disk at a time. Source: as above."""
COPY_S_PER_GIB: Final = 10.0
"""Seconds of background copy for each GiB, at about 100 MB/s; no public figure, an assumption."""
INSTANT_MINUTES: Final = range(60, 301)
"""What `instantAccessDurationMinutes` may be. Source: disks-instant-access-snapshots."""


def require(world: World, snapshot_id: str) -> Resource:
    """Return the snapshot, or raise the 404 of a read."""
    snapshot = world.find(snapshot_id)
    if snapshot is None or snapshot.type != TYPE:
        raise resource_not_found(snapshot_id)
    return snapshot


def create(world: World, snapshot_id: str, body: Json) -> Resource:
    """Make the snapshot that a PUT describes; the route adds the operation."""
    given = body.get("properties") or {}
    location = body.get("location")
    if not location:
        raise refusals.missing("location")
    creation, option = _creation_of(given)
    incremental = bool(given.get("incremental"))
    source = copied(world, creation, _region_of_copy(world, creation, option, location))
    origin = world.find(creation["sourceResourceId"])
    if origin is not None and incremental:
        _count(world, origin)
    if source.flexible and not incremental:
        raise errors.must_be_incremental(source.kind)
    snapshot = Resource(snapshot_id, TYPE, _body(world, snapshot_id, body, source))
    snapshot.sim["disk_kind"] = source.kind
    if incremental and origin is not None:
        family = _family(world, origin)
        snapshot.properties["incrementalSnapshotFamilyId"] = family
        snapshot.sim["family"] = family
    if source.flexible or option == "copystart":
        _copy_in_background(world, snapshot, creation)
    return world.save(snapshot)


def _creation_of(given: Json) -> tuple[Json, str]:
    creation: Json = given.get("creationData") or {}
    option = str(creation.get("createOption") or "").lower()
    if not option:
        raise refusals.missing("creationData")
    if option not in {"copy", "copystart"}:
        raise errors.option_not_supported(creation["createOption"])
    return creation, option


def _region_of_copy(world: World, creation: Json, option: str, location: str) -> str:
    """Return the region in which the source must be: only a deep copy may cross regions."""
    source = world.find(creation.get("sourceResourceId") or "")
    if option != "copystart" or source is None:
        return location
    if not source.properties.get("incremental"):
        raise errors.not_incremental(source.id)
    return source.location


def _body(world: World, snapshot_id: str, body: Json, source: Source) -> Json:
    given = dict(body.get("properties") or {})
    default = "Standard_ZRS" if given.get("incremental") else KINDS[0]
    kind = (body.get("sku") or {}).get("name") or default
    if kind not in KINDS:
        raise disk_errors.invalid("sku.name", kind)
    size_gib = asked_size(given) or source.size_gib
    if size_gib < source.size_gib:
        raise disk_errors.too_small(source.size_gib)
    return {
        "name": name_of(snapshot_id),
        "id": snapshot_id,
        "type": TYPE,
        "location": body["location"],
        "tags": body.get("tags") or {},
        "sku": {"name": kind, "tier": kind.split("_", maxsplit=1)[0]},
        "properties": {
            **source.inherited,
            **given,
            "creationData": dict(source.creation_data),
            "diskSizeGB": size_gib,
            "diskSizeBytes": size_gib * GIB,
            "encryption": given.get("encryption") or {"type": "EncryptionAtRestWithPlatformKey"},
            "incremental": bool(given.get("incremental")),
            "timeCreated": stamp(world.now),
            "provisioningState": "Updating",
            "diskState": "Unattached",
            "uniqueId": world.new_uuid(),
            "networkAccessPolicy": given.get("networkAccessPolicy", "AllowAll"),
            "publicNetworkAccess": given.get("publicNetworkAccess", "Enabled"),
        },
    }


def _family(world: World, origin: Resource) -> str:
    """Return the id that all incremental snapshots of one disk share."""
    if "family" not in origin.sim:
        origin.sim["family"] = world.new_uuid()
        world.save(origin)
    return str(origin.sim["family"])


def _count(world: World, disk: Resource) -> None:
    """Raise if the disk has too many incremental snapshots; note one more."""
    if disk.type != DISKS:
        return
    after = world.now - timedelta(seconds=WINDOW_S)
    made = disk.sim.get("snapshots_at", [])
    recent = [moment for moment in made if datetime.fromisoformat(moment) > after]
    if len(recent) >= PER_WINDOW:
        raise errors.too_fast(disk.id, PER_WINDOW, WINDOW_S)
    present = [one for one in world.of_type(TYPE) if _is_of(one, disk)]
    if len(present) >= PER_DISK:
        raise errors.too_many(disk.id, PER_DISK)
    pending = [one for one in present if completion_percent(world, one) not in (None, WHOLE)]
    if len(pending) >= PENDING_PER_DISK:
        raise errors.too_many_pending(disk.id, PENDING_PER_DISK)
    disk.sim["snapshots_at"] = [*recent, stamp(world.now)]
    world.save(disk)


def _is_of(snapshot: Resource, disk: Resource) -> bool:
    creation = snapshot.properties["creationData"]
    same = creation.get("sourceUniqueId") == disk.properties["uniqueId"]
    return same and bool(snapshot.properties["incremental"])


def _copy_in_background(world: World, snapshot: Resource, creation: Json) -> None:
    took_s = COPY_S_PER_GIB * snapshot.properties["diskSizeGB"]
    until = world.now + timedelta(seconds=took_s)
    snapshot.sim["copying"] = {"from": stamp(world.now), "until": stamp(until)}
    minutes = creation.get("instantAccessDurationMinutes")
    if minutes is None:
        return
    if minutes not in INSTANT_MINUTES:
        raise disk_errors.invalid("creationData.instantAccessDurationMinutes", minutes)
    snapshot.properties["creationData"]["instantAccessDurationMinutes"] = minutes
    snapshot.sim["instant_until"] = stamp(world.now + timedelta(minutes=minutes))


def refuse_unless_changeable(snapshot: Resource, body: Json) -> None:
    """Raise what Azure says at once to a change of a snapshot that exists."""
    refuse_if_busy(snapshot)
    given = body.get("properties") or {}
    source_id = (given.get("creationData") or {}).get("sourceResourceId")
    present = snapshot.properties["creationData"].get("sourceResourceId", "")
    if source_id and key_of(source_id) != key_of(present):
        raise refusals.unchangeable("creationData.sourceResourceId")
    asked_size(given)
    kind = (body.get("sku") or {}).get("name")
    if kind and kind not in KINDS:
        raise disk_errors.invalid("sku.name", kind)


@effect("snapshot.change")
def change(world: World, args: Json) -> None:
    """Make the change that a PUT or PATCH asked for."""
    snapshot = require(world, args["id"])
    properties = snapshot.properties
    properties["provisioningState"] = "Succeeded"
    world.save(snapshot)
    body: Json = args["body"]
    given = body.get("properties") or {}
    size_gib = asked_size(given) or properties["diskSizeGB"]
    if size_gib < properties["diskSizeGB"]:
        raise disk_errors.smaller()
    properties |= {"diskSizeGB": size_gib, "diskSizeBytes": size_gib * GIB}
    for name in ("networkAccessPolicy", "publicNetworkAccess", "diskAccessId", "encryption"):
        if name in given:
            properties[name] = given[name]
    kind = (body.get("sku") or {}).get("name")
    if kind:
        snapshot.body["sku"] = {"name": kind, "tier": kind.split("_", maxsplit=1)[0]}
    if body.get("tags") is not None:
        snapshot.body["tags"] = body["tags"]
    world.save(snapshot)


def refuse_unless_deletable(snapshot: Resource) -> None:
    """Raise what would keep this snapshot from being deleted."""
    refuse_if_busy(snapshot)
    if snapshot.sim.get("access_until"):
        raise disk_errors.active_sas(name_of(snapshot.id))


@effect("snapshot.ready")
def ready(world: World, args: Json) -> None:
    """Finish a creation."""
    snapshot = world.find(args["id"])
    if snapshot is not None:
        snapshot.properties["provisioningState"] = "Succeeded"
        world.save(snapshot)


@effect("snapshot.delete")
def drop(world: World, args: Json) -> None:
    """Finish a deletion."""
    snapshot = world.find(args["id"])
    if snapshot is not None:
        world.drop(snapshot)
