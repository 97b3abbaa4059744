"""I5: whoever stops a VM and may is not overruled before the time to name him is over."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change, Happening, Told
from local.arm.portrait import VM
from local.worlds.invariants import Breach, Promise
from local.worlds.invariants.breach import name_of
from local.worlds.invariants.intent import ACTION_SUCCESS, ANNOTATED_STOPS, HOLD
from local.worlds.invariants.picture import is_up, node_of

DECIDED: Final = ("replacing the VM: stop_not_allowed", "replacing the VM: unknown")
"""How a log says that a VM is replaced because nobody who may has stopped it."""


@dataclass
class Stop:
    """A VM that somebody stopped while it was up and left alone."""

    node: str
    actor: str
    at: datetime
    first: datetime | None = None
    """When it was down, or anything was told of it."""


class Haste:
    """Looks into the log when an event names who stopped a VM.

    The hold begins when anything is known of the stop, at the earliest when the VM is down or an
    event was taken.
    """

    def __init__(
        self,
        promises: Mapping[str, Promise],
        lines: Callable[[], Iterable[tuple[datetime, str]]],
    ) -> None:
        self._promises, self._lines = promises, lines
        self._up: dict[str, str] = {}
        """Nodes of the VMs that are up and not about to be evicted, by the VM's id."""
        self._stops: dict[str, Stop] = {}

    def hear(self, happening: Happening) -> Iterator[Breach]:
        """Follow what is done to VMs; judge what is told of it."""
        match happening:
            case Change():
                self._change(happening)
            case Asked():
                self._asked(happening)
            case Told():
                yield from self._told(happening)

    def _change(self, change: Change) -> None:
        after = change.after
        if after and after.type == VM and is_up(after) and not after.notice:
            self._up[change.id] = node_of(after)
            return
        self._up.pop(change.id, None)
        if change.id in self._stops and (after is None or after.power == "deallocated"):
            self._begin(change.id, change.at)

    def _begin(self, vm: str, at: datetime) -> None:
        stop = self._stops[vm]
        stop.first = stop.first or at

    def _asked(self, asked: Asked) -> None:
        accepted = 200 <= asked.status < 300
        if not accepted or not asked.operation.lower().endswith("/deallocate/action"):
            return
        self._stops.pop(asked.resource, None)
        if asked.caller != SERVICE and asked.resource in self._up:
            self._stops[asked.resource] = Stop(self._up[asked.resource], asked.caller, asked.at)

    def _told(self, told: Told) -> Iterator[Breach]:
        vm = str(told.event.get("subject", "")).lower()
        if vm not in self._stops or not _is_of_a_stop(told):
            return
        self._begin(vm, told.at)
        if told.event.get("eventType") != ACTION_SUCCESS:
            return
        stop = self._stops.pop(vm)
        admins = (self._promises.get(stop.node) or Promise()).vm_admins
        in_time = stop.first is not None and told.at <= stop.first + HOLD
        if not in_time or not any(one in stop.actor for one in admins or ()):
            return
        for at, line in self._lines():
            if stop.at < at < told.at and line.startswith(DECIDED):
                text = f"{name_of(vm)} of node {stop.node} was stopped by {stop.actor}, who may"
                yield Breach("I5", told.at, f"{text}, and not given the hold to be known: {line}")


def _is_of_a_stop(told: Told) -> bool:
    data = told.event.get("data") or {}
    if told.event.get("eventType") == ACTION_SUCCESS:
        return str(data.get("operationName", "")).lower().endswith("/deallocate/action")
    properties = (data.get("resourceInfo") or {}).get("properties") or {}
    return properties.get("annotationName") in ANNOTATED_STOPS
