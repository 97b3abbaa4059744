"""How well a node serves its owner, counted: how long it is down, and what it costs."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from local.arm.chronicle import Change, Happening
from local.arm.portrait import VM, Portrait
from local.worlds.invariants import Wish
from local.worlds.invariants.picture import is_up, node_of

DOWN: Final = "seconds down"
"""The node is wished up, and no VM of its has booted."""
ON_DEMAND: Final = "seconds on demand"
"""VMs are paid for at the full price."""
ERRORS: Final = "errors told"
"""Lines of the node's log with the severity ERROR."""


class Serving:
    """Listens to one world; counts into `counts`."""

    def __init__(self, counts: Counter[str], wishes: Mapping[str, Wish], began: datetime) -> None:
        self._counts, self._wishes = counts, wishes
        self._up: set[str] = set()
        self._down_since = began
        self._paid_since: dict[str, datetime] = {}

    def hear(self, happening: Happening) -> None:
        """Hear what happened in Azure."""
        if not isinstance(happening, Change):
            return
        here = happening.after or happening.before
        if here and here.type == VM and node_of(here):
            self._change(happening.id, happening.after, happening.at)

    def end(self, now: datetime) -> None:
        """Count what goes on still."""
        if not self._up:
            self._was_down(now)
        self._counts[ON_DEMAND] += sum(_between(one, now) for one in self._paid_since.values())

    def _change(self, vm_id: str, after: Portrait | None, at: datetime) -> None:
        was_up = bool(self._up)
        (self._up.add if is_up(after) else self._up.discard)(vm_id)
        if was_up and not self._up:
            self._down_since = at
        if self._up and not was_up:
            self._was_down(at)
        if after and after.allocated and not after.spot:
            self._paid_since.setdefault(vm_id, at)
        elif vm_id in self._paid_since:
            self._counts[ON_DEMAND] += _between(self._paid_since.pop(vm_id), at)

    def _was_down(self, until: datetime) -> None:
        """Count the time since the node went down, or since it was wished up if that was later."""
        wish = next(iter(self._wishes.values()), None)
        if wish and wish.kind == "up":
            self._counts[DOWN] += _between(max(self._down_since, wish.at), until)


def _between(begun: datetime, ended: datetime) -> int:
    return max(0, int((ended - begun).total_seconds()))
