from local.arm.insights import state, wire
from local.arm.routing import COMPUTE, GROUP, route
from local.arm.vm.state import id_of
from local.arm.vm.state import require as require_vm
from local.arm.wire import Reply, Request
from local.arm.world import World

RULE = GROUP + "/providers/Microsoft.Insights/dataCollectionRules/{rule}"
OF_VM = (
    COMPUTE + "/virtualMachines/{name}/providers/Microsoft.Insights/dataCollectionRuleAssociations"
)
ASSOCIATION = OF_VM + "/{association}"


def _rule_id(request: Request) -> str:
    base = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return f"{base}/providers/{wire.RULE}/{request['rule']}"


def _association_id(world: World, request: Request) -> str:
    vm = require_vm(world, id_of(request))
    return f"{vm.id}/providers/{wire.ASSOCIATION}/{request['association']}"


@route("PUT", RULE)
def put_rule(world: World, request: Request) -> Reply:
    """Make or replace a rule."""
    before = world.find(_rule_id(request))
    rule = state.put_rule(world, _rule_id(request), request.body or {})
    return Reply(200 if before else 201, rule.body)


@route("GET", RULE)
def get_rule(world: World, request: Request) -> Reply:
    """Read a rule."""
    return Reply(200, state.require(world, _rule_id(request)).body)


@route("DELETE", RULE)
def delete_rule(world: World, request: Request) -> Reply:
    """Delete a rule; 204 if there is none."""
    rule = world.find(_rule_id(request))
    if rule is None:
        return Reply(204)
    state.delete_rule(world, rule)
    return Reply(200)


@route("PUT", ASSOCIATION)
def associate(world: World, request: Request) -> Reply:
    """Associate a VM with a rule, or with another one."""
    association_id = _association_id(world, request)
    before = world.find(association_id)
    made = state.associate(world, association_id, request.body or {})
    return Reply(200 if before else 201, made.body)


@route("GET", ASSOCIATION)
def get_association(world: World, request: Request) -> Reply:
    """Read an association."""
    return Reply(200, state.require(world, _association_id(world, request)).body)


@route("GET", OF_VM)
def list_associations(world: World, request: Request) -> Reply:
    """List the associations of a VM."""
    vm = require_vm(world, id_of(request))
    return Reply(200, {"value": [one.body for one in world.of_type(wire.ASSOCIATION, vm.id)]})


@route("DELETE", ASSOCIATION)
def delete_association(world: World, request: Request) -> Reply:
    """End an association; 204 if there is none."""
    association = world.find(_association_id(world, request))
    if association is None:
        return Reply(204)
    world.drop(association)
    return Reply(200)
