"""I10: what a node shows as up has the extensions of its document, or its log says why not."""

from collections.abc import Iterator
from typing import Any, Final

from local.arm.extension.wire import TYPE
from local.arm.portrait import Portrait
from local.worlds.invariants import NodeView
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.picture import is_up
from local.worlds.logbook import Entry
from tests.fuzz.life import Life
from tests.fuzz.outcome import refuses_extensions
from tests.fuzz.pace import Pace
from tests.fuzz.records import told

SETTLED: Final = "settle_operation"


def lacking(view: NodeView, vm: Portrait, missing: set[str], *, is_told: bool) -> Iterator[str]:
    """Say of a VM with which an operation has ended which extensions it must have, and has not."""
    if view.status == "ACTIVE" and is_up(vm) and missing and not is_told:
        yield f"{name_of(vm.id)} is shown as up without its extensions {', '.join(sorted(missing))}"


class Equipment:
    """Looks at each VM once: as soon as an operation has ended with it."""

    def __init__(self, pace: Pace, life: Life) -> None:
        launch: dict[str, Any] = life.document["compute"]["launchSpecification"]
        self._names = {str(one["name"]) for one in launch.get("extensions") or ()}
        self._pace, self._may_refuse = pace, refuses_extensions(life)
        self._judged: set[str] = set()

    def read(self, entry: Entry) -> None:
        """Look when the log says that an operation has ended."""
        if self._names and entry.kind == "end" and entry.text.startswith(SETTLED):
            self._look()

    def _look(self) -> None:
        there = self._pace.watch.picture.portraits
        for view in self._pace.records().nodes.values():
            vm = there.get(view.told.vm) if view.told else None
            if vm is None or view.told is None or view.operation or vm.born in self._judged:
                continue
            self._judged.add(vm.born)  # one that was taken at once need not have them
            rows = self._pace.world.tables.rows()
            is_told = self._may_refuse and told(rows, "WARN", view.told.since) > 0
            for what in lacking(view, vm, self._names - self._has(vm), is_told=is_told):
                self._pace.blame("I10", what)

    def _has(self, vm: Portrait) -> set[str]:
        return {
            str(one.body["name"])
            for one in self._pace.world.arm.of_type(TYPE, vm.id)
            if one.properties["provisioningState"] == "Succeeded"
        }
