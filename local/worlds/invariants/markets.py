"""I9: what is remembered of markets is what Azure did there."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from local.arm.chronicle import Asked, Change
from local.arm.portrait import VM, Portrait
from local.worlds.invariants.breach import Breach
from local.worlds.invariants.promises import Market, Remembered

UP: Final = frozenset({"starting", "running"})
TAKEN: Final = frozenset({"EvictedAtOnce", "VmVanished"})
"""The product's words for a market that takes back at once what it gives."""
LOST: Final = "lost"
"""A VM went down or away."""
ANY: Final = "refused"
"""The code of a refusal, which nobody has noted."""
REFUSED: Final = 400
NOT_SO: Final = 412
"""What was to be there, or not to be, is otherwise: it says nothing of room."""


@dataclass
class Markets:
    """Where VMs came up, and where Azure gave none or took one back, in order."""

    up: set[Market] = field(default_factory=set)
    closed: defaultdict[Market, list[tuple[datetime, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """When, and Azure's code for it."""

    def change(self, change: Change) -> None:
        """Follow the VMs."""
        before, after = change.before, change.after
        for one in (before, after):
            if one and one.type == VM and one.power in UP:
                self.up.add(_market(one))
        if after and after.type == VM and after.provisioning == "Failed":
            for one in (before, after):
                if one:  # a size that would not do is taken back
                    self.closed[_market(one)].append((change.at, after.failure))
        if before and before.type == VM and (after is None or _is_down(after, before)):
            self.closed[_market(before)].append((change.at, LOST))

    def asked(self, asked: Asked) -> None:
        """Hear of a VM that Azure would not make, resize or start."""
        if asked.place and asked.status >= REFUSED and asked.status != NOT_SO:
            size, zone, lifecycle = asked.place.split("/")
            self.closed[size, zone, lifecycle == "SPOT"].append((asked.at, ANY))

    def is_closed(self, one: Remembered) -> bool:
        """Tell whether Azure has closed a market in this way: what it last did was to take it."""
        told = [code for at, code in self.closed[one.market] if one.at is None or at <= one.at]
        if one.why in TAKEN:
            return told[-1:] == [LOST]
        return not {one.why, ANY}.isdisjoint(told)


def _is_down(now: Portrait, before: Portrait) -> bool:
    return before.power in UP and now.power not in UP


def _market(vm: Portrait) -> Market:
    return vm.size, vm.zone, vm.spot


def what_is_remembered_is_so(
    markets: Markets, remembered: Sequence[Remembered], now: datetime
) -> Iterator[Breach]:
    """I9: a market is said to have had room where a VM was up, and none where Azure gave none.

    That it takes back what it gives is said where a VM went down or away, and none was refused
    since; else the code is Azure's. No market is passed over for what another did.
    """
    for one in remembered:
        size, zone, spot = one.market
        what = f"{'SPOT' if spot else 'OD'} {size} in {f'zone {zone}' if zone else 'the region'}"
        if one.worked and one.market not in markets.up:
            yield Breach("I9", now, f"{what} is remembered to have room, and no VM was up there")
        if one.why and not markets.is_closed(one):
            told = f"{what} is passed over for {one.why}"
            yield Breach("I9", now, f"{told}, and Azure did nothing of the kind there")
