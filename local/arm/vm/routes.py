from local.arm.routing import COMPUTE, SUBSCRIPTION, route
from local.arm.vm import actions, conversion, create, power, remove, update, view, wire
from local.arm.vm.errors import refused
from local.arm.vm.state import id_of, require
from local.arm.wire import Json, Reply, Request, same_location
from local.arm.world import Resource, World

VMS = "/virtualMachines"
VM = COMPUTE + VMS + "/{name}"


@route("PUT", VM)
def put_vm(world: World, request: Request) -> Reply:
    """Create a VM, or change the one that is there."""
    vm = world.find(id_of(request))
    if vm is None:
        return create.create(world, request, id_of(request))
    return update.update(world, request, vm, whole=True)


@route("PATCH", VM)
def patch_vm(world: World, request: Request) -> Reply:
    """Change a VM."""
    return update.update(world, request, require(world, id_of(request)), whole=False)


@route("GET", VM)
def get_vm(world: World, request: Request) -> Reply:
    """Read a VM, perhaps with its instance view or user data."""
    vm = require(world, id_of(request))
    return Reply(200, _expanded(world, vm, request.query.get("$expand", "")))


@route("GET", VM + "/instanceView")
def get_instance_view(world: World, request: Request) -> Reply:
    """Read what a VM does now."""
    return Reply(200, view.render(world, require(world, id_of(request))))


@route("DELETE", VM)
def delete_vm(world: World, request: Request) -> Reply:
    """Delete a VM."""
    return remove.delete(world, request, id_of(request))


def _expanded(world: World, vm: Resource, expand: str) -> Json:
    body = wire.render(world, vm)
    asked = expand.lower().split(",")
    if "instanceview" in asked:
        body["properties"]["instanceView"] = view.render(world, vm)
    if "userdata" in asked and vm.properties.get("userData"):
        body["properties"]["userData"] = vm.properties["userData"]
    return body


@route("GET", COMPUTE + VMS)
def list_vms(world: World, request: Request) -> Reply:
    """List the VMs of a group."""
    group = f"/subscriptions/{request['subscription']}/resourceGroups/{request['group']}"
    return _listed(world, request, list(world.of_type(wire.TYPE, group)))


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute" + VMS)
def list_all_vms(world: World, request: Request) -> Reply:
    """List the VMs of a subscription; `statusOnly=true` tells states and little else."""
    under = f"/subscriptions/{request['subscription']}"
    return _listed(world, request, list(world.of_type(wire.TYPE, under)))


@route("GET", SUBSCRIPTION + "/providers/Microsoft.Compute/locations/{location}" + VMS)
def list_vms_by_location(world: World, request: Request) -> Reply:
    """List the VMs of a subscription in one region."""
    under = f"/subscriptions/{request['subscription']}"
    vms = world.of_type(wire.TYPE, under)
    return _listed(
        world, request, [vm for vm in vms if same_location(vm.location, request["location"])]
    )


PAGE = 200
"""VMs on one page of a list. Azure's own number is UNVERIFIED."""


def _listed(world: World, request: Request, vms: list[Resource]) -> Reply:
    skip = int(request.query.get("$skiptoken", "0"))
    page = vms[skip : skip + PAGE]
    if request.query.get("statusonly", "").lower() == "true":
        body: Json = {"value": [_status_only(world, vm) for vm in page]}
    else:
        expand = request.query.get("$expand", "")
        body = {"value": [_expanded(world, vm, expand) for vm in page]}
    if len(vms) > skip + PAGE:
        kept = "&".join(f"{k}={v}" for k, v in request.query.items() if k != "$skiptoken")
        body["nextLink"] = f"{request.origin}{request.path}?{kept}&$skiptoken={skip + PAGE}"
    return Reply(200, body)


def _status_only(world: World, vm: Resource) -> Json:
    instance: Json = {"statuses": view.statuses(vm)}
    if view.agent_reported(world, vm):
        instance |= view.guest(world, vm)
    told = ("name", "id", "type", "location", "zones")
    kept = {key: vm.body[key] for key in told if key in vm.body}
    return {
        **kept,
        "properties": {
            "vmId": vm.properties["vmId"],
            "hardwareProfile": vm.properties["hardwareProfile"],
            "provisioningState": vm.properties["provisioningState"],
            "instanceView": instance,
        },
    }


@route("POST", VM + "/start")
def start_vm(world: World, request: Request) -> Reply:
    """Start a VM."""
    return power.start(world, request, id_of(request))


@route("POST", VM + "/deallocate")
def deallocate_vm(world: World, request: Request) -> Reply:
    """Deallocate a VM."""
    if request.query.get("hibernate", "").lower() == "true":
        raise refused("Hibernation is not simulated: deallocate without it.")
    return power.deallocate(world, request, id_of(request))


@route("POST", VM + "/powerOff")
def power_off_vm(world: World, request: Request) -> Reply:
    """Stop a VM that keeps its host."""
    return power.power_off(world, request, id_of(request))


@route("POST", VM + "/restart")
def restart_vm(world: World, request: Request) -> Reply:
    """Restart a VM."""
    return power.reboot(world, request, id_of(request), "restart")


@route("POST", VM + "/redeploy")
def redeploy_vm(world: World, request: Request) -> Reply:
    """Move a VM to another host."""
    return power.reboot(world, request, id_of(request), "redeploy")


@route("POST", VM + "/reapply")
def reapply_vm(world: World, request: Request) -> Reply:
    """Bring a VM back to its model."""
    return power.reapply(world, request, id_of(request))


@route("POST", VM + "/generalize")
def generalize_vm(world: World, request: Request) -> Reply:
    """Mark a stopped VM as the source of images."""
    return actions.generalize(world, id_of(request))


@route("POST", VM + "/convertToManagedDisks")
def convert_to_managed_disks(world: World, request: Request) -> Reply:
    """Turn a VM's unmanaged disks into managed ones."""
    return conversion.convert(world, request, id_of(request))


@route("POST", VM + "/attachDetachDataDisks")
def attach_detach_data_disks(world: World, request: Request) -> Reply:
    """Attach and detach several data disks at once."""
    return actions.attach_detach(world, request, id_of(request))


@route("POST", VM + "/retrieveBootDiagnosticsData")
def retrieve_boot_diagnostics_data(world: World, request: Request) -> Reply:
    """Tell where the console's log and picture are."""
    return actions.boot_diagnostics(world, request, id_of(request))


@route("GET", VM + "/vmSizes")
def list_available_sizes(world: World, request: Request) -> Reply:
    """List the sizes a VM can be given."""
    return actions.sizes(world, id_of(request))
