"""Capacity: how many VMs Azure has room for, by region, VM size, zone and lifecycle.

Unlimited until a rule says otherwise. A rule's fields are patterns (`*` fits all, also a regional
VM's zone); of the rules that fit a VM the latest decides; it counts every allocated VM that fits.
Rules change with time by the agenda. A rule may also say how long Spot VMs last there.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from local.arm.wire import ArmProblem, Json
from local.arm.world import Resource, World

FACT = "capacity"
FIELDS = ("location", "size", "zone", "lifecycle")
REGIONAL = "regional"
"""What a rule's `zone` says to mean VMs without a zone."""
AT_ACCEPT_CHANCE = 0.6
"""How often a refusal comes at once, where a rule leaves that to the dice. No figure is known."""


@dataclass(frozen=True)
class Place:
    """Where a VM wants to be."""

    location: str
    size: str
    zone: str | None
    lifecycle: str
    """`SPOT` or `OD`."""

    def fits(self, rule: Json) -> bool:
        """Tell whether a rule speaks of this place."""
        told = (self.location, self.size, self.zone or REGIONAL, self.lifecycle)
        wanted = [str(rule.get(field, "*")).lower() for field in FIELDS]
        pairs = zip(told, wanted, strict=True)
        return all(fnmatchcase(one.lower(), pattern) for one, pattern in pairs)


@dataclass(frozen=True)
class Shortage:
    """No room: the refusal, and whether it comes at once or at the operation's end."""

    problem: ArmProblem
    at_accept: bool


def place_of(vm: Resource, size: str | None = None) -> Place:
    """Return the place of a VM, perhaps at another size."""
    spot = str(vm.properties.get("priority", "Regular")).lower() in ("spot", "low")
    name = size or vm.properties["hardwareProfile"]["vmSize"]
    return Place(vm.location, name, vm.zone, "SPOT" if spot else "OD")


def allocated(world: World) -> list[Resource]:
    """Return the VMs that stand on a host now."""
    vms = world.of_type("Microsoft.Compute/virtualMachines")
    return [vm for vm in vms if vm.sim.get("allocated")]


def rule_of(world: World, place: Place) -> Json | None:
    """Return the rule that decides about a place, or None."""
    for rule in reversed(world.facts.get(FACT, [])):
        if place.fits(rule):
            found: Json = rule
            return found
    return None


def check_rule(rule: Json) -> None:
    """Raise ValueError if a rule is malformed.

    `room` is the number of VMs that may stand there at once, None for no limit; `when` is
    `accept`, `completion` or `either`; `code` overrides the error's code; `life_s` is the least
    and the most seconds after which a Spot VM that comes up there is evicted.
    """
    unknown = set(rule) - {*FIELDS, "room", "when", "code", "evict", "life_s"}
    if unknown:
        raise ValueError(f"a rule has no {', '.join(sorted(unknown))}")
    room = rule.get("room")
    if room is not None and (not isinstance(room, int) or room < 0):
        raise ValueError("room must be a whole number or null")
    if rule.get("when", "either") not in ("accept", "completion", "either"):
        raise ValueError("when must be accept, completion or either")
    if rule.get("code") not in (None, *_TEXTS):
        raise ValueError(f"code must be one of {', '.join(_TEXTS)}")
    least, most = rule.get("life_s") or (0, 0)
    if not 0 <= least <= most:
        raise ValueError("life_s must be [least, most] in seconds")


def set_rule(world: World, rule: Json) -> None:
    """Set the room of a place; a rule about the same place is replaced. ValueError if malformed."""
    check_rule(rule)
    place = [rule.get(field, "*") for field in FIELDS]
    others = [
        other
        for other in world.facts.get(FACT, [])
        if [other.get(field, "*") for field in FIELDS] != place
    ]
    world.facts[FACT] = [*others, rule]


def excess(world: World, rule: Json) -> tuple[list[Resource], int]:
    """Return the Spot VMs that stand where a rule speaks of, and how many are too many."""
    standing = [vm for vm in allocated(world) if place_of(vm).fits(rule)]
    room = rule.get("room")
    spot = [vm for vm in standing if place_of(vm).lifecycle == "SPOT"]
    return spot, 0 if room is None else max(0, len(standing) - int(room))


def shortage(world: World, place: Place, vm_id: str) -> Shortage | None:
    """Return what keeps a VM from this place, or None. A VM that stands there needs no room."""
    rule = rule_of(world, place)
    if rule is None or rule.get("room") is None:
        return None
    standing = [
        vm for vm in allocated(world) if place_of(vm).fits(rule) and vm.id.lower() != vm_id.lower()
    ]
    if len(standing) < int(rule["room"]):
        return None
    when = rule.get("when", "either")
    at_accept = when == "accept" or (when == "either" and world.dice().random() < AT_ACCEPT_CHANCE)
    code = rule.get("code") or _usual_code(place, at_accept=at_accept)
    return Shortage(problem(code, place), at_accept)


def _usual_code(place: Place, *, at_accept: bool) -> str:
    if at_accept:
        return "SkuNotAvailable" if place.lifecycle == "SPOT" else "AllocationFailed"
    return "ZonalAllocationFailed" if place.zone else "AllocationFailed"


def problem(code: str, place: Place) -> ArmProblem:
    """Return a capacity error in Azure's words."""
    constraints = ["Availability Zone"] if place.zone else []
    constraints += ["Low Priority VMs"] if place.lifecycle == "SPOT" else []
    constraints += ["Networking Constraints"]
    constraints += ["Preemptible VMs"] if place.lifecycle == "SPOT" else []
    text = _TEXTS[code].format(
        size=place.size,
        location=place.location,
        constraints="".join(f"\n  - {one}" for one in [*constraints, "VM Size"]),
    )
    target = {"target": "sku.name"} if code == "SkuNotAvailable" else {}
    return ArmProblem(409, code, text, **target)


_MORE = (
    " Read more about improving likelihood of allocation success at "
    "http://aka.ms/allocation-guidance"
)
_OVERCONSTRAINED = (
    "Allocation failed. VM(s) with the following constraints cannot be allocated, because the "
    "condition is too restrictive. Please remove some constraints and try again. Constraints "
    "applied are:{constraints}\n"
)
_TEXTS = {
    "SkuNotAvailable": (
        "The requested VM size for resource 'Following SKUs have failed for Capacity "
        "Restrictions: {size}' is currently not available in location '{location}'. Please try "
        "another size or deploy to a different location or different zone. See "
        "https://aka.ms/azureskunotavailable for details."
    ),
    "AllocationFailed": (
        "Allocation failed. We do not have sufficient capacity for the requested VM size in this "
        "region." + _MORE
    ),
    "ZonalAllocationFailed": (
        "Allocation failed. We do not have sufficient capacity for the requested VM size in this "
        "zone." + _MORE
    ),
    "OverconstrainedAllocationRequest": _OVERCONSTRAINED,
    "OverconstrainedZonalAllocationRequest": _OVERCONSTRAINED,
}
