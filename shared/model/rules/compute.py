"""Rules of zones and VM sizes."""

from collections.abc import Iterator
from typing import Any, Final

from shared.model.problems import Loc, Problem
from shared.model.rules.facts import Facts, conflict, place, repeated, required

SIZES: Final = "compute.vmSizes"
SIZE_LISTS: Final = ("odSizes", "spotSizes", "preferredSpotSizes", "excludedVmSizes")


def _listed(facts: Facts, path: str) -> list[tuple[Loc, Any]]:
    return [((*place(path), index), one) for index, one in enumerate(facts.at(path) or ())]


def zones(facts: Facts) -> Iterator[Problem]:
    """The preferred zone is one of the zones, and each zone is listed once."""
    yield from repeated(_listed(facts, "compute.zones"), "is listed twice")
    preferred = facts.at("compute.preferredZone")
    if preferred is not None and preferred not in (facts.at("compute.zones") or ()):
        yield conflict("compute.preferredZone", "must be one of compute.zones")


def od_sizes(facts: Facts) -> Iterator[Problem]:
    """There is an on-demand size, whatever the strategy."""
    if facts.at(f"{SIZES}.odSizes") == []:
        yield required(f"{SIZES}.odSizes", "must list at least one size")


def spot_sizes(facts: Facts) -> Iterator[Problem]:
    """Spot sizes are listed or described, not both."""
    listed, described = (
        facts.at(f"{SIZES}.{name}") for name in ("spotSizes", "spotSizeAttributes")
    )
    if listed and described:
        yield conflict(f"{SIZES}.spotSizeAttributes", "excludes spotSizes: send null for one")
    elif facts.at(SIZES) is not None and not listed and not described:
        yield required(f"{SIZES}.spotSizes", "is required where spotSizeAttributes is not set")
    if facts.at(f"{SIZES}.excludedVmSizes") and not described:
        yield conflict(f"{SIZES}.excludedVmSizes", "is for use with spotSizeAttributes")


def size_lists(facts: Facts) -> Iterator[Problem]:
    """No size twice in a list; what is preferred is allowed."""
    for name in SIZE_LISTS:
        yield from repeated(_listed(facts, f"{SIZES}.{name}"), "is listed twice")
    allowed = {str(size).lower() for size in facts.at(f"{SIZES}.spotSizes") or ()}
    for loc, size in _listed(facts, f"{SIZES}.preferredSpotSizes"):
        if size is not None and size.lower() not in allowed:
            yield conflict(loc, "must be one of spotSizes")


def attribute_ranges(facts: Facts) -> Iterator[Problem]:
    """A least value is not above the greatest."""
    path = f"{SIZES}.spotSizeAttributes"
    for what in ("Cpu", "Memory", "Storage"):
        least, most = facts.at(f"{path}.min{what}"), facts.at(f"{path}.max{what}")
        if least is not None and most is not None and least > most:
            yield conflict(f"{path}.min{what}", f"must not be above max{what}")
