"""Changes of a disk that exists: size, kind, performance, tags; and who may read its bytes."""

from datetime import datetime, timedelta
from typing import Final

from local.arm import refusals
from local.arm.disk import errors
from local.arm.disk.creation import asked_size, size_properties
from local.arm.disk.state import require
from local.arm.disk.tiers import FLEXIBLE, sku_tier, spelled
from local.arm.wire import Json, name_of
from local.arm.world import Resource, World, effect, stamp

ONLINE_LIMIT_GIB: Final = 4095
"""A data disk of a running VM grows without a stop up to here, or beyond it from beyond it.
Source: Azure docs, expand-disks ("expand without downtime")."""

FREE: Final = (
    "maxShares",
    "networkAccessPolicy",
    "publicNetworkAccess",
    "diskAccessId",
    "burstingEnabled",
    "encryption",
    "optimizedForFrequentAttach",
    "supportsHibernation",
    "dataAccessAuthMode",
    "purchasePlan",
    "supportedCapabilities",
    "osType",
    "tier",
)
"""Properties that change without any rule of their own."""

TUNED: Final = ("diskIOPSReadWrite", "diskMBpsReadWrite")
"""Performance that the owner of a Premium SSD v2 or Ultra disk sets."""
TUNINGS: Final = 4
TUNING_WINDOW_S: Final = 86_400
"""Four changes of performance in 24 hours. Source: Azure docs, disks-types."""

FIXED: Final = ("creationData", "securityProfile", "hyperVGeneration")
"""Properties that a PUT on an existing disk must repeat or leave out."""


def refuse_unless_changeable(world: World, disk: Resource, body: Json) -> None:
    """Raise what Azure says at once to a change; a smaller size fails only at the end."""
    properties = body.get("properties") or {}
    for name in FIXED:
        given = properties.get(name)
        if given is not None and not _agrees(given, disk.properties.get(name)):
            raise refusals.unchangeable(name)
    if "zones" in body and [str(zone) for zone in body["zones"] or []] != disk.body.get(
        "zones", []
    ):
        raise refusals.unchangeable("zones")
    kind = (body.get("sku") or {}).get("name")
    if kind:
        _refuse_unless_convertible(disk, kind)
    size_gib = asked_size(properties)
    if size_gib is not None:
        _refuse_unless_resizable(disk, size_gib)
    if any(properties.get(name, disk.properties[name]) != disk.properties[name] for name in TUNED):
        _count_tuning(world, disk)


def _agrees(given: object, present: object) -> bool:
    """Tell whether a given value repeats the present one; what it leaves out may be anything."""
    if isinstance(given, dict) and isinstance(present, dict):
        return all(_agrees(value, present.get(name)) for name, value in given.items())
    if isinstance(given, str) and isinstance(present, str):
        return _bare(given) == _bare(present) or _bare(given) == _latest(present)
    return given is None or given == present


def _bare(text: str) -> str:
    return text.rstrip("/").lower()


def _latest(text: str) -> str:
    """Return the id by which a client may have asked for an image's exact version."""
    return _bare(text).rsplit("/versions/", 1)[0] + "/versions/latest"


def _refuse_unless_convertible(disk: Resource, name: str) -> None:
    now = disk.body["sku"]["name"]
    wanted = spelled(name)
    if wanted is None:
        raise errors.invalid("sku.name", name)
    if wanted == now:
        return
    redundancy_changes = wanted.rsplit("_", 1)[1] != now.rsplit("_", 1)[1]
    if redundancy_changes or wanted in FLEXIBLE or now in FLEXIBLE:
        raise errors.sku_change(now, wanted)
    if disk.properties["diskState"] == "Attached":
        raise errors.sku_while_running(name_of(disk.id), disk.body["managedBy"])


def _refuse_unless_resizable(disk: Resource, size_gib: int) -> None:
    present_gib = disk.properties["diskSizeGB"]
    if size_gib <= present_gib or disk.properties["diskState"] != "Attached":
        return
    crosses = present_gib <= ONLINE_LIMIT_GIB < size_gib
    if disk.properties.get("osType") or crosses:
        raise errors.resize_while_running(name_of(disk.id), disk.body["managedBy"])


def _count_tuning(world: World, disk: Resource) -> None:
    """Raise if the disk's performance was changed too often; note one more change."""
    kind = disk.body["sku"]["name"]
    if kind not in FLEXIBLE:
        raise errors.not_tunable(kind)
    after = world.now - timedelta(seconds=TUNING_WINDOW_S)
    made = disk.sim.get("tuned_at", [])
    recent = [moment for moment in made if datetime.fromisoformat(moment) > after]
    if len(recent) >= TUNINGS:
        raise errors.tuned_too_often(name_of(disk.id), TUNINGS)
    disk.sim["tuned_at"] = [*recent, stamp(world.now)]


@effect("disk.change")
def change(world: World, args: Json) -> None:
    """Make the change that a PUT or PATCH asked for; its end may be the recorded failure."""
    disk = require(world, args["id"])
    disk.properties["provisioningState"] = "Succeeded"
    world.save(disk)
    body: Json = args["body"]
    properties = body.get("properties") or {}
    size_gib = asked_size(properties) or disk.properties["diskSizeGB"]
    if size_gib < disk.properties["diskSizeGB"]:
        raise errors.smaller()
    kind = spelled((body.get("sku") or {}).get("name") or disk.body["sku"]["name"]) or ""
    if kind != disk.body["sku"]["name"]:
        disk.body["sku"] = {"name": kind, "tier": sku_tier(kind)}
        disk.properties.pop("tier", None)
    asked = {name: properties.get(name, disk.properties.get(name)) for name in TUNED}
    disk.properties.update(size_properties(kind, size_gib, asked | {"tier": None}))
    disk.properties.update({name: properties[name] for name in FREE if name in properties})
    if body.get("tags") is not None:
        disk.body["tags"] = body["tags"]
    world.save(disk)


@effect("disk.ready")
def ready(world: World, args: Json) -> None:
    """Finish a creation."""
    disk = world.find(args["id"])
    if disk is not None:
        disk.properties["provisioningState"] = "Succeeded"
        world.save(disk)


@effect("disk.delete")
def drop(world: World, args: Json) -> None:
    """Finish a deletion."""
    disk = world.find(args["id"])
    if disk is not None:
        world.drop(disk)
