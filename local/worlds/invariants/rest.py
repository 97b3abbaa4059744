"""I11: what its owner put to rest stays at rest."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from local.arm.chronicle import SERVICE, Asked
from local.arm.portrait import VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import NodeView, Wish

STEP: Final = re.compile(r"mooring/(ssn-[0-9a-f]+)-(\w+)-")
"""Node and kind of the operation that a write's request id names."""
OWNERS: Final = frozenset({"pause", "resume", "recycle", "stop", "start"})
"""Operations that only the node's owner sets going."""
VM_WRITE: Final = "microsoft.compute/virtualmachines/write"
VM_START: Final = "microsoft.compute/virtualmachines/start/action"


@dataclass
class Rest:
    """Nodes that a person has brought up again in Azure, and when."""

    started: dict[str, datetime] = field(default_factory=dict)

    def holds(self, node: str, wish: Wish | None, now: datetime) -> bool:
        """Tell whether a node is to be down: its owner said so, and nobody started it since."""
        if wish is None or wish.kind != "down" or not wish.holds(now):
            return False
        started = self.started.get(node)
        return started is None or started < wish.at


def by_owner(asked: Asked) -> bool:
    """Tell whether a write belongs to an operation that the node's owner asked for."""
    found = STEP.match(asked.request_id)
    return bool(found and found[2] in OWNERS)


def brings_up(asked: Asked) -> bool:
    """Tell whether a write creates or starts a VM."""
    operation = asked.operation.lower()
    return operation == VM_START or (operation == VM_WRITE and asked.method == "PUT")


def rest_is_kept(
    rest: Rest, asked: Asked, node: str, wishes: Mapping[str, Wish]
) -> Iterator[Breach]:
    """I11: a node that its owner put to rest gets no VM, and its VM is not started.

    Until the owner asks otherwise, or a person starts the VM in Azure. Creating and starting are
    looked at when Azure accepts them; whatever notices say meanwhile does not matter.
    """
    if not 200 <= asked.status < 300:  # noqa: PLR2004 - HTTP
        return
    if not brings_up(asked):
        return
    if asked.caller != SERVICE:
        rest.started[node] = asked.at
        return
    found = STEP.match(asked.request_id)
    of_node = found[1] if found else node
    wish = wishes.get(of_node)
    if wish and wish.at < asked.at and rest.holds(of_node, wish, asked.at):
        text = f"{name_of(asked.resource)} of node {of_node}, which its owner put to rest"
        yield Breach("I11", asked.at, f"{text}, was brought up: {asked.operation}")


def nodes_rest(
    rest: Rest,
    picture: Picture,
    nodes: Mapping[str, NodeView],
    told: tuple[datetime, Mapping[str, Wish]],
) -> Iterator[Breach]:
    """L: a node that its owner put to rest rests, once faults have stopped for long enough.

    PAUSED without a VM, or STOPPED with one at most, which stands on no host.
    """
    now, wishes = told
    for view in nodes.values():
        if not rest.holds(view.id, wishes.get(view.id), now):
            continue
        mine = [
            one
            for one in picture.portraits.values()
            if one.type == VM and node_of(one) == view.id and one.id not in view.retained
        ]
        up = [one for one in mine if one.allocated]
        least = {"PAUSED": not mine, "STOPPED": not up}
        if not least.get(view.status, False):
            state = f"is {view.status} with {len(mine)} VMs, {len(up)} of them on a host"
            why = f": {view.reason}" if view.reason else ""
            yield Breach("L", now, f"node {view.id}, put to rest by its owner, {state}{why}")
