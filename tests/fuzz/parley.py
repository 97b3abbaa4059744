"""I16: a VM that may say when it may be shut down has had its time to say so."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from local.arm.chronicle import SERVICE, Asked, Change, Happening
from local.arm.portrait import VM
from local.worlds.invariants import Breach, NodeView
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.drains import ends_vm
from local.worlds.invariants.picture import is_up
from local.worlds.invariants.rest import STEP

LAG: Final = timedelta(seconds=60)
"""A VM that has only just come up may still be read as down."""


def granted(document: dict[str, Any]) -> timedelta | None:
    """Return how long a document has a VM heard out; None: it does not."""
    for one in document["strategy"].get("signals") or ():
        if one["type"] == "vmReadyToShutdown":
            return timedelta(seconds=one["timeout"])
    return None


class Parley:
    """Sees that no VM of a world is ended for its owner before its time to speak is over.

    None of them ever says that it may be shut down. One that Azure takes, that was down meanwhile,
    or that is moved has no such time; nor is it asked of the VM that an import takes over.
    """

    def __init__(self, document: dict[str, Any], view: Callable[[str], NodeView | None]) -> None:
        self._granted = granted(document)
        self._view = view
        self._up: dict[str, tuple[str, datetime]] = {}
        """VMs that are up and are to stay so: birth mark, and since when."""
        self._judged: set[tuple[str, str]] = set()
        """Operations and VMs: what follows the first end is a repeat."""

    def hear(self, happening: Happening) -> Iterator[Breach]:
        """Judge what happened in Azure."""
        if self._granted is None:
            return
        if isinstance(happening, Change):
            self._change(happening)
        elif isinstance(happening, Asked) and happening.caller == SERVICE:
            yield from self._asked(happening, self._granted)

    def _change(self, change: Change) -> None:
        after = change.after
        if after is None or after.type != VM or not is_up(after) or after.notice:
            self._up.pop(change.id, None)
        elif self._up.get(change.id, ("",))[0] != after.born:
            self._up[change.id] = after.born, change.at

    def _asked(self, asked: Asked, wanted: timedelta) -> Iterator[Breach]:
        step, up = STEP.match(asked.request_id), self._up.get(asked.resource)
        if step is None or up is None or step[2] == "import_vm" or not ends_vm(asked, step[2]):
            return
        operation, (born, since) = asked.request_id.split("/")[1], up
        view = self._view(step[1])
        began = view.busy_since if view and view.operation == operation else None
        if began is None or (operation, born) in self._judged:
            return
        self._judged.add((operation, born))
        if since + LAG < began and asked.at - began < wanted:
            had = (asked.at - began).total_seconds()
            text = f"{name_of(asked.resource)} of node {step[1]} was shut down {had:.1f} s after"
            yield Breach("I16", asked.at, f"{text} that was asked for, and was not heard out")
