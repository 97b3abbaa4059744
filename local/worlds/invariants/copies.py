"""I2: the last good copy of a persisted disk is never deleted, and never passed over."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from local.arm.chronicle import Change
from local.arm.portrait import DISK, SNAPSHOT, VM, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import is_up, node_of
from local.worlds.invariants.promises import Promise
from local.worlds.invariants.versions import EMPTY, Copies, Copy


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
    if _was_swapped_out(copies, gone, now):
        return True
    # What a VM writes whose import may still be given up is given up with it.
    wanted = copies.on_trial.get(gone.node, {}).get(gone.slot, gone.version)
    return any(
        other.good(now) and copies.holds(other.version, wanted) for other in copies.by_id.values()
    )


def _was_swapped_out(copies: Copies, gone: Copy, now: datetime) -> bool:
    """Tell whether it was copied from a disk that its owner has had replaced, and that may go."""
    given = copies.farewells.open.get((gone.node, gone.slot))
    if given is None or not given.farewell.instead or not given.may_go(now):
        return False
    return given.disk.born in copies.origins(gone.portrait.born)


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
        elif promise is None or slot in slots:
            continue
        elif promise.keeps(slot):
            text = f"{name_of(vm.id)} of node {node} came up without its disk in slot {slot}"
            yield Breach("I2", now, text)
        else:  # it did not persist: nobody is promised it later on
            del copies.heads[node][slot]


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
    other = given is not None and copies.is_replacement(copy, given)
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
