"""I1 and I4: one VM for each disk, one live VM for each node."""

from collections.abc import Iterator

from local.arm.chronicle import Change
from local.arm.portrait import DISK, VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of


def one_vm_per_disk(picture: Picture, change: Change) -> Iterator[Breach]:
    """I1: a disk is attached to at most one VM.

    Attached means that Azure says so, on either side: the disk names its owners, the VM's model
    lists the disk. A disk that its VM is letting go of counts only for the disk's side.
    """
    after = change.after
    if after is None:
        return
    if after.type == DISK and len(after.owners) > 1:
        yield _shared(change, change.id, after.owners)
    if after.type == VM and after.disks != (change.before.disks if change.before else ()):
        for _, disk in after.disks:
            if len(picture.users[disk]) > 1:
                yield _shared(change, disk, sorted(picture.users[disk]))


def _shared(change: Change, disk: str, vms: list[str] | tuple[str, ...]) -> Breach:
    names = " and ".join(name_of(vm) for vm in vms)
    return Breach("I1", change.at, f"disk {name_of(disk)} is attached to {names} at once")


def one_live_vm_per_node(picture: Picture, change: Change) -> Iterator[Breach]:
    """I4: at most one live VM for each node.

    Live means that it stands on a host and is billed: starting, running, or going down. Whose it
    is, its tag says.
    """
    after = change.after
    if after is None or after.type != VM or not after.allocated:
        return
    node = node_of(after)
    if not node or len(picture.live[node]) == 1:
        return
    if change.before is None or not change.before.allocated:
        names = " and ".join(name_of(vm) for vm in sorted(picture.live[node]))
        yield Breach("I4", change.at, f"node {node} has {names} alive at once")
