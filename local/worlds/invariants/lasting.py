"""I2 and I3 beforehand: nothing of a node goes with its VM, whoever deletes that."""

from collections.abc import Iterator

from local.arm.chronicle import Change
from local.arm.portrait import VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import node_of


def nothing_dies_with_a_vm(change: Change) -> Iterator[Breach]:
    """I2, I3: Azure deletes no disk and no NIC with a node's VM.

    Judged where a VM comes to be, or comes to be a node's, or gets another disk or NIC. What does
    not persist is deleted by the product, which knows what it deletes.
    """
    before, after = change.before, change.after
    if after is None or after.type != VM or not node_of(after):
        return
    had = before.dying if before and node_of(before) else ()
    for one in after.dying:
        if one not in had:
            kind = "I2" if "/disks/" in one else "I3"
            text = f"{name_of(one)} would go with {name_of(after.id)} of node {node_of(after)}"
            yield Breach(kind, change.at, text)
