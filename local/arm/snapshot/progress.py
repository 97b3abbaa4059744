"""How far the background copy of a snapshot has come, and who may use it meanwhile."""

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


def instant(world: World, snapshot: Resource) -> bool:
    """Tell whether instant access, asked for at creation, still lasts."""
    until = snapshot.sim.get("instant_until")
    return until is not None and world.now < datetime.fromisoformat(until)


def restorable(world: World, snapshot: Resource) -> bool:
    """Tell whether disks can be made of it now."""
    percent = completion_percent(world, snapshot)
    return percent is None or percent >= WHOLE or instant(world, snapshot)


def access_state(world: World, snapshot: Resource) -> str:
    """Return `snapshotAccessState`."""
    whole = completion_percent(world, snapshot) in (None, WHOLE)
    if instant(world, snapshot):
        return "AvailableWithInstantAccess" if whole else "InstantAccess"
    return "Available" if whole else "Pending"
