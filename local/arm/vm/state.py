"""What every part of the VM noun needs: find, lock, name, and the moments a VM remembers."""

from datetime import timedelta

from local.arm import capacity, health, latency
from local.arm.operations import Plan, begin, follow_headers
from local.arm.vm import errors
from local.arm.vm.wire import TYPE, is_spot
from local.arm.wire import Json, Reply, Request, key_of, resource_not_found
from local.arm.world import Resource, World, effect, stamp

RETRY_AFTER_S = 10
"""As recorded for every Compute operation on VMs."""
DEPARTED_S = 300
"""How long Compute itself answers for a VM that is gone, before ARM forgets it. UNVERIFIED."""


def id_of(request: Request) -> str:
    """Return the id of the VM that a request names."""
    base = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return f"{base}/providers/{TYPE}/{request['name']}"


def require(world: World, vm_id: str) -> Resource:
    """Return a VM, or raise one of Azure's two 404s."""
    vm = world.find(vm_id)
    if vm is not None:
        return vm
    if world.shelf("departed").get(key_of(vm_id)):
        raise errors.departed()
    raise resource_not_found(vm_id)


def settle_at(world: World, vm: Resource, provisioning: str, error: Json | None = None) -> None:
    """Set the provisioning state, with its time, and what went wrong if it is Failed."""
    vm.properties["provisioningState"] = provisioning
    vm.sim["provisioned_at"] = stamp(world.now)
    vm.sim.pop("error", None)
    if error:
        vm.sim["error"] = error


def set_power(world: World, vm: Resource, power: str | None) -> None:
    """Set the power state and what hangs on it: availability, the guest agent.

    What the agent last reported is shown until the VM leaves its host, as recorded.
    """
    vm.sim["power"] = power
    if power is None:
        vm.sim.pop("power")
    if power in (None, "deallocated"):
        vm.sim.pop("agent_at", None)
    if power == "running":
        if "agent_at" not in vm.sim:
            ready_s = latency.draw(world, "vm.agent.ready")
            vm.sim["agent_at"] = stamp(world.now + timedelta(seconds=ready_s))
            _limit_life(world, vm)
        health.availability(world, vm, "Available")
    elif power in ("stopped", "deallocated"):
        health.availability(world, vm, "Unavailable")


def _limit_life(world: World, vm: Resource) -> None:
    """Plan the end of a Spot VM that came up where such VMs do not last."""
    rule = capacity.rule_of(world, capacity.place_of(vm)) if is_spot(vm.properties) else None
    if rule and rule.get("life_s"):
        life_s = world.dice().uniform(*rule["life_s"])
        world.plan(life_s, "eviction.fated", {"vm": vm.id, "vm_id": vm.properties["vmId"]})


def is_deallocated(vm: Resource) -> bool:
    """Tell whether a VM stands on no host."""
    return not vm.sim.get("allocated")


def follow(
    world: World, request: Request, vm: Resource, plan: Plan, *, location: bool
) -> dict[str, str]:
    """Begin a VM's operation; return the headers that tell of it.

    A POST or DELETE is followed by `Location` too and says when to ask again; a PUT of a new VM
    says so as well, an update does not. As recorded.
    """
    family = f"Microsoft.Compute/locations/{vm.location}/operations"
    path = begin(world, request, family, plan)
    retry_after_s = RETRY_AFTER_S if location or plan.effect == "vm.created" else 0
    headers = follow_headers(request, path, location=location, retry_after_s=retry_after_s)
    if not location:
        headers["azure-asyncnotification"] = "Enabled"
    return headers


def repeat(world: World, request: Request, vm: Resource, effect_name: str) -> Reply | None:
    """Return the reply to an action that runs already, so that a repeated request does no harm."""
    operation_id = vm.sim.get("operation", "")
    operation = world.shelf("operations").get(operation_id)
    if operation is None or operation["effect"] != effect_name:
        return None
    family = f"Microsoft.Compute/locations/{vm.location}/operations"
    path = f"/subscriptions/{request['subscription']}/providers/{family}/{operation_id}"
    return Reply(
        202,
        None,
        follow_headers(request, path, location=True, retry_after_s=RETRY_AFTER_S),
    )


def mark_departed(world: World, vm_id: str) -> None:
    """Let Compute answer for a VM that just went."""
    world.shelf("departed").put(key_of(vm_id), {"at": stamp(world.now)})
    world.plan(DEPARTED_S, "vm.forgotten", {"key": key_of(vm_id)})


@effect("vm.forgotten")
def forget(world: World, args: Json) -> None:
    """Let ARM forget a VM that is gone."""
    world.shelf("departed").drop(args["key"])
