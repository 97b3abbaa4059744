"""How far the background copy of a snapshot has come."""

from datetime import datetime
from typing import Final

from local.arm.world import Resource, World

WHOLE: Final = 100.0


def completion_percent(world: World, snapshot: Resource) -> float | None:
    """Return the percentage copied, or None for what was whole at once."""
    copying = snapshot.sim.get("copying")
    if not copying:
        return None
    began, ends = (datetime.fromisoformat(copying[key]) for key in ("from", "until"))
    if world.now >= ends:
        return WHOLE
    return round(WHOLE * ((world.now - began) / (ends - began)), 1)
