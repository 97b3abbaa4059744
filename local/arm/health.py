"""Resource health: annotations and availability of VMs, told as Event Grid events.

Source: Azure docs, event-schema-health-resources and resource-health-vm-annotation.
"""

from local.arm import events
from local.arm.wire import Json, subscription_of
from local.arm.world import Resource, World, stamp

API_VERSIONS = {"ResourceAnnotated": "2022-08-01", "AvailabilityStatusChanged": "2023-12-01"}

CUSTOMER = ("Customer Initiated", "Not Applicable")
UNPLANNED = ("Platform Initiated", "Unplanned")
ANNOTATIONS = {
    "VirtualMachinePreempted": (
        *UNPLANNED,
        "This Virtual Machine was preempted to free up capacity.",
    ),
    "VirtualMachineDeallocationInitiated": (
        *CUSTOMER,
        (
            "This Virtual Machine is being stopped and deallocated as requested by an authorized "
            "user or process."
        ),
    ),
    "VirtualMachineStopInitiatedByControlPlane": (
        *CUSTOMER,
        "The Virtual Machine is stopping as requested by an authorized user or process.",
    ),
    "VirtualMachineStartInitiatedByControlPlane": (
        *CUSTOMER,
        "The Virtual Machine is starting as requested by an authorized user or process.",
    ),
    "VirtualMachineAllocated": (
        *CUSTOMER,
        (
            "The Virtual Machine is in the process of being set up as requested by an authorized "
            "user or process."
        ),
    ),
    "VirtualMachineSizeChanged": (
        *CUSTOMER,
        "The Virtual Machine is being resized as requested by an authorized user or process.",
    ),
    "VirtualMachineConfigurationUpdated": (
        *CUSTOMER,
        (
            "The configuration of this Virtual Machine is being updated as requested by an "
            "authorized user or process."
        ),
    ),
    "VirtualMachineRebootInitiatedByControlPlane": (
        *CUSTOMER,
        "The Virtual Machine is undergoing a reboot as requested by an authorized user or process.",
    ),
    "VirtualMachineRestarted": (
        *CUSTOMER,
        "The Virtual Machine is undergoing a reboot as requested by a restart action.",
    ),
    "VirtualMachineRedeployInitiatedByControlPlane": (
        *CUSTOMER,
        "The Virtual Machine is being redeployed as requested by an authorized user or process.",
    ),
    "VirtualMachineProvisioningTimedOut": (
        *UNPLANNED,
        "VM provisioning has timed out due to Guest OS issues or incorrect user run scripts.",
    ),
}
"""Annotation: context, category, summary."""


def annotate(world: World, vm: Resource, name: str) -> None:
    """Publish an annotation of a VM."""
    context, category, summary = ANNOTATIONS[name]
    properties = {
        "targetResourceId": vm.id,
        "targetResourceType": vm.type,
        "occurredTime": stamp(world.now).replace("+00:00", "Z"),
        "annotationName": name,
        "reason": name,
        "summary": summary,
        "context": context,
        "category": category,
        "impactType": "Informational",
    }
    _publish(world, vm, "ResourceAnnotated", "resourceAnnotations", properties)


def availability(world: World, vm: Resource, state: str) -> None:
    """Publish a change of a VM's availability: Available, Unavailable, Unknown."""
    previous = vm.sim.get("availability", "Unknown")
    if previous == state:
        return
    vm.sim["availability"] = state
    properties = {
        "targetResourceId": vm.id,
        "targetResourceType": vm.type,
        "occurredTime": stamp(world.now).replace("+00:00", "Z"),
        "previousAvailabilityState": previous,
        "availabilityState": state,
    }
    _publish(world, vm, "AvailabilityStatusChanged", "availabilityStatuses", properties)


def _publish(world: World, vm: Resource, kind: str, type_: str, properties: Json) -> None:
    name = world.new_uuid() if type_ == "resourceAnnotations" else "current"
    events.publish(
        world,
        {
            "topic": f"/subscriptions/{subscription_of(vm.id)}",
            "subject": vm.id,
            "eventType": f"Microsoft.ResourceNotifications.HealthResources.{kind}",
            "dataVersion": "1",
            "data": {
                "resourceInfo": {
                    "id": f"{vm.id}/providers/Microsoft.ResourceHealth/{type_}/{name}",
                    "name": name,
                    "type": f"Microsoft.ResourceHealth/{type_}",
                    "properties": properties,
                },
                "operationalInfo": {"resourceEventTime": stamp(world.now).replace("+00:00", "Z")},
                "apiVersion": API_VERSIONS[kind],
            },
        },
    )
