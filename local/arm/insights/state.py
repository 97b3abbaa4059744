"""Which VM sends what to Azure Monitor: rules, and associations that end with their VM.

Source: Azure docs, data-collection-rule-associations; the REST reference of 2023-03-11.
"""

from local.arm.insights import errors, wire
from local.arm.wire import Json, resource_not_found
from local.arm.world import Resource, World


def require(world: World, resource_id: str) -> Resource:
    """Return a rule or an association, or raise the 404 of a read."""
    found = world.find(resource_id)
    if found is None:
        raise resource_not_found(resource_id)
    return found


def put_rule(world: World, rule_id: str, body: Json) -> Resource:
    """Make or replace a rule."""
    return world.save(Resource(rule_id, wire.RULE, wire.rule(rule_id, body)))


def delete_rule(world: World, rule: Resource) -> None:
    """Drop a rule; raise if an association names it."""
    if any(_names(one, rule.id) for one in world.of_type(wire.ASSOCIATION)):
        raise errors.rule_in_use(rule.id)
    world.drop(rule)


def associate(world: World, association_id: str, body: Json) -> Resource:
    """Associate a VM with a rule; raise if there is no such rule."""
    given = body.get("properties") or {}
    rule_id = given.get("dataCollectionRuleId")
    if not rule_id:
        raise errors.missing("properties.dataCollectionRuleId")
    rule = world.find(rule_id)
    if rule is None or rule.type != wire.RULE:
        raise errors.rule_not_found(rule_id)
    whole = wire.association(association_id, rule_id, given)
    return world.save(Resource(association_id, wire.ASSOCIATION, whole))


def forget(world: World, vm_id: str) -> None:
    """Drop the associations of a VM that is gone."""
    for one in list(world.of_type(wire.ASSOCIATION, vm_id)):
        world.drop(one)


def _names(association: Resource, rule_id: str) -> bool:
    return str(association.properties["dataCollectionRuleId"]).lower() == rule_id.lower()
