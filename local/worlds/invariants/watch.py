"""The watch: hears everything that happens in one Azure, and keeps what was broken."""

from collections.abc import Iterable
from datetime import datetime

from local.arm.chronicle import Asked, Change, Dip, Happening, Told
from local.worlds.invariants.belongings import Kept, belongings_are_kept
from local.worlds.invariants.bodies import one_live_vm_per_node, one_vm_per_disk
from local.worlds.invariants.breach import Breach
from local.worlds.invariants.buckets import buckets_are_spared
from local.worlds.invariants.copies import Copies, last_good_copy_is_kept
from local.worlds.invariants.intent import Stops, evictions_are_mended, stops_are_respected
from local.worlds.invariants.ledger import Ledger, repeats_change_nothing, writes_are_journalled
from local.worlds.invariants.liveness import Exempt, nodes_are_back, nodes_at_rest_say_so
from local.worlds.invariants.owners import Unowned, nothing_is_unowned
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import Asked as AskedFor
from local.worlds.invariants.promises import Promise, Records, Wish
from local.worlds.invariants.rest import Rest, nodes_rest, rest_is_kept
from local.worlds.invariants.truth import what_is_shown_is_so
from local.worlds.invariants.wanted import what_is_made_was_asked_for


class Watch:
    """Judges one world.

    `hear` every happening, in order: `world.chronicle.listeners.append(watch.hear)` in process, or
    from `/_world/history`. `reckon` with the product's records as often as they are worth reading
    (each few minutes of the world's time: I7 counts from the first time that it sees something
    unowned), and once more at the end. Each breach is kept once.
    """

    def __init__(self) -> None:
        self.breaches: list[Breach] = []
        self.promises: dict[str, Promise] = {}
        """Nodes that are to be kept; a node whose user deleted it is no longer among them."""
        self.picture = Picture()
        self._copies = Copies()
        self._kept = Kept()
        self._stops = Stops()
        self._rest = Rest()
        self._ledger = Ledger()
        self._unowned = Unowned()
        self._told: set[tuple[str, str]] = set()
        self._asked: dict[str, list[AskedFor]] = {}

    def promise(self, node_id: str, promise: Promise) -> None:
        """Hear what a node's document promises, when it is created or changed."""
        self.promises[node_id] = promise
        if promise.asked:
            self._asked.setdefault(node_id, []).append(promise.asked)

    def wish(self, node_id: str, wish: Wish) -> None:
        """Hear what a user asks of a node, before the API is called."""
        self._stops.wishes[node_id] = wish
        if wish.kind == "delete":
            self.promises.pop(node_id, None)

    def hear(self, happening: Happening) -> None:
        """Judge one happening: I1 to I5, the repeats of I6, I8, I10, I11."""
        match happening:
            case Change():
                self._change(happening)
            case Asked():
                vm = self.picture.portraits.get(happening.resource)
                node = node_of(vm) if vm else ""
                self._keep(stops_are_respected(self._stops, happening, node, self.promises))
                self._keep(rest_is_kept(self._rest, happening, node, self._stops.wishes))
                self._keep(repeats_change_nothing(self._ledger, happening))
            case Told():
                self._stops.told(happening)
            case Dip():
                self._keep(buckets_are_spared(happening))

    def _change(self, change: Change) -> None:
        self.picture.apply(change)
        self._stops.change(change)
        self._keep(one_vm_per_disk(self.picture, change))
        self._keep(last_good_copy_is_kept(self._copies, change, self.promises))
        self._keep(belongings_are_kept(self._kept, self.picture, change, self.promises))
        self._keep(one_live_vm_per_node(self.picture, change))
        asked = self._asked.get(node_of(change.after), []) if change.after else []
        self._keep(what_is_made_was_asked_for(self.picture, change, asked))

    def reckon(self, now: datetime, records: Records) -> None:
        """Judge the product's records against what happened: I5, I6, I7.

        The records must have been read after the last happening that was heard, or a write that
        was journalled in between would seem not to be.
        """
        self._keep(writes_are_journalled(self._ledger, records.journal))
        self._keep(evictions_are_mended(self._stops, records.nodes, now))
        self._keep(what_is_shown_is_so(self.picture, records.nodes, now))
        told = (now, self._stops.wishes)
        self._keep(nothing_is_unowned(self._unowned, self.picture, records, told))

    def converged(
        self, now: datetime, records: Records, without_room: frozenset[str] = frozenset()
    ) -> list[Breach]:
        """Return what is not as it must be once faults have stopped for long enough.

        Not kept among the breaches: whoever waits for convergence asks again.
        """
        wished = {node for node, wish in self._stops.wishes.items() if wish.kind != "up"}
        resting = self._stops.resting(self.promises)
        exempt = Exempt(resting | wished, without_room)
        shown = nodes_at_rest_say_so(
            records.nodes, now, self._stops.stopped(self.promises) - wished
        )
        rests = nodes_rest(self._rest, self.picture, records.nodes, (now, self._stops.wishes))
        return [*nodes_are_back(self.picture, records.nodes, now, exempt), *shown, *rests]

    def _keep(self, found: Iterable[Breach]) -> None:
        for breach in found:
            mark = (breach.invariant, breach.sentence)
            if mark not in self._told:
                self._told.add(mark)
                self.breaches.append(breach)
