"""One resource of the simulated Azure."""

from dataclasses import dataclass, field

from local.arm.wire import Json


@dataclass
class Resource:
    """One ARM resource: the body as Azure would return it, and what only the simulator knows."""

    id: str
    type: str
    """As Azure spells it: `Microsoft.Compute/disks`."""
    body: Json
    sim: Json = field(default_factory=dict)
    """Private facts, JSON: running operation, guest state, what GET must compute."""

    @property
    def properties(self) -> Json:
        """The body's `properties`."""
        properties: Json = self.body.setdefault("properties", {})
        return properties

    @property
    def location(self) -> str:
        """The region, as given at creation."""
        return str(self.body.get("location", ""))

    @property
    def zone(self) -> str | None:
        """The single zone, or None for a regional resource."""
        zones = self.body.get("zones") or []
        return str(zones[0]) if zones else None
