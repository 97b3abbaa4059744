"""How long Azure takes for a write, and which writes cannot be taken back."""

from typing import Final

COMPUTE: Final = "microsoft.compute"
NETWORK: Final = "microsoft.network"
VM: Final = f"{COMPUTE}/virtualmachines"
EXTENSION: Final = f"{VM}/extensions"
DISK: Final = f"{COMPUTE}/disks"
SNAPSHOT: Final = f"{COMPUTE}/snapshots"
NIC: Final = f"{NETWORK}/networkinterfaces"
PUBLIC_IP: Final = f"{NETWORK}/publicipaddresses"

CREATE: Final = "create"
UPDATE: Final = "update"
DELETE: Final = "delete"

_SECONDS: Final = {
    (VM, "attach"): 16.0,
    (VM, CREATE): 46.0,
    (VM, UPDATE): 4.5,
    (VM, DELETE): 0.5,
    (VM, "delete running"): 42.5,
    (VM, "start"): 22.0,
    (VM, "deallocate"): 30.0,
    (VM, "poweroff"): 8.0,
    (VM, "attachdetachdatadisks"): 10.0,
    (EXTENSION, CREATE): 30.0,
    (DISK, CREATE): 0.7,
    (DISK, DELETE): 0.2,
    (SNAPSHOT, CREATE): 0.6,
    (SNAPSHOT, DELETE): 0.2,
}
"""Medians of recorded operations, in seconds; a VM's create is told apart by where its OS disk
comes from. Source: recorded exchanges of Azure's own SDKs and command line, 2017 to 2026."""
_ELSE_S: Final = 2.0


def expected_s(kind: str, action: str) -> float:
    """Return how long Azure is expected to take for a write."""
    return _SECONDS.get((kind, action), _ELSE_S)


_LOST: Final = {
    VM: "its temporary disk, its vmId and its system-assigned identity",
    DISK: "the data on it",
    SNAPSHOT: "the copy of the disk as it was then",
    NIC: "its private address, unless that is a fixed one that nobody else takes",
    PUBLIC_IP: "its address",
}


def loss_of(kind: str, action: str) -> str:
    """Return what a write takes away for good; empty: it can be done again, or undone."""
    if action == DELETE:
        return _LOST.get(kind, "")
    return "its temporary disk" if (kind, action) == (VM, "deallocate") else ""
