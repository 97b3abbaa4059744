"""Compute galleries: image definitions, and the versions that regions hold replicas of."""

import re
from collections.abc import Iterator
from typing import Final

from local.arm import refusals
from local.arm.gallery import errors
from local.arm.image.contents import contents
from local.arm.wire import Json, key_of, name_of, resource_not_found, same_location
from local.arm.world import Resource, World, effect, stamp

GALLERY: Final = "Microsoft.Compute/galleries"
DEFINITION: Final = "Microsoft.Compute/galleries/images"
VERSION: Final = "Microsoft.Compute/galleries/images/versions"
_NUMBERS: Final = re.compile(r"\d{1,9}\.\d{1,9}\.\d{1,9}")
FIXED: Final = ("osType", "osState", "hyperVGeneration", "architecture", "identifier")


def resolve(world: World, image_id: str, location: str) -> Json:
    """Return the image that an id of a definition (the latest) or of a version means."""
    version = _version_of(world, image_id, location)
    definition = world.find(version.id.rsplit("/versions/", 1)[0])
    if definition is None:
        raise errors.not_in_region(image_id, location)
    about = definition.properties
    storage = version.properties["storageProfile"]
    features = {one["name"]: one["value"] for one in about.get("features") or []}
    return {
        "source": "gallery",
        "id": version.id,
        "osType": about["osType"],
        "hyperVGeneration": about["hyperVGeneration"],
        "architecture": about["architecture"],
        "osState": about["osState"],
        "sizeGB": int(storage["osDiskImage"]["sizeInGB"]),
        "exactVersion": version.body["name"],
        "securityType": features.get("SecurityType", ""),
        "features": about.get("features") or [],
        "purchasePlan": about.get("purchasePlan"),
        "dataDiskImages": [
            {"lun": disk["lun"], "sizeGB": int(disk["sizeInGB"])}
            for disk in storage["dataDiskImages"]
        ],
        "diskControllerTypes": features.get("DiskControllerTypes", "SCSI"),
        "acceleratedNetwork": features.get("IsAcceleratedNetworkSupported") == "True",
    }


def _version_of(world: World, image_id: str, location: str) -> Resource:
    definition_id, _, name = image_id.rstrip("/").partition("/versions/")
    if name and name.lower() != "latest":
        version = world.find(image_id)
        if version is None or not _usable(version, location):
            raise errors.not_in_region(image_id, location)
        return version
    newest = max(_latest_of(world, definition_id, location), key=_order, default=None)
    if newest is None:
        raise errors.not_in_region(image_id, location)
    return newest


def _latest_of(world: World, definition_id: str, location: str) -> Iterator[Resource]:
    """Yield the versions that `latest` may mean in a region."""
    for version in world.of_type(VERSION, definition_id):
        profile = version.properties["publishingProfile"]
        regions = [one for one in profile["targetRegions"] if same_location(one["name"], location)]
        excluded = profile.get("excludeFromLatest") or any(
            one.get("excludeFromLatest") for one in regions
        )
        if regions and not excluded and _usable(version, location):
            yield version


def _usable(version: Resource, location: str) -> bool:
    regions = version.properties["publishingProfile"]["targetRegions"]
    here = any(same_location(one["name"], location) for one in regions)
    return here and version.properties["provisioningState"] in {"Succeeded", "Updating"}


def _order(version: Resource) -> tuple[int, ...]:
    return tuple(int(part) for part in version.body["name"].split("."))


def require(world: World, resource_id: str, type_: str) -> Resource:
    """Return a gallery, definition or version, or raise the 404 of a read."""
    found = world.find(resource_id)
    if found is None or found.type != type_:
        raise resource_not_found(resource_id)
    return found


def children(world: World, resource: Resource) -> Iterator[Resource]:
    """Yield what lies directly below a gallery or definition."""
    below = {GALLERY: DEFINITION, DEFINITION: VERSION}.get(resource.type)
    if below:
        yield from world.of_type(below, resource.id)


def refuse_unless_empty(world: World, resource: Resource) -> None:
    """Raise the 409 if something lies below a gallery or definition."""
    child = next(children(world, resource), None)
    if child is not None:
        raise errors.not_empty(resource.id, child.id)


# -- creation ---------------------------------------------------------------------------------


def put(world: World, resource_id: str, type_: str, body: Json) -> Resource:
    """Make or replace a gallery, definition or version; `Creating` or `Updating`."""
    if not body.get("location"):
        raise refusals.missing("location")
    _require_parent(world, resource_id, type_)
    before = world.find(resource_id)
    make = {GALLERY: _gallery, DEFINITION: _definition, VERSION: _version}[type_]
    properties = make(world, resource_id, body, before)
    properties["provisioningState"] = "Updating" if before else "Creating"
    whole = {
        "name": name_of(resource_id),
        "id": before.id if before else resource_id,
        "type": type_,
        "location": body["location"],
        "tags": body.get("tags") or {},
        "properties": properties,
    }
    if before is None:
        return world.save(Resource(resource_id, type_, whole))
    before.body = whole
    return world.save(before)


def _require_parent(world: World, resource_id: str, type_: str) -> None:
    if type_ == GALLERY:
        return
    parent_id = resource_id.rsplit("/", 2)[0]
    if world.find(parent_id) is None:
        raise errors.parent_not_found(type_.removeprefix("Microsoft.Compute/"), parent_id)


def _gallery(world: World, resource_id: str, body: Json, before: Resource | None) -> Json:
    del world, before
    properties: Json = dict(body.get("properties") or {})
    subscription = resource_id.split("/")[2]
    unique = f"{subscription}-{name_of(resource_id).upper()}"
    properties["identifier"] = {"uniqueName": unique}
    return properties


def _definition(world: World, resource_id: str, body: Json, before: Resource | None) -> Json:
    del world, resource_id
    properties: Json = dict(body.get("properties") or {})
    for name in ("osType", "osState", "identifier"):
        if not properties.get(name):
            raise refusals.missing(name)
    properties.setdefault("hyperVGeneration", "V1")
    properties.setdefault("architecture", "x64")
    for name in FIXED:
        if before is not None and properties[name] != before.properties[name]:
            raise refusals.unchangeable(name)
    return properties


def _version(world: World, resource_id: str, body: Json, before: Resource | None) -> Json:
    if not _NUMBERS.fullmatch(name_of(resource_id)):
        raise errors.invalid_version(name_of(resource_id))
    properties: Json = dict(body.get("properties") or {})
    publishing: Json = dict(properties.get("publishingProfile") or {})
    location = body["location"]
    publishing["targetRegions"] = [
        {"regionalReplicaCount": 1, "storageAccountType": "Standard_LRS", **region}
        for region in publishing.get("targetRegions") or [{"name": location}]
    ]
    publishing.setdefault("replicaCount", 1)
    publishing.setdefault("excludeFromLatest", False)
    publishing["publishedDate"] = (
        before.properties["publishingProfile"]["publishedDate"] if before else stamp(world.now)
    )
    properties["publishingProfile"] = publishing
    if before is not None:
        properties["storageProfile"] = before.properties["storageProfile"]
    else:
        properties["storageProfile"] = _storage(world, resource_id, properties, location)
    return properties


def _storage(world: World, resource_id: str, properties: Json, location: str) -> Json:
    given = properties.get("storageProfile") or {}
    source = given.get("source") or {}
    source_id = source.get("id") or source.get("virtualMachineId")
    os_image: Json = dict(given.get("osDiskImage") or {})
    os_source = source_id or (os_image.get("source") or {}).get("id")
    if not os_source:
        raise refusals.missing("storageProfile.source")
    held = contents(world, os_source, location)
    definition = world.find(resource_id.rsplit("/versions/", 1)[0])
    declared = str(definition.properties["osType"]) if definition else ""
    if held.os_type and held.os_type != declared:
        raise errors.os_mismatch(declared, held.os_type)
    os_image |= {"sizeInGB": held.size_gib, "hostCaching": os_image.get("hostCaching", "ReadWrite")}
    data_images = [
        {"lun": disk["lun"], "sizeInGB": disk["sizeGB"], "hostCaching": "None"}
        for disk in held.data_disks
    ]
    for extra in given.get("dataDiskImages") or []:
        size_gib = contents(world, extra["source"]["id"], location).size_gib
        data_images.append({"hostCaching": "None", **extra, "sizeInGB": size_gib})
    storage: Json = {"osDiskImage": os_image, "dataDiskImages": data_images}
    if source:
        storage["source"] = source
    return storage


def replication(version: Resource) -> Json:
    """Return `replicationStatus`, shown when a GET expands it."""
    done = version.properties["provisioningState"] == "Succeeded"
    state, progress = ("Completed", 100) if done else ("Replicating", 0)
    regions = version.properties["publishingProfile"]["targetRegions"]
    return {
        "aggregatedState": "Completed" if done else "InProgress",
        "summary": [
            {"region": one["name"], "state": state, "details": "", "progress": progress}
            for one in regions
        ],
    }


@effect("gallery.ready")
def ready(world: World, args: Json) -> None:
    """Finish a creation or a change."""
    resource = world.find(args["id"])
    if resource is not None:
        resource.properties["provisioningState"] = "Succeeded"
        world.save(resource)


@effect("gallery.delete")
def drop(world: World, args: Json) -> None:
    """Finish a deletion."""
    resource = world.find(args["id"])
    if resource is not None and key_of(resource.id) == key_of(args["id"]):
        world.drop(resource)
