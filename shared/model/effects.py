"""What a change of each field does to a node that runs, and when.

Data, not prose: the docs' table is made of it, and the API's warnings are. The row with the longest
fitting path holds for a field.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from shared.model.node import NodeDocument
from shared.model.paths import ELEMENT, leaf_paths


class When(StrEnum):
    """When an accepted change shows."""

    FIXED = "fixed"
    """Never: the value given at creation holds for the node's life."""
    LIVE = "live"
    """The next time it is looked at: by a decision, a tick, the end of a VM."""
    NEXT_LAUNCH = "next launch"
    """With the next VM; a recycle brings it about now."""
    NEXT_DISK = "next new disk"
    """With the next disk that is made; a disk that persists stays what it is."""


class Lock(StrEnum):
    """The switch that locks a field as long as it is on."""

    OS_DISK = "persistence.shouldPersistOsDisk"
    NETWORK = "persistence.shouldPersistNetwork"


@dataclass(frozen=True)
class Effect:
    """One row."""

    when: When
    locked_by: Lock | None = None
    returned: bool = True
    """False: written only, no answer ever shows it."""
    editable_while_paused: bool = True


_LS: Final = "compute.launchSpecification"
_FIXED: Final = Effect(When.FIXED)
_LIVE: Final = Effect(When.LIVE)
_NEXT: Final = Effect(When.NEXT_LAUNCH)
_ON_DISK: Final = Effect(When.NEXT_DISK, Lock.OS_DISK)
_NETWORK: Final = Effect(When.NEXT_LAUNCH, Lock.NETWORK)
_SWITCH: Final = Effect(When.LIVE, editable_while_paused=False)

EFFECTS: Final[Mapping[str, Effect]] = {
    "": _LIVE,
    "region": _FIXED,
    "resourceGroupName": _FIXED,
    "compute.os": _FIXED,
    "compute": _NEXT,
    "persistence": _SWITCH,
    "integrations": _NEXT,
    f"{_LS}.image": _ON_DISK,
    f"{_LS}.login": _ON_DISK,
    f"{_LS}.login.password": Effect(When.NEXT_DISK, Lock.OS_DISK, returned=False),
    f"{_LS}.customData": _ON_DISK,
    f"{_LS}.shutdownScript": Effect(When.LIVE, Lock.OS_DISK, returned=False),
    f"{_LS}.secrets": Effect(When.NEXT_DISK),
    f"{_LS}.network": _NETWORK,
    f"{_LS}.extensions[].protectedSettings": Effect(When.NEXT_LAUNCH, returned=False),
    f"{_LS}.security.securityType": Effect(When.NEXT_DISK),
    f"{_LS}.security.confidentialOsDiskEncryption": Effect(When.NEXT_DISK),
}

READ_ONLY: Final = NodeDocument.read_only
"""Told, and ignored when a client sends them back."""

_TOLERATION: Final = "strategy.interruptionToleration"
_RESTLESS: Final = "a node goes where its markets let it, however often it was interrupted"
_BACK: Final = "a node on on-demand goes back to Spot with its next launch, not before"
ACCEPTED_NO_EFFECT: Final[Mapping[str, str]] = {
    "strategy.revertToSpot.performAt": _BACK,
    "strategy.optimizationWindows": _BACK,
    f"{_TOLERATION}.isEnabled": _RESTLESS,
    f"{_TOLERATION}.threshold": _RESTLESS,
    f"{_TOLERATION}.evaluationPeriod": _RESTLESS,
    f"{_TOLERATION}.cooldown": _RESTLESS,
    "strategy.shouldUtilizeCommitments": (
        "what reservations and savings plans cover is not read: prices are list prices"
    ),
    f"{_LS}.shutdownScript": "no agent that would run it in the VM is part of this version",
}
"""Fields that are taken, kept and told, and that change nothing; with the reason."""


@cache
def effect_of(path: str) -> Effect:
    """Return the row that holds for a field's path."""
    steps = path.split(".")
    for end in range(len(steps), -1, -1):
        for at in (".".join(steps[:end]), ".".join(steps[:end]).removesuffix(ELEMENT)):
            if at in EFFECTS:
                return EFFECTS[at]
    raise LookupError(path)


def table() -> str:
    """Return the fields and their effects as a table in Markdown."""
    rows = ["| Field | Takes effect | Locked while | Shown by answers |", "|---|---|---|---|"]
    for path in leaf_paths(NodeDocument):
        effect = effect_of(path)
        when = "no effect yet" if path in ACCEPTED_NO_EFFECT else effect.when.value
        locked = f"`{effect.locked_by.value}`" if effect.locked_by else ""
        if not effect.editable_while_paused:
            locked = "the node is not ACTIVE"
        shown = "yes" if effect.returned else "never"
        rows.append(f"| `{path}` | {when} | {locked} | {shown} |")
    return "\n".join(rows)


def no_effect_table() -> str:
    """Return the fields without an effect, and why, as a table in Markdown."""
    rows = ["| Field | Why |", "|---|---|"]
    rows += [f"| `{path}` | {why} |" for path, why in ACCEPTED_NO_EFFECT.items()]
    return "\n".join(rows)
