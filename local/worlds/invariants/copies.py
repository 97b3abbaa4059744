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
from local.worlds.invariants.picture import is_up, node_of
from local.worlds.invariants.promises import Promise

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
        return self.portrait.provisioning == "Succeeded" and ready


class Copies:
    """All copies that exist, and what each node last ran on."""

    def __init__(self) -> None:
        self.by_id: dict[str, Copy] = {}
        self.by_birth: dict[str, Copy] = {}
        self.heads: dict[str, dict[str, int]] = {}
        """Version that a node last ran on, by node and slot."""
        self.up: set[str] = set()
        """Ids of VMs that are up."""
        self._parents: dict[int, int] = {}

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

    def appear(self, portrait: Portrait) -> None:
        """Take a new disk or snapshot in, with what it was copied from."""
        copy = Copy(portrait)
        origin = self.by_birth.get(portrait.source)
        if origin:
            copy.version, copy.node, copy.slot = origin.version, origin.node, origin.slot
            if self.up.intersection(origin.portrait.owners):
                self.write(origin)
        self.by_id[portrait.id] = self.by_birth[portrait.born] = copy

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
    if not gone.good(now):
        return True  # it was no good copy: if it was the last, the breach came before
    return any(
        other.good(now) and copies.holds(other.version, gone.version)
        for other in copies.by_id.values()
    )


def _lost(gone: Copy, at: datetime) -> Breach:
    kind = "disk" if gone.portrait.type == DISK else "snapshot"
    what = f"{kind} {name_of(gone.portrait.id)} ({gone.slot}) of node {gone.node}"
    return Breach("I2", at, f"{what} was deleted, and no other good copy holds what it held")


def _vm_changed(
    copies: Copies, change: Change, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    after = change.after
    if after is None or after.power != "running":
        copies.up.discard(change.id)
        return
    if not is_up(after):
        return
    was_up = change.id in copies.up
    copies.up.add(change.id)
    known = set(change.before.disks) if was_up and change.before else set()
    if not was_up:
        yield from _missing(copies, after, change.at, promises)
    for slot, disk in after.disks:
        if (slot, disk) not in known and disk in copies.by_id:
            yield from _boot(copies, after, (slot, disk), (change.at, promises))


def _missing(
    copies: Copies, vm: Portrait, now: datetime, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    node = node_of(vm)
    promise = promises.get(node)
    slots = {slot for slot, _ in vm.disks}
    for slot in copies.heads.get(node, {}):
        if promise and promise.keeps(slot) and slot not in slots:
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
    head = copies.heads.get(node, {}).get(slot, EMPTY)
    promise = promises.get(node)
    if promise and promise.keeps(slot) and not copies.holds(copy.version, head):
        text = f"{name_of(vm.id)} of node {node} came up with {name_of(disk)} in slot {slot}"
        yield Breach("I2", now, f"{text}, which does not hold all that the VM before it left")
    copy.node, copy.slot, copy.booted = node, slot, True
    copies.write(copy)
