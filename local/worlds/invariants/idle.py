"""I8: Azure is not told what is so already: updates of VMs, and network interfaces."""

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
    """Writes sent before, by request id and resource: a repeat may find that all is done."""


def nics_are_written_for_something(idle: Idle, asked: Asked) -> Iterator[Breach]:
    """I8: a network interface that is whole, and as it is asked for, is not written again.

    Likewise of updates of VMs, which `updates_change_something` judges when they are over.
    """
    idle.told.pop(asked.resource, None)  # another has begun: what came of the first is mixed
    if asked.method not in ("PUT", "PATCH") or asked.caller != SERVICE:
        return
    was, mark = idle.whole.get(asked.resource), (asked.request_id, asked.resource)
    is_first, is_taken = mark not in idle.sent, ACCEPTED <= asked.status < REFUSED
    idle.sent.add(mark)
    if was and asked.method == "PATCH" and is_first and is_taken:
        idle.told[asked.resource] = asked, was
    if asked.idle and is_first and is_taken:
        what = f"{name_of(asked.resource)} was written by {asked.request_id}"
        yield Breach("I8", asked.at, f"{what}, and was so already")


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
    same = replace(after, power=was.power, allocated=was.allocated, notice=was.notice)
    return replace(same, silent=was.silent, failure=was.failure) == was
