"""Scheduled Events: the document a guest reads, and the event that Event Grid carries.

Source: Azure docs, linux/scheduled-events and scheduled-events-event-grid.
"""

from datetime import datetime

from local.arm.wire import Json, name_of, subscription_of
from local.arm.world import Resource

EMITTED = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted"


def document(vm: Resource) -> Json:
    """Return what the metadata service tells the guest."""
    notice = vm.sim.get("notice")
    return {
        "DocumentIncarnation": int(vm.sim.get("incarnation", 0)),
        "Events": [guest_event(vm, notice)] if notice else [],
    }


def guest_event(vm: Resource, notice: Json) -> Json:
    """Return one event of the document; `NotBefore` is empty once it has started."""
    not_before = datetime.fromisoformat(notice["not_before"])
    started = notice["status"] == "Started"
    return {
        "EventId": notice["id"],
        "EventStatus": notice["status"],
        "EventType": notice["type"],
        "ResourceType": "VirtualMachine",
        "Resources": [name_of(vm.id)],
        "NotBefore": "" if started else not_before.strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "Description": "",
        "EventSource": notice["source"],
        "DurationInSeconds": -1,
    }


def grid_event(vm: Resource, notice: Json) -> Json:
    """Return the event that Event Grid carries for an opted-in VM."""
    event = guest_event(vm, notice)
    return {
        "topic": f"/subscriptions/{subscription_of(vm.id)}",
        "subject": vm.id,
        "eventType": EMITTED,
        "dataVersion": "1",
        "data": {
            "resourceInfo": {
                "id": f"{vm.id}/providers/Microsoft.Maintenance/scheduledEvents/{notice['id']}",
                "name": notice["id"],
                "type": "Microsoft.Maintenance/scheduledEvents",
                "properties": {key: event[key] for key in event if key != "Description"},
            },
            "operationalInfo": {"resourceEventTime": notice["at"]},
            "apiVersion": "2023-04-01",
        },
    }


def opted_in(vm: Resource) -> bool:
    """Tell whether the VM asks for its Scheduled Events to be published."""
    policy = vm.properties.get("scheduledEventsPolicy") or {}
    targets = policy.get("scheduledEventsAdditionalPublishingTargets") or {}
    return bool((targets.get("eventGridAndResourceGraph") or {}).get("enable"))
