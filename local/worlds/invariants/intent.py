"""I5: what somebody meant is respected, what the platform did is mended."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change, Told
from local.arm.portrait import VM
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import node_of
from local.worlds.invariants.promises import NodeView, Promise, Wish
from local.worlds.invariants.rest import by_owner

HOLD: Final = timedelta(seconds=180)
"""A stop by nobody known is held so long before it counts as an interruption."""
STOPS: Final = ("/deallocate/action", "/poweroff/action")
ANNOTATED_STOPS: Final = frozenset(
    {"VirtualMachineDeallocationInitiated", "VirtualMachineStopInitiatedByControlPlane"}
)
ACTION_SUCCESS: Final = "Microsoft.Resources.ResourceActionSuccess"
EMITTED: Final = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted"
ANNOTATED_EVICTION: Final = "VirtualMachinePreempted"
DOWN: Final = frozenset({"deallocated", "stopped"})
AT_REST: Final = frozenset({"STOPPED", "STOPPING", "PAUSED", "PAUSING"})
"""Statuses of a node that is down because somebody wanted it so."""


@dataclass
class Stop:
    """Why a VM went down, as it truly was, and when anybody was told."""

    node: str
    evicted: bool = False
    actor: str = ""
    """Who asked for it; empty: no person."""
    stopped_besides: bool = False
    """Evicted, or stopped by the product, and somebody asked for it to be stopped as well: then
    either reading is right."""
    down_at: datetime | None = None
    told_at: datetime | None = None
    """When a subscriber first took an event that says why."""
    named_at: datetime | None = None
    """When a subscriber first took an event that says who asked for it."""
    misled_at: datetime | None = None
    """Evicted, and when a subscriber first took an event that says it was stopped, by nobody."""
    gone: bool = False
    """The VM was deleted since: no start of it will end the stop."""


@dataclass
class Stops:
    """The stop of each VM that is down or going down, by the VM's id."""

    of_vm: dict[str, Stop] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    """The latest wish for each node."""
    warned: dict[str, datetime] = field(default_factory=dict)
    """When a subscriber took an event that says of a VM that it is about to be evicted."""
    ours: set[str] = field(default_factory=set)
    """VMs that the product itself has deallocated."""

    def change(self, change: Change) -> None:
        """Follow a VM's power."""
        after = change.after
        if after is None or not after.notice:
            self.warned.pop(change.id, None)
        if after is None or after.type != VM:
            if after is None:
                self._gone(change.id)
            return
        if after.power in ("running", "starting") and not after.notice:
            self.ours.discard(change.id)
            stop = self.of_vm.get(change.id)
            if stop and stop.down_at:
                del self.of_vm[change.id]
        elif after.notice == "Started":
            stop = self.of_vm.setdefault(change.id, Stop(node_of(after)))
            stop.evicted = True
            stop.told_at = stop.told_at or self.warned.get(change.id)
        elif after.power in DOWN and change.id in self.of_vm:
            stop = self.of_vm[change.id]
            stop.down_at = stop.down_at or change.at

    def _gone(self, vm_id: str) -> None:
        """Follow a VM that is deleted: one that somebody wanted down still is.

        If nobody was named yet, either reading is right: an annotation that a VM is going down
        comes with a deletion as well, and a VM that is deleted is no VM that is to stay down.
        """
        stop = self.of_vm.get(vm_id)
        if stop and stop.actor and not stop.evicted:
            stop.stopped_besides = stop.stopped_besides or not stop.named_at
            stop.gone = True
        else:
            self.of_vm.pop(vm_id, None)

    def resting(self, promises: Mapping[str, Promise]) -> frozenset[str]:
        """Return the nodes whose VM somebody stopped by hand who may, or may have.

        Of an eviction of which only that was told, either reading is right.
        """
        either = {one.node for one in self.of_vm.values() if one.stopped_besides or _misleads(one)}
        return self.stopped(promises) | either

    def stopped(self, promises: Mapping[str, Promise]) -> frozenset[str]:
        """Return the nodes whose VM is down for no other reason than that."""
        told = (stop for stop in self.of_vm.values() if stop.actor and not stop.evicted)
        meant = (stop for stop in told if not stop.stopped_besides and not self._is_past(stop))
        return frozenset(
            stop.node
            for stop in meant
            if stop.node not in promises or _may_stop(stop, promises[stop.node])
        )

    def _is_past(self, stop: Stop) -> bool:
        """Tell whether a VM that was stopped is no more, and its node was asked up since."""
        wish = self.wishes.get(stop.node)
        if not (stop.gone and stop.down_at and wish):
            return False
        return wish.kind == "up" and wish.at >= stop.down_at

    def told(self, told: Told) -> None:
        """Note that somebody knows now why a VM went down."""
        subject = str(told.event.get("subject", "")).lower()
        stop = self.of_vm.get(subject)
        why = _says(told)
        if stop and stop.evicted and why == "stop":
            stop.misled_at = stop.misled_at or told.at
        if stop is None and why == "eviction":
            self.warned.setdefault(subject, told.at)
        if stop is None or why != ("eviction" if stop.evicted else "stop"):
            return
        stop.told_at = stop.told_at or told.at
        if told.event.get("eventType") == ACTION_SUCCESS:
            stop.named_at = stop.named_at or told.at


def _says(told: Told) -> str:
    """Return `stop` or `eviction` if the event says that its subject went down so."""
    data = told.event.get("data") or {}
    if told.event.get("eventType") == ACTION_SUCCESS:
        return "stop" if str(data.get("operationName", "")).lower().endswith(STOPS) else ""
    properties = (data.get("resourceInfo") or {}).get("properties") or {}
    if told.event.get("eventType") == EMITTED:
        is_coming = properties.get("EventStatus") in ("Scheduled", "Started")
        return "eviction" if is_coming and properties.get("EventType") == "Preempt" else ""
    name = properties.get("annotationName")
    if name == ANNOTATED_EVICTION:
        return "eviction"
    return "stop" if name in ANNOTATED_STOPS else ""


def stops_are_respected(
    stops: Stops, asked: Asked, node: str, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    """I5, first half: a stop whose intent was reported before the hold ended is never undone.

    Somebody other than the product stopped the VM, may do so (vmAdmins), and an event that says so
    (and by whom, if not everybody may) was taken before the VM had been down for the hold. Undone
    means that the product then starts, makes anew or deletes that VM, and no user has asked for it
    since, nor asked for what is under way. A VM that was being evicted at the same time, or that
    the product had begun to take down itself, is nobody's intent.
    """
    if asked.status >= 300 or asked.status == 0:  # noqa: PLR2004 - HTTP
        return
    _note(stops, asked, node)
    stop = stops.of_vm.get(asked.resource)
    promise = promises.get(stop.node) if stop else None
    if asked.caller != SERVICE or stop is None or promise is None:
        return
    if not _is_intent(stop, promise) or not _may_stop(stop, promise):
        return
    wish = stops.wishes.get(stop.node)
    wanted = wish and wish.kind != "down" and stop.down_at and wish.at >= stop.down_at
    undoes = asked.method in ("PUT", "DELETE") or asked.operation.lower().endswith("/start/action")
    if undoes and not wanted and not by_owner(asked):
        text = f"{name_of(asked.resource)} of node {stop.node} was stopped by {stop.actor}"
        yield Breach("I5", asked.at, f"{text}, which was known, and undone: {asked.operation}")


def _note(stops: Stops, asked: Asked, node: str) -> None:
    """Note who asked for a VM to be stopped, or gave it up."""
    is_stop = asked.operation.lower().endswith(STOPS)
    if asked.caller != SERVICE and is_stop:
        meant = stops.of_vm.setdefault(asked.resource, Stop(node, actor=asked.caller))
        meant.stopped_besides = meant.evicted or asked.resource in stops.ours
    elif is_stop:
        stops.ours.add(asked.resource)
    elif asked.method == "DELETE" and by_owner(asked):
        stops.of_vm.pop(asked.resource, None)  # its owner has given it up, stopped or not


def _is_intent(stop: Stop, promise: Promise) -> bool:
    """Tell whether a VM is down because somebody wanted it so, and that was known in time.

    Where not everybody may, it must be known who: within the hold, from when anything was known.
    """
    known = _is_reported(stop) if promise.vm_admins is None else _is_named(stop)
    return known and not (stop.evicted or stop.stopped_besides)


def _is_named(stop: Stop) -> bool:
    if stop.named_at is None or stop.told_at is None or stop.down_at is None:
        return False
    return stop.named_at <= min(stop.told_at, stop.down_at) + HOLD


def _is_reported(stop: Stop) -> bool:
    return bool(stop.told_at and stop.down_at and stop.told_at <= stop.down_at + HOLD)


def _misleads(stop: Stop) -> bool:
    return stop.misled_at is not None and stop.told_at is None


def _is_mended(stop: Stop, now: datetime) -> bool:
    """Tell whether an eviction that was told after it had seemed a stop must be under way by now.

    Whoever rests by what he was told first may have rested for that long already.
    """
    if stop.misled_at is None or stop.told_at is None or stop.told_at - stop.misled_at < HOLD:
        return True
    return now > stop.told_at + HOLD


def _may_stop(stop: Stop, promise: Promise) -> bool:
    if promise.vm_admins is None:
        return True
    name = stop.actor.casefold()
    return any(word.casefold() in name for word in promise.vm_admins if word)


def evictions_are_mended(
    stops: Stops, nodes: Mapping[str, NodeView], now: datetime
) -> Iterator[Breach]:
    """I5, second half: an eviction that was reported is never taken for intent.

    The VM is down because the platform took it and nobody asked for that besides, an event that
    says so was taken before the hold ended, no user asked the node to go down or away, and yet the
    node says that it rests on purpose.
    """
    for vm, stop in stops.of_vm.items():
        view, wish = nodes.get(stop.node), stops.wishes.get(stop.node)
        if not stop.evicted or stop.stopped_besides or view is None or not _is_reported(stop):
            continue
        wants = wish is None or (wish.kind == "up" and wish.holds(now))
        if view.status in AT_REST and wants and _is_mended(stop, now):
            text = f"{name_of(vm)} of node {stop.node} was evicted, which was known"
            yield Breach("I5", now, f"{text}, yet the node is {view.status}")
