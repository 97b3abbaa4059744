"""I9, at the moment at which an operation is written down as over: what is shown as up is up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from local.arm.chronicle import Change
from local.arm.portrait import VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture
from local.worlds.invariants.promises import NodeView

COMING = "starting"


@dataclass
class Arrivals:
    """Which VMs Azure starts, and when each of them ran last."""

    coming: set[str] = field(default_factory=set)
    """VMs that are being started now, by id."""
    ran: dict[str, datetime] = field(default_factory=dict)
    """Until when a VM of that id ran."""

    def change(self, change: Change) -> None:
        """Follow the VMs."""
        before, after = change.before, change.after
        if before and before.type == VM and before.power == "running":
            self.ran[change.id] = change.at
        is_coming = after is not None and after.type == VM and after.power == COMING
        (self.coming.add if is_coming else self.coming.discard)(change.id)


def what_is_up_has_come_up(
    arrivals: Arrivals, picture: Picture, nodes: Mapping[str, NodeView], now: datetime
) -> Iterator[Breach]:
    """I9: no operation ends with a node shown as ACTIVE on a VM that Azure is only starting.

    It may fail yet, and nobody waits for it any more. One that has run since the operation set it
    going, and went down, and is started by somebody else, was up when it was looked at.
    """
    for view in nodes.values():
        if view.status != "ACTIVE" or view.operation or view.told is None:
            continue
        told, vm = view.told, picture.portraits.get(view.told.vm)
        if vm is None or vm.id not in arrivals.coming or vm.born != told.born or not told.since:
            continue
        last = arrivals.ran.get(vm.id)
        if last is None or last < told.since:
            what = f"{name_of(vm.id)} of node {view.id} is shown as up"
            yield Breach("I9", now, f"{what}, and Azure is still starting it")
