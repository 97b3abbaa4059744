"""What a node's disks hold, in versions, and which copies of it there are.

A new version begins when a VM boots with a disk, and when a disk in use is copied (what is written
from then on the copy has not). Versions form a tree: two copies of one version that both boot go
separate ways.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from local.arm.portrait import DISK, Portrait
from local.worlds.invariants.given_up import Farewells, GivenUp
from local.worlds.invariants.promises import Farewell, Promise

EMPTY: Final = 0
"""Version of what no VM has booted with: nothing would be lost with it."""


@dataclass
class Copy:
    """A disk or a snapshot, as something that holds data."""

    portrait: Portrait
    version: int = EMPTY
    node: str = ""
    slot: str = ""
    """Of the VM that used it, or that used what it was copied from."""
    booted: bool = False

    def good(self, now: datetime) -> bool:
        """Tell whether the data is there for sure: a whole snapshot, or a disk that booted."""
        if self.portrait.type == DISK:
            return self.booted
        whole_from = self.portrait.whole_from
        ready = not whole_from or datetime.fromisoformat(whole_from) <= now
        return ready and self.portrait.provisioning == "Succeeded"


class Copies:
    """All copies that exist, and what each node last ran on."""

    def __init__(self) -> None:
        self.by_id: dict[str, Copy] = {}
        self.by_birth: dict[str, Copy] = {}
        self.heads: dict[str, dict[str, int]] = {}
        """Version that a node last ran on, by node and slot."""
        self.on_trial: dict[str, dict[str, int]] = {}
        """What an imported VM left, of nodes whose own VM has not taken its place for good."""
        self.up: set[str] = set()
        """Ids of VMs that are up, and below the disks by slot that each has been up with."""
        self.known: dict[str, set[tuple[str, str]]] = {}
        self.farewells = Farewells()
        self._parents: dict[int, int] = {}
        self._sources: dict[str, str] = {}
        """What each disk and snapshot was copied from, by birth mark; even of what is gone."""
        self._left: dict[tuple[str, str], int] = {}
        """By node and slot: the newest version when its disk was given up, or replaced."""

    def holds(self, version: int, wanted: int) -> bool:
        """Tell whether a version grew out of the wanted one, or is that one."""
        while version > wanted:
            version = self._parents[version]
        return version == wanted

    def write(self, copy: Copy) -> None:
        """Note that from now on something is written to a disk that no copy has yet."""
        version = len(self._parents) + 1
        self._parents[version] = copy.version
        copy.version = version
        self.heads.setdefault(copy.node, {})[copy.slot] = version

    def inherit(self, node: str, vm: Portrait, promise: Promise) -> None:
        """Take it that a node is made of a VM: on its disks, as far as promised, the node ran."""
        for slot, disk in ((slot, one) for slot, one in vm.disks if promise.keeps(slot)):
            copy = self.by_id[disk]
            copy.node, copy.slot = node, slot
            self.heads.setdefault(node, {})[slot] = copy.version
            self.on_trial.setdefault(node, {})[slot] = copy.version

    def prove(self, node: str) -> None:
        """Take it that a node's own VM is what its user works with: the import is no trial more."""
        self.on_trial.pop(node, None)

    def appear(self, portrait: Portrait) -> None:
        """Take a new disk or snapshot in, with what it was copied from."""
        copy = Copy(portrait)
        self._sources[portrait.born] = portrait.source
        origin = self.by_birth.get(portrait.source)
        if origin:
            copy.version, copy.node, copy.slot = origin.version, origin.node, origin.slot
            if self.up.intersection(origin.portrait.owners):
                self.write(origin)
        self.by_id[portrait.id] = self.by_birth[portrait.born] = copy

    def give_up(self, node: str, farewell: Farewell, *, has_vm: bool) -> None:
        """Hear that a disk leaves its node, or is replaced: nothing else of the node's is."""
        copy = self.by_id.get(farewell.disk)
        if copy is None:
            return
        given = GivenUp(node, copy.slot if copy.node == node else "", farewell, copy.portrait)
        self.farewells.add(given)
        if not has_vm and not farewell.instead:
            self.leave(given)

    def leave(self, given: GivenUp) -> None:
        """Take it that a slot of a node is empty now, and is to be: what was in it is no head."""
        self.replace(given)
        self.heads.get(given.node, {}).pop(given.slot, None)

    def take_back(self, given: GivenUp) -> None:
        """Take it that a disk was not given up: the API refused."""
        copy = self.by_birth.get(given.disk.born)
        if given.parted and copy and given.slot:
            del self._left[given.node, given.slot]
            self.heads.setdefault(given.node, {})[given.slot] = copy.version
        self.farewells.undo(given)

    def replace(self, given: GivenUp) -> None:
        """Take it that a node runs on another disk in a slot; call it after that disk's boot."""
        self.farewells.part(given)
        self._left[given.node, given.slot] = len(self._parents)

    def is_replacement(self, copy: Copy, given: GivenUp) -> bool:
        """Tell whether a disk is in the place of one that was given up, as its owner wants it.

        Any other than that, or if another was to be swapped in: that one, or a copy of it.
        """
        if not given.farewell.instead:
            return copy.portrait.born != given.disk.born
        new = self.by_id.get(given.farewell.instead)
        return new is not None and new.portrait.born in self.origins(copy.portrait.born)

    def origins(self, born: str) -> Iterator[str]:
        """Yield the birth mark of a disk or snapshot, then those of what it was copied from."""
        while born:
            yield born
            born = self._sources.get(born, "")

    def left_empty(self, node: str) -> frozenset[str]:
        """Return the slots of a node that are to be empty: nothing is booted with in them since."""
        has = self.heads.get(node, {})
        return frozenset(slot for of, slot in self._left if of == node and slot not in has)

    def is_left(self, copy: Copy) -> bool:
        """Tell whether a copy holds only what its owner has given up: no head grew out of it."""
        head = self.heads.get(copy.node, {}).get(copy.slot, EMPTY)
        left = self._left.get((copy.node, copy.slot), -1)
        return copy.version <= left and not self.holds(head, copy.version)

    def vanish(self, portrait: Portrait) -> Copy:
        """Take one out."""
        del self.by_id[portrait.id]
        return self.by_birth.pop(portrait.born)
