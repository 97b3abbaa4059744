"""The watch: hears everything that happens in one Azure, and keeps what was broken."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from local.arm.chronicle import Asked, Change, Dip, Happening, Told
from local.arm.portrait import VM, Portrait
from local.worlds.invariants.arrivals import Arrivals, what_is_up_has_come_up
from local.worlds.invariants.belongings import Kept, belongings_are_kept
from local.worlds.invariants.bodies import one_live_vm_per_node, one_vm_per_disk
from local.worlds.invariants.breach import Breach
from local.worlds.invariants.buckets import buckets_are_spared
from local.worlds.invariants.copies import last_good_copy_is_kept
from local.worlds.invariants.drains import Drains, vms_are_drained
from local.worlds.invariants.endings import (
    Endings,
    ends_are_kept,
    ends_are_over,
    vm_is_left_alone,
)
from local.worlds.invariants.foreign import what_is_not_a_nodes_stays
from local.worlds.invariants.given_up import farewells_are_kept, farewells_are_over
from local.worlds.invariants.idle import (
    Idle,
    nics_are_written_for_something,
    updates_change_something,
)
from local.worlds.invariants.intent import Stops, evictions_are_mended, stops_are_respected
from local.worlds.invariants.lasting import nothing_dies_with_a_vm
from local.worlds.invariants.leaving import leaving_is_over
from local.worlds.invariants.ledger import Ledger, repeats_change_nothing, writes_are_journalled
from local.worlds.invariants.liveness import Exempt, nodes_are_back, nodes_at_rest_say_so
from local.worlds.invariants.markets import Markets, what_is_remembered_is_so
from local.worlds.invariants.owners import Unowned, nothing_is_unowned
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.pools import pools_are_as_asked
from local.worlds.invariants.promises import Asked as AskedFor
from local.worlds.invariants.promises import Farewell, NodeView, Promise, Records, Wish
from local.worlds.invariants.refusals import Refusals
from local.worlds.invariants.rest import Rest, nodes_rest, rest_is_kept
from local.worlds.invariants.truth import (
    disks_are_where_they_are_shown,
    what_is_gone_is_not_shown,
    what_is_shown_is_so,
)
from local.worlds.invariants.versions import Copies
from local.worlds.invariants.wanted import Orders, what_is_made_was_asked_for
from local.worlds.invariants.wellness import Wellness, what_is_well_is_left_alone


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
        self.refusals = Refusals(self.breaches)
        self._copies = Copies()
        self._kept = Kept()
        self._stops = Stops()
        self._rest = Rest()
        self._ledger = Ledger()
        self._unowned = Unowned()
        self._endings = Endings()
        self._wellness = Wellness()
        self._drains = Drains()
        self._markets = Markets()
        self._arrivals = Arrivals()
        self._idle = Idle()
        self._told: set[tuple[str, str]] = set()
        self._asked: dict[str, list[AskedFor]] = {}
        self._orders: defaultdict[str, Orders] = defaultdict(Orders)
        self._lasting: dict[str, Promise] = {}
        """What is still promised, of nodes that are being deleted too."""
        self._documents: dict[str, Promise] = {}
        self._by_hand: set[str] = set()
        """Disks that a person took off a VM in Azure."""
        self._now = datetime.min.replace(tzinfo=UTC)

    def promise(self, node_id: str, promise: Promise) -> None:
        """Hear what a node's document promises, when it is created or changed."""
        self.promises[node_id] = self._lasting[node_id] = self._documents[node_id] = promise
        if promise.drains is not None:
            self._drains.asks(node_id, promise.drains)
        if promise.asked:
            self._asked.setdefault(node_id, []).append(promise.asked)
            self._orders[node_id].ask(promise.asked, self._now)

    def inherit(
        self, node_id: str, vm_id: str, promise: Promise, drains: timedelta = timedelta()
    ) -> None:
        """Hear that a node is made of a VM: of its disks and its network, what is to persist.

        `drains` is how long that VM is to be given once it has left its pools.

        From now on its first VM is judged as if the imported one had been its VM before; what that
        writes before the import is proven is given up with it.
        """
        self._drains.source[node_id] = drains
        vm = self.picture.portraits[vm_id]
        self._copies.inherit(node_id, vm, promise)
        if promise.network:
            self._kept.inherit(node_id, self.picture, vm)
        there = self.picture.portraits
        own = [vm.id, *(disk for _, disk in vm.disks), *(() if promise.network else vm.nics)]
        self._endings.foreign |= {there[one].born for one in own if one in there}

    def prove(self, node_id: str) -> None:
        """Hear that the import of a node is not given up any more: its own VM is up."""
        self._copies.prove(node_id)

    def spare(self, born: Iterable[str]) -> None:
        """Hear that these are no node's after all: its import was in vain."""
        self._endings.foreign |= {*born}

    def _follow(self, vm: Portrait | None) -> None:
        """Take it that disks which an imported VM gets when it is converted are not its node's."""
        if vm is None or vm.type != VM or vm.born not in self._endings.foreign:
            return
        there = self.picture.portraits
        self._endings.foreign |= {there[disk].born for _, disk in vm.disks if disk in there}

    @property
    def wishes(self) -> Mapping[str, Wish]:
        """The latest wish for each node."""
        return self._stops.wishes

    def wish(self, node_id: str, wish: Wish) -> None:
        """Hear what a user asks of a node, before the API is called."""
        self._stops.wishes[node_id] = wish
        if wish.kind != "delete":
            return
        promise = self._documents.get(node_id)
        told = (self.picture, self._copies, self._kept)
        self._endings.begin(node_id, wish, told, promise)
        self.promises.pop(node_id, None)
        if promise:
            self._lasting[node_id] = promise.after(wish)

    def stays(self, node_id: str) -> None:
        """Hear that a node was not deleted after all: all that was promised is so again."""
        self._endings.of_node.pop(node_id, None)
        if node_id in self._documents:
            self.promises[node_id] = self._lasting[node_id] = self._documents[node_id]

    def recycles(self, node_id: str, at: datetime) -> None:
        """Hear that a user asks for a recycle, before the API is called."""
        self._wellness.recycles[node_id] = at

    def attaches(self, node_id: str, disk_id: str, size_gib: int) -> None:
        """Hear that a user asks for a new data disk, before the API is called."""
        self._orders[node_id].attached[disk_id] = size_gib

    def farewell(self, node_id: str, farewell: Farewell) -> None:
        """Hear that a user gives up a disk, or has another take its place, before the call."""
        vms = (one for one in self.picture.portraits.values() if one.type == VM)
        has_vm = any(node_of(one) == node_id for one in vms)
        self._copies.give_up(node_id, farewell, has_vm=has_vm)

    def takes_back(self, node_id: str, disk_id: str) -> None:
        """Hear that the API refused that: nothing was asked of the disk."""
        given = self._copies.farewells.of(node_id, disk_id)
        if given:
            self._copies.take_back(given)

    def doubts(self, node_id: str, disk_id: str) -> None:
        """Hear that nobody can tell what came of that: the operation was lost under way."""
        given = self._copies.farewells.of(node_id, disk_id)
        if given:
            given.recalled = True

    def taken_off(self, node_id: str, disk_id: str) -> None:
        """Hear that a person takes a disk off a node's VM in Azure, before the call.

        Whether the node has it again is open from then on: a VM that is made anew has it.
        """
        self._by_hand.add(disk_id)
        self.farewell(node_id, Farewell(self._now, disk_id, until=None))
        self.doubts(node_id, disk_id)

    def hear(self, happening: Happening) -> None:
        """Judge one happening: I1 to I5, the repeats of I6, I8, I10, I11, I14 to I16."""
        match happening:
            case Change():
                self._change(happening)
            case Asked():
                self._markets.asked(happening)
                self._keep(nics_are_written_for_something(self._idle, happening))
                self.refusals.hear(happening)
                vm = self.picture.portraits.get(happening.resource)
                node = node_of(vm) if vm else ""
                self._keep(vm_is_left_alone(self._endings, self.picture, happening))
                self._keep(what_is_not_a_nodes_stays(self.picture, happening))
                self._keep(stops_are_respected(self._stops, happening, node, self.promises))
                self._keep(rest_is_kept(self._rest, happening, node, self._stops.wishes))
                self._keep(what_is_well_is_left_alone(self._wellness, happening, self.promises))
                self._keep(vms_are_drained(self._drains, self.picture, happening))
                self._keep(repeats_change_nothing(self._ledger, happening))
            case Told():
                self._stops.told(happening)
            case Dip():
                self._keep(buckets_are_spared(happening))

    def _change(self, change: Change) -> None:
        self._now = change.at
        self.picture.apply(change)
        self._follow(change.after)
        self._stops.change(change)
        self._wellness.change(change)
        self._drains.change(change)
        self._markets.change(change)
        self._arrivals.change(change)
        self._keep(updates_change_something(self._idle, change))
        self._keep(one_vm_per_disk(self.picture, change))
        self._keep(nothing_dies_with_a_vm(change))
        self._made(change)  # before it counts as what the node had
        self._keep(last_good_copy_is_kept(self._copies, change, self._lasting))
        self._keep(farewells_are_kept(self._copies.farewells, change))
        self._keep(ends_are_kept(self._endings, change))
        self._keep(belongings_are_kept(self._kept, self.picture, change, self._lasting))
        self._keep(one_live_vm_per_node(self.picture, change))

    def _made(self, change: Change) -> None:
        node = node_of(change.after) if change.after else ""
        orders = self._orders.get(node)
        if orders:
            ending = self._endings.of_node.get(node)
            orders.on_demand = ending is not None and ending.wish.on_demand
            found = what_is_made_was_asked_for(self.picture, change, orders, self._copies)
            self._keep(found)

    def reckon(self, now: datetime, records: Records) -> None:
        """Judge the product's records against what happened: I5, I6, I7, I9, I12.

        The records must have been read after the last happening that was heard, or a write that
        was journalled in between would seem not to be.
        """
        self._keep(writes_are_journalled(self._ledger, records.journal))
        self._keep(evictions_are_mended(self._stops, records.nodes, now))
        self._keep(what_is_shown_is_so(self.picture, records.nodes, now, self._by_hand))
        self._keep(disks_are_where_they_are_shown(self.picture, records.nodes, now))
        self._keep(what_is_gone_is_not_shown(self.picture, records.nodes, now))
        self._keep(what_is_remembered_is_so(self._markets, records.markets, now))
        self._keep(pools_are_as_asked(self.picture, self._free(records), self._asked, now))
        barred = self.refusals.barred
        self._keep(nothing_is_unowned(self._unowned, self.picture, records, now, barred))

    def _free(self, records: Records) -> dict[str, NodeView]:
        """Return the nodes but for those of which Azure refused for good to write a NIC."""
        there = self.picture.portraits
        barred = {node_of(there[one]) for one in self.refusals.barred if one in there}
        return {one: view for one, view in records.nodes.items() if one not in barred}

    def ended(self, now: datetime, records: Records) -> None:
        """Judge the records at the moment at which an operation has written that it has ended."""
        barred = self.refusals.barred
        self._keep(leaving_is_over(self._endings, self.picture, records, now, barred))

    @property
    def is_any_coming(self) -> bool:
        """Whether Azure is starting a VM: only then `settled` can find anything."""
        return bool(self._arrivals.coming)

    def settled(self, now: datetime, records: Records) -> None:
        """Judge the records at the moment at which an operation has written how a node stands."""
        found = what_is_up_has_come_up(self._arrivals, self.picture, records.nodes, now)
        self._keep(found)

    def converged(
        self, now: datetime, records: Records, without_room: frozenset[str] = frozenset()
    ) -> list[Breach]:
        """Return what is not as it must be once faults have stopped for long enough.

        Not kept among the breaches: whoever waits for convergence asks again.
        """
        wishes = self._stops.wishes.items()
        wished = {node for node, wish in wishes if wish.kind != "up" or not wish.holds(now)}
        resting = self._stops.resting(self.promises)
        exempt = Exempt(resting | wished, without_room)
        shown = nodes_at_rest_say_so(
            records.nodes, now, self._stops.stopped(self.promises) - wished
        )
        rests = nodes_rest(self._rest, self.picture, records.nodes, (now, self._stops.wishes))
        return [*nodes_are_back(self.picture, records.nodes, now, exempt), *shown, *rests]

    def over(self, now: datetime, records: Records) -> list[Breach]:
        """Return what is not as it must be once all that was to go has had its time: I14."""
        gone = frozenset(self._documents) - records.nodes.keys()
        return [
            *farewells_are_over(self._copies.farewells, self.picture, now),
            *ends_are_over(self._endings, self.picture, gone, now, self.refusals.barred),
        ]

    def _keep(self, found: Iterable[Breach]) -> None:
        for breach in found:
            mark = (breach.invariant, breach.sentence)
            if mark not in self._told:
                self._told.add(mark)
                self.breaches.append(breach)
