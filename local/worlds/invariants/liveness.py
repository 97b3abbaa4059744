"""L: once the trouble is over, every node comes back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from local.arm.portrait import VM, Portrait
from local.worlds.invariants.breach import Breach
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import NodeView


@dataclass(frozen=True)
class Exempt:
    """Nodes of which less is asked."""

    at_rest: frozenset[str] = frozenset()
    """Their user put them to rest, or somebody stopped their VM by hand."""
    without_room: frozenset[str] = frozenset()
    """No market that their document allows has any room."""


def nodes_are_back(
    picture: Picture,
    nodes: Mapping[str, NodeView],
    now: datetime,
    exempt: Exempt,
) -> Iterator[Breach]:
    """L: faults have stopped for the stated bound, so each node that has room is ACTIVE.

    ACTIVE means that its status says so and that Azure has one VM with its tag, which runs (even if
    Azure calls its latest operation failed: a person's start that went wrong takes nothing down). A
    node without room may wait instead, if its status says why and names a moment to come at which
    it will try again. Nodes at rest are not asked.
    """
    for view in nodes.values():
        if view.id in exempt.at_rest:
            continue
        up = [one for one in picture.portraits.values() if _runs(one, view.id)]
        if view.status == "ACTIVE" and len(up) == 1:
            continue
        if view.id in exempt.without_room and _waits(view, now):
            continue
        state = f"is {view.status} with {len(up)} VMs up"
        why = f": {view.reason}" if view.reason else ""
        yield Breach("L", now, f"node {view.id} {state}{why}")


def _runs(one: Portrait, node_id: str) -> bool:
    return one.type == VM and node_of(one) == node_id and one.power == "running"


def nodes_at_rest_say_so(
    nodes: Mapping[str, NodeView], now: datetime, resting: frozenset[str]
) -> Iterator[Breach]:
    """L: a node whose VM somebody stopped who may is shown as STOPPED."""
    for view in nodes.values():
        if view.id in resting and view.status == "ACTIVE":
            yield Breach("L", now, f"node {view.id} was stopped by hand and is shown as ACTIVE")


def _waits(view: NodeView, now: datetime) -> bool:
    return bool(view.reason and view.waiting_until and view.waiting_until >= now)
