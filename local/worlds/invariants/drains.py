"""I16: who is served by a VM has time to leave before the VM is shut down."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import NIC, VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, is_up
from local.worlds.invariants.rest import STEP

ENDS: Final = frozenset({"pause", "recycle", "delete", "import_vm"})
"""Operations that shut down a VM which runs well: there is time to do it gently."""
EARLY: Final = timedelta(seconds=1)


@dataclass
class Drains:
    """When VMs left their backend pools, and how long each node is to be given after that."""

    least: dict[str, timedelta] = field(default_factory=dict)
    """By node: the shortest time that a document of it ever asked for."""
    source: dict[str, timedelta] = field(default_factory=dict)
    """By node: how long the VM that it is made of is to be given."""
    left: dict[str, datetime] = field(default_factory=dict)
    """When a NIC left its last pool."""
    up: dict[str, datetime] = field(default_factory=dict)
    """Since when a VM is up, by its birth mark."""
    tried: set[str] = field(default_factory=set)
    """Operations that asked Azure for a change of a NIC."""
    judged: set[tuple[str, str]] = field(default_factory=set)
    """Operations and VMs: what follows the first end is a repeat."""

    def asks(self, node_id: str, drains: timedelta) -> None:
        """Hear how long a document has open connections wait."""
        self.least[node_id] = min(drains, self.least.get(node_id, drains))

    def change(self, change: Change) -> None:
        """Follow who is in a pool, and which VMs are up."""
        before, after = change.before, change.after
        if after is None:
            self.left.pop(change.id, None)
        elif after.type == NIC and before and before.pools and not after.pools:
            self.left[change.id] = change.at
        elif after.type == NIC and after.pools:
            self.left.pop(change.id, None)
        elif after.type == VM and is_up(after) and not is_up(before):
            self.up[after.born] = change.at


def vms_are_drained(drains: Drains, picture: Picture, asked: Asked) -> Iterator[Breach]:
    """I16: a VM that is up leaves its backend pools, then has its draining time, then is ended.

    Of what the product ends for the node's owner, where the VM was up when it left. One that Azure
    evicts has no such time. Leaving must have been tried, for Azure may refuse it; not
    where no time is wanted at all.
    """
    step, vm = STEP.match(asked.request_id), picture.portraits.get(asked.resource)
    if step is None or asked.caller != SERVICE:
        return
    node, kind, operation = step[1], step[2], asked.request_id.split("/")[1]
    if asked.operation.lower().startswith(NIC):
        drains.tried.add(operation)
    if vm is None or not ends_vm(asked, kind) or not is_up(vm) or vm.notice:
        return
    wanted = (drains.source if kind == "import_vm" else drains.least).get(node)
    if (operation, vm.born) in drains.judged or wanted is None:
        return
    drains.judged.add((operation, vm.born))
    for nic in vm.nics:
        known, left = picture.portraits.get(nic), drains.left.get(nic)
        had = asked.at - left if left and drains.up.get(vm.born, asked.at) <= left else None
        if known and known.pools and wanted and operation not in drains.tried:
            told = f"while {name_of(nic)} was in its backend pools"
        elif had is not None and had < wanted - EARLY:
            told = f"{had.total_seconds():.1f} s after {name_of(nic)} had left its backend pools"
        else:
            continue
        yield Breach("I16", asked.at, f"{name_of(vm.id)} of node {node} was shut down {told}")


def ends_vm(asked: Asked, kind: str) -> bool:
    """Tell whether the product ends a VM for its node's owner; what is moved may end at once."""
    operation = asked.operation.lower()
    verbs = ("/delete",) if kind == "delete" else ("/delete", "/deallocate/action")
    accepted = 200 <= asked.status < 300  # noqa: PLR2004 - HTTP
    return kind in ENDS and accepted and operation.startswith(VM) and operation.endswith(verbs)
