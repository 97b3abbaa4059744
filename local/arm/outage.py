"""Zones that are down: their hosts have no room, and what is stored in them alone is out of reach.

How Azure's control plane answers about a disk in a zone that is down is told nowhere: a 503 is an
assumption. A disk can still be read of, as all that Resource Manager keeps for the whole region.
"""

from local.arm.wire import ArmProblem
from local.arm.world import Resource, World

FACT = "outages"


def is_down(world: World, location: str, zone: str | None) -> bool:
    """Tell whether a zone is down."""
    return zone is not None and [location.lower(), zone] in world.facts.get(FACT, [])


def set_down(world: World, location: str, zone: str, *, down: bool) -> None:
    """Let a zone go down, or come up again."""
    place = [location.lower(), zone]
    others = [one for one in world.facts.get(FACT, []) if one != place]
    world.facts[FACT] = [*others, place] if down else others


def refuse_if_out_of_reach(world: World, disk: Resource) -> None:
    """Raise Azure's 503 for the data of a disk that is stored in a zone that is down."""
    kind = str((disk.body.get("sku") or {}).get("name", ""))
    if kind.endswith("_ZRS") or not is_down(world, disk.location, disk.zone):
        return
    text = f"The service that stores '{disk.id}' does not answer. Please try again later."
    raise ArmProblem(503, "ServiceUnavailable", text)
