"""I2: the last good copy of a persisted disk is never deleted, and never passed over.

What a disk holds has versions. A new version begins when a VM boots with the disk, and when a
disk in use is copied (what is written from then on the copy has not). Versions form a tree: two
copies of one version that both boot go separate ways.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from local.arm.chronicle import Change
from local.arm.portrait import DISK, SNAPSHOT, VM, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.given_up import Farewells, GivenUp
from local.worlds.invariants.picture import is_up, node_of
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
        self.farewells.drop(given)

    def replace(self, given: GivenUp) -> None:
        """Take it that a node runs on another disk in a slot; call it after that disk's boot."""
        self.farewells.part(given)
        self._left[given.node, given.slot] = len(self._parents)

    def is_replacement(self, copy: Copy, given: GivenUp) -> bool:
        """Tell whether a disk is what its owner had swapped in, or was copied from that."""
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


def last_good_copy_is_kept(
    copies: Copies, change: Change, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    """I2: the last good copy of a persisted disk is never deleted.

    A good copy of what a node's VM has written is the disk itself, a completed snapshot of it, or
    a disk made from one that has booted. When one of them goes, another must hold all that it
    held. And when the node's next VM boots, its disk must hold all that the last one left: a good
    copy that is passed over is lost to the user as surely as a deleted one. Nodes that are not in
    `promises` (deleted by their user, or unknown) and disks that are not persisted do not count.
    """
    portrait = change.after or change.before
    if portrait is None:
        return
    if portrait.type == VM:
        yield from _vm_changed(copies, change, promises)
    elif portrait.type in (DISK, SNAPSHOT):
        yield from _copy_changed(copies, change, promises)


def _copy_changed(
    copies: Copies, change: Change, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    before, after = change.before, change.after
    if before and (after is None or after.born != before.born):
        gone = copies.vanish(before)
        if not _is_safe(copies, gone, change.at, promises):
            yield _lost(gone, change.at)
        before = None
    if after and before is None:
        copies.appear(after)
    elif after:
        copies.by_id[after.id].portrait = after


def _is_safe(copies: Copies, gone: Copy, now: datetime, promises: Mapping[str, Promise]) -> bool:
    promise = promises.get(gone.node)
    if gone.version == EMPTY or promise is None or not promise.keeps(gone.slot):
        return True
    if not gone.booted and not node_of(gone.portrait):
        return True  # somebody's own copy, that never was the node's
    if not gone.good(now):  # if it was the last, the breach came before
        return True
    given = copies.farewells.by_birth.get(gone.portrait.born)
    if (given and given.farewell.until) or copies.is_left(gone):
        return True
    # What a VM writes whose import may still be given up is given up with it.
    wanted = copies.on_trial.get(gone.node, {}).get(gone.slot, gone.version)
    return any(
        other.good(now) and copies.holds(other.version, wanted) for other in copies.by_id.values()
    )


def _lost(gone: Copy, at: datetime) -> Breach:
    kind = "disk" if gone.portrait.type == DISK else "snapshot"
    what = f"{kind} {name_of(gone.portrait.id)} ({gone.slot}) of node {gone.node}"
    return Breach("I2", at, f"{what} was deleted, and no other good copy holds what it held")


def _vm_changed(
    copies: Copies, change: Change, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    after = change.after
    was_up = change.id in copies.up
    yield from _lets_go(copies, change, promises, was_up=was_up)
    if after is None or after.power != "running":
        copies.up.discard(change.id)
        copies.known.pop(change.id, None)
        return
    if not is_up(after):
        return
    copies.up.add(change.id)
    known, copies.known[change.id] = copies.known.get(change.id, set()), set(after.disks)
    if not was_up:
        yield from _missing(copies, after, change.at, promises)
    for slot, disk in after.disks:
        if (slot, disk) not in known and disk in copies.by_id:
            yield from _boot(copies, after, (slot, disk), (change.at, promises))


def _lets_go(
    copies: Copies, change: Change, promises: Mapping[str, Promise], *, was_up: bool
) -> Iterator[Breach]:
    """Note that a VM has let go of a disk; one that runs does so only if its owner says so."""
    before, after = change.before, change.after
    if before is None or after is None or before.born != after.born:
        return
    node = node_of(after)
    promise = promises.get(node)
    for slot, disk in set(before.disks) - set(after.disks):
        given = copies.farewells.open.get((node, slot))
        if given and given.disk.id == disk and not given.farewell.instead:
            copies.leave(given)
        elif was_up and after.power == "running" and promise and promise.keeps(slot):
            text = f"{name_of(after.id)} of node {node} lost {name_of(disk)} in slot {slot}"
            yield Breach("I2", change.at, f"{text} while it ran, which nobody asked for")


def _missing(
    copies: Copies, vm: Portrait, now: datetime, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    node = node_of(vm)
    promise = promises.get(node)
    slots = {slot for slot, _ in vm.disks}
    for slot in [*copies.heads.get(node, {})]:
        given = copies.farewells.open.get((node, slot))
        if given and slot not in slots:
            copies.leave(given)
        elif promise and promise.keeps(slot) and slot not in slots:
            text = f"{name_of(vm.id)} of node {node} came up without its disk in slot {slot}"
            yield Breach("I2", now, text)


def _boot(
    copies: Copies,
    vm: Portrait,
    entry: tuple[str, str],
    judged: tuple[datetime, Mapping[str, Promise]],
) -> Iterator[Breach]:
    (slot, disk), (now, promises) = entry, judged
    copy, node = copies.by_id[disk], node_of(vm)
    heads = copies.on_trial.get(node) or copies.heads.get(node, {})
    head = heads.get(slot, EMPTY)
    given = copies.farewells.open.get((node, slot))
    other = given is not None and _is_other(copies, copy, given)
    promise = promises.get(node)
    if promise and promise.keeps(slot) and not (other or copies.holds(copy.version, head)):
        text = f"{name_of(vm.id)} of node {node} came up with {name_of(disk)} in slot {slot}, which"
        yield Breach("I2", now, f"{text} does not hold all that the VM before it left")
    copy.node, copy.slot, copy.booted = node, slot, True
    copies.write(copy)
    if given and other:
        copies.replace(given)
    elif given and given.farewell.instead:
        copies.farewells.drop(given)  # the swap came to nothing: the node runs on what it had
    again = copies.farewells.by_birth.get(copy.portrait.born)
    if again and again is not given:
        copies.farewells.drop(again)  # swapped in again


def _is_other(copies: Copies, copy: Copy, given: GivenUp) -> bool:
    """Tell whether a disk is in the place of one that was given up, as its owner wants it."""
    if given.farewell.instead:
        return copies.is_replacement(copy, given)
    return copy.portrait.born != given.disk.born
