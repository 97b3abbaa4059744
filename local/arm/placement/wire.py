"""Groups that VMs are placed in, on the wire."""

from dataclasses import dataclass

from local.arm.wire import Json, name_of


@dataclass(frozen=True)
class Kind:
    """One sort of group: its path segment, its name in words, how a VM refers to it."""

    segment: str
    words: str
    reference: tuple[str, ...]
    """Keys from a VM's properties down to `{"id"}`."""
    created: int = 201
    """Status of the PUT that makes one. Source: the statuses that the SDK's operations accept."""

    @property
    def type(self) -> str:
        """The resource type."""
        return f"Microsoft.Compute/{self.segment}"

    def referred(self, properties: Json) -> str | None:
        """Return the id of the group that a VM's properties name, or None."""
        found: Json = properties
        for key in self.reference:
            found = found.get(key) or {}
        return found.get("id")


KINDS = (
    Kind("availabilitySets", "Availability Set", ("availabilitySet",), created=200),
    Kind("proximityPlacementGroups", "Proximity Placement Group", ("proximityPlacementGroup",)),
    Kind(
        "capacityReservationGroups",
        "Capacity Reservation Group",
        ("capacityReservation", "capacityReservationGroup"),
    ),
)


def model(kind: Kind, group_id: str, body: Json) -> Json:
    """Return a group's body."""
    kept = {key: body[key] for key in ("zones", "sku") if body.get(key)}
    return {
        "name": name_of(group_id),
        "id": group_id,
        "type": kind.type,
        "location": str(body["location"]).replace(" ", "").lower(),
        "tags": body.get("tags") or {},
        **kept,
        "properties": {**(body.get("properties") or {}), "provisioningState": "Succeeded"},
    }
