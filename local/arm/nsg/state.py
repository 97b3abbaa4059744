"""Network security groups: rules that do not contradict each other, and who uses the group."""

from local.arm.network import parts
from local.arm.network.parts import Link
from local.arm.nsg import errors, wire
from local.arm.wire import Json
from local.arm.world import Resource, World

PRIORITIES = range(100, 4097)
"""Source: Azure docs, network-security-groups-overview."""

_GROUPS = ("sourceApplicationSecurityGroups", "destinationApplicationSecurityGroups")


def accept(world: World, new: Resource, _found: Resource | None) -> None:
    """Complete and check a draft of a network security group."""
    rules = new.properties.get("securityRules")
    if rules is None:
        rules = []
    for rule in rules:
        unknown = wire.unknown_choice(rule)
        if unknown:
            given = rule["properties"].get(unknown)
            raise errors.bad_choice(unknown.capitalize(), rule["name"], given)
        if rule["properties"].get("priority") not in PRIORITIES:
            raise errors.bad_priority(rule["properties"].get("priority"))
    kept = [wire.rule(rule) for rule in rules]
    _refuse_conflicts(kept)
    new.body["properties"] = {"securityRules": kept, "defaultSecurityRules": wire.defaults()}
    for target in {link.target for link in links(new)}:
        parts.refer(world, target, new)


def _refuse_conflicts(rules: list[Json]) -> None:
    seen: dict[tuple[int, str], str] = {}
    for rule in rules:
        place = (rule["properties"]["priority"], rule["properties"]["direction"])
        if place in seen:
            raise errors.conflict(rule["name"], seen[place])
        seen[place] = rule["name"]


def links(group: Resource) -> set[Link]:
    """Return the application security groups that the rules name."""
    found = set()
    for segment, rule in parts.children(group):
        for name in _GROUPS:
            for target in rule["properties"].get(name) or []:
                user = parts.child_id(group, segment, rule)
                found.add(Link(target["id"], "members", user))
    return found


def refuse_delete(world: World, group: Resource) -> None:
    """Raise if a NIC or subnet refers to the group."""
    users = parts.users(world, group.id)
    if users:
        raise errors.in_use(group.id, users)
