"""I8: Azure is not told what is so already."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import VM, Portrait
from local.worlds.invariants.breach import Breach, name_of

OVER = "Succeeded"
ACCEPTED = 200
REFUSED = 300


@dataclass
class Idle:
    """Updates of VMs that the product has asked for, and what the VMs were before."""

    whole: dict[str, Portrait] = field(default_factory=dict)
    """Each VM as it was when nothing was under way, by id."""
    told: dict[str, tuple[Asked, Portrait]] = field(default_factory=dict)
    """What was asked of a VM, and how it was."""
    sent: set[tuple[str, str]] = field(default_factory=set)
    """Updates sent before, by request id and VM: a repeat may find that all is done."""

    def asked(self, asked: Asked) -> None:
        """Hear of a write."""
        self.told.pop(asked.resource, None)  # another has begun: what came of the first is mixed
        if asked.method != "PATCH" or asked.caller != SERVICE:
            return
        was, mark = self.whole.get(asked.resource), (asked.request_id, asked.resource)
        if was and mark not in self.sent and ACCEPTED <= asked.status < REFUSED:
            self.told[asked.resource] = asked, was
        self.sent.add(mark)


def updates_change_something(idle: Idle, change: Change) -> Iterator[Breach]:
    """I8: an update of a VM that Azure accepts changes something.

    Else it costs a place in the bucket of that VM, and the time that whoever waits for the node
    waits. Nothing else was asked of the VM meanwhile, and the step has not asked for it before:
    one that is repeated may find that it has been done. Failed ones change nothing and are no
    judge's business.
    """
    after = change.after
    if after is None or after.type != VM:
        idle.whole.pop(change.id, None)
        idle.told.pop(change.id, None)
        return
    if after.provisioning != OVER:
        return
    asked, was = idle.told.pop(change.id, (None, None))
    idle.whole[change.id] = after
    if asked and was and _is_as(after, was):
        what = f"{name_of(change.id)} was told by {asked.request_id}"
        yield Breach("I8", change.at, f"{what} to be as it was: {asked.operation}")


def _is_as(after: Portrait, was: Portrait) -> bool:
    """Tell whether nothing of a VM differs but how it runs, which is not its update's doing."""
    runs = {"power": was.power, "allocated": was.allocated, "notice": was.notice}
    return replace(after, **runs, silent=was.silent, failure=was.failure) == was
