"""The picture: Azure as it stands, kept up by its changes."""

from collections import defaultdict
from typing import Final

from local.arm.chronicle import Change
from local.arm.portrait import NIC, VM, Portrait

NODE_TAG: Final = "mooring-node"
"""Tag by which everything that is made for a node says whose it is."""


class Picture:
    """Every resource that the chronicle tells of, and who uses what."""

    def __init__(self) -> None:
        self.portraits: dict[str, Portrait] = {}
        self.users: defaultdict[str, set[str]] = defaultdict(set)
        """VMs whose model lists a disk, by the disk's id."""
        self.live: defaultdict[str, set[str]] = defaultdict(set)
        """VMs that stand on a host, by node."""
        self.holders: defaultdict[str, set[str]] = defaultdict(set)
        """Birth marks of the NICs that ever had a private address, or (by its id) a public one."""
        self.made: set[str] = set()
        """Birth marks of the VMs of which Azure once said that they have succeeded."""

    def apply(self, change: Change) -> None:
        """Take a change in."""
        if change.after:
            self.portraits[change.id] = change.after
        else:
            self.portraits.pop(change.id, None)
        if change.after and change.after.type == NIC:
            for address in (*change.after.addresses, *change.after.public_ips):
                self.holders[address].add(change.after.born)
        if (change.after or change.before or _NOTHING).type == VM:
            self._apply_vm(change)

    def _apply_vm(self, change: Change) -> None:
        before, after = change.before or _NOTHING, change.after or _NOTHING
        if before.disks != after.disks:
            for _, disk in before.disks:
                self.users[disk].discard(change.id)
            for _, disk in after.disks:
                self.users[disk].add(change.id)
        if after.provisioning == "Succeeded":
            self.made.add(after.born)
        self.live[node_of(before)].discard(change.id)
        if after.allocated:
            self.live[node_of(after)].add(change.id)


_NOTHING: Final = Portrait(id="", type="", born="")


def node_of(portrait: Portrait) -> str:
    """Return the id of the node that a resource says it is of; empty: of none."""
    return portrait.tags.get(NODE_TAG, "")


def is_up(portrait: Portrait | None) -> bool:
    """Tell whether a VM has booted: it runs, and Azure calls what made or started it a success."""
    return bool(portrait and portrait.power == "running" and portrait.provisioning == "Succeeded")
