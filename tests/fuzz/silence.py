"""I16: a VM that is to say that it is ready, and never does, is not kept."""

import re
from collections.abc import Callable, Container, Iterator
from typing import Any, Final

from local.arm.chronicle import SERVICE, Asked, Change, Happening
from local.arm.portrait import VM
from local.worlds.invariants import NodeView
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.picture import is_up
from local.worlds.logbook import Entry

SETTLED: Final = re.compile(r"settle_operation ((ssn-[0-9a-f]+)-\w+-[0-9a-f]+)/")
"""The end of an activity that writes how an operation stands, or that it is over."""


def is_asked(document: dict[str, Any]) -> bool:
    """Tell whether a document waits until a VM says that it is ready."""
    return any(one["type"] == "vmReady" for one in document["strategy"].get("signals") or ())


class Silence:
    """Looks at the VM with which an operation has ended, if the operation made it.

    One that was off meanwhile could not speak, and is started again without a word.
    """

    def __init__(self, view: Callable[[str], NodeView | None], spoke: Container[str]) -> None:
        self._view, self._spoke = view, spoke
        self._made_by: dict[str, str] = {}
        """Operations, by the birth marks of the VMs that they made."""
        self._up: set[str] = set()
        self._was_off: set[str] = set()

    def hear(self, happening: Happening) -> None:
        """Follow which VMs are made, and which go down again."""
        if isinstance(happening, Asked):
            made = happening.caller == SERVICE and happening.method == "PUT"
            if made and happening.operation.lower().startswith(f"{VM}/write"):
                operation = happening.request_id.split("/")[1:2]
                self._made_by.setdefault(happening.became, "".join(operation))
        elif isinstance(happening, Change) and (after := happening.after) and after.type == VM:
            if is_up(after):
                self._up.add(after.born)
            elif after.power != "running" and after.born in self._up:
                self._was_off.add(after.born)

    def read(self, entry: Entry) -> Iterator[str]:
        """Judge when the log says that an operation is over."""
        settled = SETTLED.match(entry.text) if entry.kind == "end" else None
        view = self._view(settled[2]) if settled else None
        if settled is None or view is None or view.operation or view.told is None:
            return
        born = view.told.born
        is_its_own = self._made_by.get(born) == settled[1]
        is_whole = born in self._up and born not in self._was_off
        if view.status == "ACTIVE" and is_its_own and is_whole and born not in self._spoke:
            yield f"{name_of(view.told.vm)} of node {view.id} stays, and never said it is ready"
