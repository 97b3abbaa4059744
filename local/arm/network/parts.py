"""Resources and their embedded children, who refers to them, and how they are shown.

A child (a subnet, a rule, a pool) lives in its parent's body, as in Azure: it has the parent's
etag, and `.../{list}/{name}` as its id. What refers to a resource or child is kept beside the body
(`sim["users"]`), so that a PUT can never lose a back reference.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from local.arm.network import errors
from local.arm.wire import Json, key_of, name_of, same_location
from local.arm.world import Resource, World

_SINGLE = frozenset({"ipConfiguration", "backendIPConfiguration"})
"""Back references of which a resource has one at most; all others are lists."""
_HIDDEN = frozenset({"members"})
"""Uses that the provider knows of and does not show."""


class Link(NamedTuple):
    """One use of a resource or child by another."""

    target: str
    """Id of what is used."""
    field: str
    """The property of the target that shows the use."""
    source: str
    """Id of the user."""


@dataclass(frozen=True)
class Part:
    """A resource, or one child of it."""

    owner: Resource
    id: str
    body: Json

    @property
    def properties(self) -> Json:
        """The `properties` of the resource or child."""
        properties: Json = self.body.setdefault("properties", {})
        return properties

    @property
    def state(self) -> str:
        """Its provisioning state."""
        return str(self.properties.get("provisioningState", "Succeeded"))


def children(resource: Resource) -> Iterator[tuple[str, Json]]:
    """Yield each child with the name of the list that holds it."""
    for name in resource.sim.get("lists", []):
        for child in resource.properties.get(name) or []:
            yield name, child


def child_id(resource: Resource, segment: str, child: Json) -> str:
    """Return the id of a child."""
    return f"{resource.id}/{segment}/{child['name']}"


def find(world: World, part_id: str) -> Part | None:
    """Return the resource or child with this id, or None."""
    resource = world.find(part_id)
    if resource:
        return Part(resource, resource.id, resource.body)
    owner_id, _, _ = part_id.rstrip("/").rpartition("/")
    owner = world.find(owner_id.rpartition("/")[0])
    if owner is None:
        return None
    for segment, child in children(owner):
        if key_of(child_id(owner, segment, child)) == key_of(part_id):
            return Part(owner, child_id(owner, segment, child), child)
    return None


def refer(world: World, target_id: str, user: Resource, user_id: str | None = None) -> Part:
    """Return what `user` refers to; raise unless it exists, here, and is provisioned."""
    part = find(world, target_id)
    if part is None or not same_location(part.owner.location, user.location):
        raise errors.invalid_reference(target_id, user_id or user.id)
    if part.state != "Succeeded":
        operation = part.owner.sim.get("write", "InternalOperation")
        raise errors.not_provisioned(part.id, user_id or user.id, part.state, operation)
    return part


def users(world: World, part_id: str, field: str = "") -> list[str]:
    """Return the ids of all that use a resource or child, or of those shown in one field."""
    part = find(world, part_id)
    uses: Json = part.owner.sim.get("users", {}).get(key_of(part_id), {}) if part else {}
    return [user for name, ids in uses.items() if field in {"", name} for user in ids]


def relink(world: World, before: set[Link], after: set[Link]) -> None:
    """Make the back references of everything that was or is used agree with `after`."""
    touched: dict[str, Resource] = {}
    for link in sorted(before - after):
        part = find(world, link.target)
        uses = part.owner.sim.get("users", {}) if part else {}
        ids = uses.get(key_of(link.target), {}).get(link.field, [])
        if part and link.source in ids:
            ids.remove(link.source)
            touched[part.owner.id] = part.owner
    for link in sorted(after - before):
        part = find(world, link.target)
        if part:
            uses = part.owner.sim.setdefault("users", {}).setdefault(key_of(link.target), {})
            uses.setdefault(link.field, []).append(link.source)
            touched[part.owner.id] = part.owner
    for resource in touched.values():
        save(world, resource)


def save(world: World, resource: Resource) -> Resource:
    """Keep a resource whose visible body changed: its etag moves on."""
    resource.sim["version"] = world.new_uuid()
    return world.save(resource)


def etag(resource: Resource) -> str:
    """Return the etag that the resource and its children show."""
    return f'W/"{resource.sim["version"]}"'


def _show_uses(resource: Resource, part_id: str, properties: Json) -> None:
    for field, ids in resource.sim.get("users", {}).get(key_of(part_id), {}).items():
        if not ids or field in _HIDDEN:
            continue
        found = [{"id": user} for user in ids]
        properties[field] = found[0] if field in _SINGLE else found


def show_child(resource: Resource, segment: str, child: Json) -> Json:
    """Return a child as Azure shows it."""
    shown = copy.deepcopy(child)
    shown["id"] = child_id(resource, segment, child)
    shown["etag"] = etag(resource)
    shown["type"] = f"{resource.type}/{segment}"
    _show_uses(resource, shown["id"], shown.setdefault("properties", {}))
    return shown


def show(resource: Resource) -> Json:
    """Return a resource as Azure shows it, its children in it."""
    shown = copy.deepcopy(resource.body)
    shown |= {"id": resource.id, "name": name_of(resource.id), "type": resource.type}
    shown["etag"] = etag(resource)
    for name in resource.sim.get("lists", []):
        held = resource.properties.get(name) or []
        shown["properties"][name] = [show_child(resource, name, child) for child in held]
    _show_uses(resource, resource.id, shown["properties"])
    return shown
