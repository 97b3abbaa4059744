"""I15: a VM is replaced for its health only if it is unwell, for as long as its owner said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.promises import Promise
from local.worlds.invariants.rest import STEP

ASKED_FOR: Final = timedelta(hours=2)
"""A recycle that its owner asked for may begin so late: the host may have been down."""
EARLY: Final = timedelta(seconds=5)


@dataclass
class Wellness:
    """Which VMs are not well, and what owners asked for."""

    unwell: dict[str, datetime] = field(default_factory=dict)
    """Since when a VM's agent has been silent, by the VM's birth mark."""
    recycles: dict[str, datetime] = field(default_factory=dict)
    """When a node's owner last asked for a recycle."""
    begun: set[str] = field(default_factory=set)
    """Operations that were judged."""

    def change(self, change: Change) -> None:
        """Follow a VM's agent."""
        after = change.after
        if after is None or after.type != VM:
            return
        if after.silent and after.allocated:
            self.unwell.setdefault(after.born, change.at)
        elif after.power == "running":
            self.unwell.pop(after.born, None)


def what_is_well_is_left_alone(
    wellness: Wellness, asked: Asked, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    """I15: a recycle that nobody asked for ends a VM only for its health.

    Neither the owner, of late, nor the node's schedule asked for it; then the document must ask for
    healing, and the VM's agent must have been silent for the document's unhealthy duration. Nodes
    that are not in `promises` do not count.
    """
    step = STEP.match(asked.request_id)
    if asked.caller != SERVICE or step is None or step[2] != "recycle":
        return
    operation = asked.request_id.split("/")[1]
    of_vm = asked.operation.lower().startswith(VM) and asked.method in ("POST", "DELETE")
    if not of_vm or operation in wellness.begun or not 200 <= asked.status < 300:  # noqa: PLR2004 - HTTP
        return
    wellness.begun.add(operation)
    promise, wished = promises.get(step[1]), wellness.recycles.get(step[1])
    if promise is None or promise.recycles or (wished and asked.at - wished < ASKED_FOR):
        return
    since = wellness.unwell.get(asked.was)
    heals_after = promise.heals_after
    if heals_after is None or since is None or asked.at < since + heals_after - EARLY:
        what = f"{name_of(asked.resource)} of node {step[1]} is recycled though nobody asked for it"
        told = f"unwell since {since:%H:%M:%S}" if since else "not unwell"
        yield Breach("I15", asked.at, f"{what}, and {told}")
