"""Capacity reservations on the wire."""

from typing import Final

from local.arm.wire import Json, name_of

TYPE: Final = "Microsoft.Compute/capacityReservationGroups/capacityReservations"
GROUP: Final = "Microsoft.Compute/capacityReservationGroups"


def model(reservation_id: str, body: Json, made: Json) -> Json:
    """Return a reservation's body; `made`: what stays of an earlier one."""
    return {
        "id": reservation_id,
        "name": name_of(reservation_id),
        "type": TYPE,
        "location": str(body["location"]).replace(" ", "").lower(),
        "tags": body.get("tags") or {},
        **({"zones": [str(zone) for zone in body["zones"]]} if body.get("zones") else {}),
        "sku": {"name": body["sku"]["name"], "capacity": int(body["sku"].get("capacity") or 0)},
        "properties": {**made, "provisioningState": "Succeeded"},
    }


def utilization(capacity: int, allocated: list[str]) -> Json:
    """Return how much of a reservation is in use."""
    return {
        "currentCapacity": capacity,
        "virtualMachinesAllocated": [{"id": one} for one in allocated],
    }


def instance_view(capacity: int, allocated: list[str]) -> Json:
    """Return a reservation's instance view."""
    return {
        "utilizationInfo": utilization(capacity, allocated),
        "statuses": [
            {
                "code": "ProvisioningState/succeeded",
                "level": "Info",
                "displayStatus": "Provisioning succeeded",
            }
        ],
    }
