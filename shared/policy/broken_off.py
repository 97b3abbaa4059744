"""What an operation that broke off has left: told from its journal, claimed by the next one.

An exception takes a runbook's memory with it. Each write to Azure was in the journal before it was
made, so the names of all that may be there are known; what of it is there, the next operation sees
(activities/stock.py), and it makes it the node's before it does anything else:

- a VM that Azure calls provisioned, with its disks and interfaces: it may have run;
- a VM that is not: it is given up, and its disks are kept for a time;
- a disk that was to be swapped in: the node's OS disk if its VM has it, else its user's again;
- disks and snapshots that nobody uses: kept for a time, for they may hold something;
- interfaces and addresses: used again if the next launch has the same names for them, else deleted.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from shared.contracts.stock import Stock
from shared.model.run import Intent, LogEntry, NicRef, RunState
from shared.names import parts_of
from shared.policy.footing import next_generation
from shared.policy.landing import entry, of_nic, without
from shared.policy.retained import named_by
from shared.policy.strays import keeping, strays_told

MAKES: Final = ("create_", "snapshot_", "copy_", "swap_in_")
"""What actions are called that make something the node's."""
FRESH_DISKS: Final = "disks"
"""Detail of the intent to create a VM: the ARM ids of the disks that come with it."""
BROKEN_OFF: Final = "was made by an operation that broke off"


def made_by(intents: Iterable[Intent]) -> tuple[str, ...]:
    """Return the ARM ids of all that an operation set out to make, or to take for the node."""
    made: list[str] = []
    for one in intents:
        if one.action.startswith(MAKES):
            made += [one.target, *one.detail.get(FRESH_DISKS, "").split()]
    return tuple(dict.fromkeys(made))


def broken_off(run: RunState, intents: Iterable[Intent]) -> RunState:
    """Return the run state that names what an operation may have made besides what it names.

    A VM is named again even so: one of that name may be another by now.
    """
    known = {one.lower() for one in (*named_by(run), *run.leftovers)}
    known |= {one.id.lower() for one in run.retained}
    known -= {run.vm.id.lower()} if run.vm else set()
    new = [one for one in made_by(intents) if one.lower() not in known]
    return run.model_copy(update={"untold": tuple(dict.fromkeys((*run.untold, *new)))})


def taken_in(run: RunState, stock: Stock) -> RunState:
    """Return the run state with what was found; what may hold something is kept for a time."""
    had = [disk.id for disk in (run.os_disk, *run.data_disks) if disk]
    changes: dict[str, Any] = {"untold": (), "waiting": None}
    if stock.up is not None:
        primary = next((nic for nic in stock.up.nics if nic.is_primary), None)
        changes |= {
            "vm": stock.up.vm,
            "os_disk": stock.up.os_disk,
            "data_disks": stock.up.data_disks,
            "nics": stock.up.nics,
            "private_ip": primary.private_ip if primary else None,
            "public_ip": primary.public_ip if primary else None,
            "launched_digest": "",
        }
    elif stock.body is not None:
        changes |= {"vm": stock.body, "launched_digest": ""}
    else:
        changes["data_disks"] = (*run.data_disks, *stock.attached)
        changes["os_disk"] = stock.os_disk or run.os_disk
    if stock.up or stock.body or stock.strays:
        changes["generation"] = next_generation(run)
    after = run.model_copy(update=changes)
    left = (*run.leftovers, *stock.leftovers, *_ids(run.nics))
    after = after.model_copy(update={"leftovers": without(left, _ids(after.nics))})
    own = (after.os_disk, *after.data_disks)
    strays = without((*stock.strays, *had), [disk.id for disk in own if disk])
    return keeping(after, strays, stock.at)


def _ids(nics: Iterable[NicRef]) -> list[str]:
    return [one for nic in nics for one in of_nic(nic)]


def stock_told(before: RunState, after: RunState, now: datetime) -> tuple[LogEntry, ...]:
    """Return what the node's owner reads of it."""
    lines: list[LogEntry] = []
    if after.vm and after.vm != before.vm:
        lines.append(entry(now, f"{after.vm.name} {BROKEN_OFF}; it is the node's", "WARN"))
    known = {one.id for one in before.retained}
    strays = [one.id for one in after.retained if one.id not in known]
    left = without(after.leftovers, before.leftovers)
    if left:
        names = ", ".join(parts_of(one)[2] for one in left)
        lines.append(entry(now, f"{names}: {BROKEN_OFF}; what no VM uses is cleared away"))
    return (*lines, *strays_told(strays, now, BROKEN_OFF))
