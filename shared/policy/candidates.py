"""The markets that a node's wishes name, before anything is excluded."""

from collections.abc import Iterable, Iterator

from shared.model.facts import DecisionInputs, SizeAttributes, SizeFacts, Wishes
from shared.model.market import Market
from shared.model.run import Lifecycle

_MIB_PER_GIB = 1_024


def candidates(inputs: DecisionInputs) -> tuple[Market, ...]:
    """Return every (size, zone, lifecycle) asked for, in the document's order, each once.

    Reserved capacity comes first, once for a size in a zone: the first group that has a place. A
    size is written as the catalogue writes it; one that the catalogue does not know, as wished.
    """
    names = {size.name.casefold(): size for size in inputs.sizes}
    prices = {(one.size.casefold(), one.lifecycle): one.usd_per_hour for one in inputs.prices}
    markets: dict[Market, None] = {}
    for lifecycle, size, reserved in _sizes(inputs):
        known = names.get(size.casefold())
        for zone in inputs.wishes.zones or (None,):
            group_id = place_in(inputs, size, zone) if reserved else ""
            if reserved and not group_id:
                continue
            market = Market(
                size=known.name if known else size,
                zone=zone,
                lifecycle=lifecycle,
                family=known.family if known else "",
                vcpus=known.vcpus if known else 0,
                accelerated=known.accelerated if known else None,
                usd_per_hour=prices.get((size.casefold(), lifecycle)),
                reservation=group_id,
            )
            markets.setdefault(market)
    return tuple(markets)


def place_in(inputs: DecisionInputs, size: str, zone: str | None) -> str:
    """Return the group whose reserved capacity is the one to use there; empty: none is for it.

    One that is full is returned only if all are: its exclusion then tells so.
    """
    fitting = [
        one
        for one in inputs.reservations
        if one.size.casefold() == size.casefold() and one.zone == zone
    ]
    fitting.sort(key=lambda one: one.free <= 0)
    return fitting[0].group_id if fitting else ""


def size_named(sizes: Iterable[SizeFacts], name: str) -> SizeFacts | None:
    """Return the catalogue row of a size, whatever its case."""
    wanted = name.casefold()
    return next((size for size in sizes if size.name.casefold() == wanted), None)


def named_sizes(wishes: Wishes, sizes: tuple[SizeFacts, ...]) -> frozenset[str]:
    """Return the names, without case, of all sizes that the wishes may mean."""
    named = [*wishes.spot_sizes, *wishes.od_sizes]
    named += [size.name for size in sizes if _matches(wishes, size)]
    return frozenset(name.casefold() for name in named)


def _sizes(inputs: DecisionInputs) -> Iterator[tuple[Lifecycle, str, bool]]:
    """Yield lifecycle, size, and whether reserved capacity is meant: on-demand sizes alone."""
    wishes = inputs.wishes
    for size in wishes.od_sizes if wishes.reserved else ():
        yield Lifecycle.OD, size, True
    for size in wishes.spot_sizes:
        yield Lifecycle.SPOT, size, False
    for facts in inputs.sizes:
        if _matches(wishes, facts):
            yield Lifecycle.SPOT, facts.name, False
    for size in wishes.od_sizes:
        yield Lifecycle.OD, size, False


def _matches(wishes: Wishes, size: SizeFacts) -> bool:
    """Tell whether spotSizeAttributes mean this size."""
    bounds = wishes.spot_attributes
    if bounds is None or not size.spot:
        return False
    if size.name.casefold() in {name.casefold() for name in wishes.excluded_sizes}:
        return False
    return _fits(bounds, size)


def _fits(bounds: SizeAttributes, size: SizeFacts) -> bool:
    storage_gib = size.temp_disk_mib / _MIB_PER_GIB
    return (
        _within(bounds.min_cpu, size.vcpus, bounds.max_cpu)
        and _within(bounds.min_memory_gib, size.memory_gib, bounds.max_memory_gib)
        and _within(bounds.min_storage_gib, storage_gib, bounds.max_storage_gib)
    )


def _within(low: int | None, value: float, high: int | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
