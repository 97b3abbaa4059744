"""What becomes of a VM that was kept for a time, and so of what it holds.

A node gives up no VM of its own in this way; the one that it was imported from, it does.
"""

from typing import Final

from shared.contracts.base import Changed, Done, Refused
from shared.contracts.disk import Swept
from shared.names import parts_of

VM: Final = "microsoft.compute/virtualmachines"
NOT_OURS: Final = "NotOurs"
"""Code of a refusal by ourselves: the VM does not carry the node's tag."""


def vms_among(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ids of VMs."""
    return tuple(one for one in ids if parts_of(one)[1] == VM)


def is_somebodys(ended: Done | Refused | Changed) -> bool:
    """Tell whether a VM was not deleted because it runs, or because somebody took our tag off."""
    return isinstance(ended, Changed) or (isinstance(ended, Refused) and ended.code == NOT_OURS)


def with_vm(answer: Swept, vm_id: str, ended: Done | Refused | Changed) -> Swept:
    """Return what became of all, with a VM. One that is somebody's again is left to them."""
    if isinstance(ended, Done):
        return answer.model_copy(update={"gone": (*answer.gone, vm_id)})
    if is_somebodys(ended):
        return answer.model_copy(update={"left": (*answer.left, vm_id)})
    reason = answer.reason or f"{ended.code}: {ended.message}"
    return answer.model_copy(update={"refused": (*answer.refused, vm_id), "reason": reason})


def rest_of(due: tuple[str, ...], answer: Swept) -> tuple[str, ...]:
    """Return what is due and has not been dealt with."""
    over = (*answer.gone, *answer.left, *answer.refused)
    return tuple(one for one in due if one not in over)


def untouched(answer: Swept, rest: tuple[str, ...]) -> Swept:
    """Return what became of all where a VM could not go: what it may hold is kept with it."""
    return answer.model_copy(update={"refused": (*answer.refused, *rest)})


def not_left(answer: Swept, ended: Refused | Changed) -> Swept:
    """Return what became of all where what is somebody's may carry our tags still."""
    reason = answer.reason or f"{ended.code}: {ended.message}"
    refused = (*answer.refused, *answer.left)
    return answer.model_copy(update={"left": (), "refused": refused, "reason": reason})


def both(one: Swept, other: Swept) -> Swept:
    """Return what became of two lots."""
    return Swept(
        gone=(*one.gone, *other.gone),
        left=(*one.left, *other.left),
        refused=(*one.refused, *other.refused),
        reason=one.reason or other.reason,
    )
