"""The instance view: what a VM does now, apart from what was asked of it. Shapes as recorded."""

from datetime import datetime

from local.arm.vm.wire import disk_ids, extensions_of
from local.arm.wire import Json, name_of
from local.arm.world import Resource, World, stamp

AGENT_VERSIONS = {"Linux": "2.11.1.4", "Windows": "2.7.41491.1095"}
DISPLAY = {
    "starting": "VM starting",
    "running": "VM running",
    "stopping": "VM stopping",
    "stopped": "VM stopped",
    "deallocating": "VM deallocating",
    "deallocated": "VM deallocated",
}
PROVISIONING = {
    "Creating": ("ProvisioningState/creating", "Creating"),
    "Updating": ("ProvisioningState/updating", "Updating"),
    "Deleting": ("ProvisioningState/deleting", "Deleting"),
    "Succeeded": ("ProvisioningState/succeeded", "Provisioning succeeded"),
}


def power_status(vm: Resource) -> list[Json]:
    """Return the power state as a status; none for a VM that never had a host."""
    power = vm.sim.get("power")
    if power is None:
        return []
    return [{"code": f"PowerState/{power}", "level": "Info", "displayStatus": DISPLAY[power]}]


def statuses(vm: Resource) -> list[Json]:
    """Return provisioning state and power state."""
    return [*_os_state(vm), _provisioning(vm), *power_status(vm)]


def _os_state(vm: Resource) -> list[Json]:
    """Return that a VM was generalized, if it was. Source: Azure docs, capture-image-resource."""
    if not vm.sim.get("generalized"):
        return []
    return [{"code": "OSState/generalized", "level": "Info", "displayStatus": "VM generalized"}]


def _provisioning(vm: Resource) -> Json:
    state = vm.properties["provisioningState"]
    at = {"time": vm.sim.get("provisioned_at", "")} if vm.sim.get("provisioned_at") else {}
    error = vm.sim.get("error")
    if state == "Failed":
        code = (error or {}).get("code", "InternalExecutionError")
        return {
            "code": f"ProvisioningState/failed/{code}",
            "level": "Error",
            "displayStatus": "Provisioning failed",
            "message": (error or {}).get("message", ""),
            **at,
        }
    code, display = PROVISIONING[state]
    return {"code": code, "level": "Info", "displayStatus": display, **at}


def render(world: World, vm: Resource) -> Json:
    """Return the whole instance view."""
    view: Json = {}
    if vm.sim.get("agent_at"):
        view |= guest(world, vm)
    view["disks"] = [_disk(world, vm, disk_id) for disk_id in disk_ids(vm)]
    extensions = extensions_of(world, vm)
    if extensions and vm.sim.get("allocated"):
        view["extensions"] = [_extension(extension) for extension in extensions]
    if vm.sim.get("guest"):
        view["hyperVGeneration"] = vm.sim["guest"]["generation"]
    diagnostics = (vm.properties.get("diagnosticsProfile") or {}).get("bootDiagnostics") or {}
    if diagnostics.get("enabled"):
        view["bootDiagnostics"] = {}
    view["statuses"] = statuses(vm)
    return view


def agent_reported(world: World, vm: Resource) -> bool:
    """Tell whether the guest agent has reported since the VM got its host, and still does."""
    agent_at = vm.sim.get("agent_at")
    if agent_at is None or vm.sim.get("agent_silent") == agent_at:
        return False
    return datetime.fromisoformat(agent_at) <= world.now


def silence(vm: Resource, *, silent: bool) -> None:
    """Let the guest agent fall silent on this host, or report again."""
    vm.sim.pop("agent_silent", None)
    if silent:
        vm.sim["agent_silent"] = vm.sim["agent_at"]


def guest(world: World, vm: Resource) -> Json:
    """Return what the guest agent tells, or that it has not told anything yet."""
    os_type = vm.properties["storageProfile"]["osDisk"].get("osType", "Linux")
    if not agent_reported(world, vm):
        status = {
            "code": "ProvisioningState/Unavailable",
            "level": "Warning",
            "displayStatus": "Not Ready",
            "message": "VM status blob is found but not yet populated.",
            "time": stamp(world.now),
        }
        return {"vmAgent": {"vmAgentVersion": "Unknown", "statuses": [status]}}
    host_name = (vm.properties.get("osProfile") or {}).get("computerName")
    windows = os_type == "Windows"
    status = {
        "code": "ProvisioningState/succeeded",
        "level": "Info",
        "displayStatus": "Ready",
        "message": "GuestAgent is running and processing the extensions."
        if windows
        else "Guest Agent is running",
        "time": stamp(world.now),
    }
    handlers = [
        {
            "type": f"{extension.properties['publisher']}.{extension.properties['type']}",
            "typeHandlerVersion": extension.properties["typeHandlerVersion"],
            "status": {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Ready",
                "message": "Plugin enabled",
            },
        }
        for extension in extensions_of(world, vm)
        if extension.properties["provisioningState"] == "Succeeded"
    ]
    return {
        "computerName": host_name or vm.sim.get("host_name") or name_of(vm.id),
        "osName": "Windows Server 2022 Datacenter" if windows else "ubuntu",
        "osVersion": "10.0.20348.2700" if windows else "22.04",
        "vmAgent": {
            "vmAgentVersion": AGENT_VERSIONS.get(os_type, "Unknown"),
            "statuses": [status],
            "extensionHandlers": handlers,
        },
    }


def _disk(world: World, vm: Resource, disk_id: str) -> Json:
    disk = world.find(disk_id)
    at = (disk.properties.get("LastOwnershipUpdateTime") if disk else None) or vm.sim.get(
        "provisioned_at", stamp(world.now)
    )
    return {
        "name": name_of(disk_id),
        "statuses": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
                "time": at,
            }
        ],
    }


def _extension(extension: Resource) -> Json:
    state = extension.properties["provisioningState"]
    failed = state == "Failed"
    return {
        "name": extension.body["name"],
        "type": f"{extension.properties['publisher']}.{extension.properties['type']}",
        "typeHandlerVersion": extension.properties["typeHandlerVersion"],
        "statuses": [
            {
                "code": f"ProvisioningState/{state.lower()}",
                "level": "Error" if failed else "Info",
                "displayStatus": f"Provisioning {state.lower()}",
                "message": "Enable failed." if failed else "Enable succeeded.",
            }
        ],
    }
