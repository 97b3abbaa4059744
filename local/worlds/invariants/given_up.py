"""I14, of single disks: what its owner gave up goes when its time is over, and not before.

A disk that is detached, or swapped out, is no longer its node's from the moment its owner asked; it
is deleted when he said, or it stays, and is his alone. Whether it came to that, Azure shows: the VM
lost the disk, or another one is up without it; if the same disk boots again, it did not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import Change
from local.arm.portrait import DISK, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import Farewell

EARLY: Final = timedelta(seconds=5)
"""By how much the product's clock may be behind when it reckons a time to come."""


@dataclass
class GivenUp:
    """A disk that its owner gave up."""

    node: str
    slot: str
    """Empty: no VM had it yet."""
    farewell: Farewell
    disk: Portrait
    parted: bool = False
    """It left its VM, or there was none."""
    free: bool = False
    """It is its owner's alone: without the node's tag."""
    recalled: bool = False
    """It is to be swapped in again: nobody can tell whose it is until a VM boots with it, or not.
    """
    earlier: "GivenUp | None" = None
    """It was given up before: that stands if this came to nothing."""

    def may_go(self, now: datetime) -> bool:
        """Tell whether it may be deleted by now."""
        until = self.farewell.until
        return until is not None and now >= until - EARLY


@dataclass
class Farewells:
    """All that was given up, by birth mark; and whose slots that left empty."""

    by_birth: dict[str, GivenUp] = field(default_factory=dict)
    open: dict[tuple[str, str], GivenUp] = field(default_factory=dict)
    """By node and slot: asked for, and no VM was up since that shows what came of it."""

    def add(self, given: GivenUp) -> None:
        """Hear that a disk is given up, perhaps for one that was given up before."""
        given.earlier = self.by_birth.get(given.disk.born)
        self.by_birth[given.disk.born] = given
        self._recall(given, recalled=True)
        if given.slot:
            self.open[given.node, given.slot] = given

    def drop(self, given: GivenUp) -> None:
        """Take it that a disk is the node's still, or again."""
        self.by_birth.pop(given.disk.born, None)
        self._recall(given, recalled=False)
        if self.open.get((given.node, given.slot)) is given:
            del self.open[given.node, given.slot]

    def undo(self, given: GivenUp) -> None:
        """Take it that nothing came of it: if the disk was given up before, that stands."""
        self.drop(given)
        earlier = given.earlier
        if earlier:
            self.by_birth[earlier.disk.born] = earlier
        if earlier and earlier.slot and not earlier.parted:
            self.open[earlier.node, earlier.slot] = earlier

    def part(self, given: GivenUp) -> None:
        """Take it that a disk has left its node."""
        given.parted = True
        if self.open.get((given.node, given.slot)) is given:
            del self.open[given.node, given.slot]

    def of(self, node: str, disk: str) -> GivenUp | None:
        """Return what is known of a disk that a node's owner gave up, by the disk's id."""
        found = (one for one in self.by_birth.values() if one.disk.id == disk)
        return next((one for one in found if one.node == node), None)

    def doubted(self, node: str) -> frozenset[str]:
        """Return the slots of which nobody can tell whether they are to be empty."""
        mine = (one for one in self.by_birth.values() if one.node == node)
        return frozenset(one.slot for one in mine if one.recalled)

    def _recall(self, given: GivenUp, *, recalled: bool) -> None:
        other = self.of(given.node, given.farewell.instead)
        if other:
            other.recalled = recalled


def farewells_are_kept(farewells: Farewells, change: Change) -> Iterator[Breach]:
    """I14: a disk that its owner gave up is not deleted before he said, or never if it is to stay.

    One that is to stay is his from when it has lost the node's tag on; until then it is the node's,
    and I2 has it. Once it is his, the node's tag does not come back but by a swap of his.
    """
    before, after = change.before, change.after
    given = farewells.by_birth.get(before.born) if before else None
    if before is None or given is None or before.type != DISK:
        return
    until = given.farewell.until
    is_gone = after is None or after.born != before.born
    if not is_gone:
        given.free = given.free or not node_of(after or before)
        return
    what = f"disk {name_of(change.id)}, which the owner of node {given.node} gave up,"
    if given.recalled:
        pass
    elif until is None and given.free:
        yield Breach("I14", change.at, f"{what} was to stay, and was deleted")
    elif until is not None and not given.may_go(change.at):
        yield Breach("I14", change.at, f"{what} was deleted before {until:%Y-%m-%d %H:%M:%S}")
    del farewells.by_birth[given.disk.born]


def farewells_are_over(farewells: Farewells, picture: Picture, now: datetime) -> Iterator[Breach]:
    """I14: once faults have stopped for the bound, what was to be deleted by now is deleted.

    And what was to stay, and has left its node, has lost the node's tag. A disk that a VM has is
    left to that VM; of one that may be the node's again, nobody can tell.
    """
    for given in farewells.by_birth.values():
        there = picture.portraits.get(given.disk.id)
        if there is None or there.born != given.disk.born:
            continue
        if not given.parted or given.recalled or there.owners:
            continue
        what = f"disk {name_of(there.id)}, which the owner of node {given.node} gave up,"
        until = given.farewell.until
        if until is not None and until <= now:
            yield Breach("I14", now, f"{what} was to be deleted by {until:%Y-%m-%d %H:%M:%S}")
        if until is None and node_of(there) == given.node:
            yield Breach("I14", now, f"{what} and wants kept, has the node's tag still")
