"""I14, of whole nodes: what goes with a node that its owner deletes, when, and what stays.

Judged by what Azure had when he asked: the VM with the node's tag, the disks and interfaces that
this VM had, or the last one where what persists is left; and all that carried the tag.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change
from local.arm.portrait import DISK, VM, Portrait
from local.worlds.invariants.belongings import Kept
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.given_up import EARLY
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import Promise, Wish
from local.worlds.invariants.rest import STEP, brings_up
from local.worlds.invariants.versions import Copies

STOPS: Final = ("/deallocate/action", "/poweroff/action", "/redeploy/action")


@dataclass
class Ending:
    """A node that its owner has asked to delete."""

    wish: Wish
    since: datetime
    """When he asked first."""
    own: dict[str, Portrait] = field(default_factory=dict)
    """What the node runs on, by birth mark: VM, disks, interfaces, addresses."""
    marked: dict[str, Portrait] = field(default_factory=dict)
    """All that carried its tag when he asked, by birth mark."""
    ran: bool = False
    """Its VM was up when he asked, and has been since."""
    had_vm: bool = False

    def stays(self, type_: str) -> bool:
        """Tell whether a type of resource is to stay."""
        return type_ in self.wish.keeps

    def may_go(self, type_: str, now: datetime) -> bool:
        """Tell whether resources of a type may be deleted by now."""
        if type_ == VM and self.wish.on_demand:
            return True
        hours = dict(self.wish.stays).get(type_, timedelta())
        return not self.stays(type_) and now >= self.since + hours - EARLY


class Endings:
    """Nodes on their way out, and those that are gone."""

    def __init__(self) -> None:
        self.of_node: dict[str, Ending] = {}
        self.foreign: set[str] = set()
        """Birth marks of what imported VMs had: it goes in a time of its own."""

    def begin(
        self, node: str, wish: Wish, told: tuple[Picture, Copies, Kept], promise: Promise | None
    ) -> None:
        """Hear that a node is to be deleted; again, if the first call may have been in vain."""
        picture, copies, kept = told
        before = self.of_node.get(node)
        ending = Ending(wish, before.since if before else wish.at)
        for one in picture.portraits.values():
            if node_of(one) == node and not _is_going(one):
                ending.marked[one.born] = one
                ending.had_vm = ending.had_vm or one.type == VM
                ending.ran = ending.ran or (one.type == VM and one.power == "running")
        ending.own = {one.born: one for one in _own(node, picture, copies, promise)}
        ending.own |= {one.born: one for one in _network(node, picture, kept, promise)}
        for born in self.foreign & {*ending.own, *ending.marked}:
            ending.own.pop(born, None)
            ending.marked.pop(born, None)
        if before:
            ending.own = before.own | ending.own
            ending.marked = before.marked | ending.marked
            ending.had_vm = ending.had_vm or before.had_vm
        self.of_node[node] = ending

    def of(self, born: str) -> tuple[str, Ending] | None:
        """Return the node, and its end, that a resource was of."""
        found = ((node, one) for node, one in self.of_node.items() if born in one.own)
        return next(found, None)


def _is_going(one: Portrait) -> bool:
    """Tell whether a VM is being deleted already, by whomever."""
    return one.type == VM and one.provisioning == "Deleting"


def _own(
    node: str, picture: Picture, copies: Copies, promise: Promise | None
) -> Iterator[Portrait]:
    """Yield the node's VM and its disks; without a VM those that it ran on last and persist."""
    mine = (one for one in picture.portraits.values() if node_of(one) == node)
    vms = [one for one in mine if one.type == VM and not _is_going(one)]
    for vm in vms:
        yield vm
        yield from (picture.portraits[disk] for _, disk in vm.disks if disk in picture.portraits)
    if vms or promise is None:
        return
    for slot, head in copies.heads.get(node, {}).items():
        if promise.keeps(slot) and (node, slot) not in copies.farewells.open:
            yield from (
                copy.portrait
                for copy in copies.by_id.values()
                if copy.portrait.type == DISK and copy.booted and copy.version == head
            )


def _network(
    node: str, picture: Picture, kept: Kept, promise: Promise | None
) -> Iterator[Portrait]:
    """Yield the node's interfaces and addresses, if a VM has them or they persist."""
    had = kept.of_node.get(node)
    if had is None or promise is None:
        return
    marks = (*had.nics, *had.public_ips)
    for one in picture.portraits.values():
        if one.born in marks and node_of(one) == node and (promise.network or picture.live[node]):
            yield one


def ends_are_kept(endings: Endings, change: Change) -> Iterator[Breach]:
    """I14: of a node that is deleted goes only what its owner chose, and no sooner than he said."""
    before, after = change.before, change.after
    if before is None:
        return
    found = endings.of(before.born)
    if found is None:
        return
    node, ending = found
    if before.type == VM and after and (after.notice or not after.allocated):
        ending.ran = False
    if (after is None or after.born != before.born) and not ending.may_go(before.type, change.at):
        kept = ending.stays(before.type)
        why = "which was to stay" if kept else "whose time was not over"
        what = f"{name_of(change.id)} of node {node}, {why} when its owner deleted the node,"
        yield Breach("I14", change.at, f"{what} was deleted")


def vm_is_left_alone(endings: Endings, picture: Picture, asked: Asked) -> Iterator[Breach]:
    """I14: a VM that stays when its node is deleted is not stopped; none is brought up.

    Unless to be on demand: then it is made again.
    """
    if asked.caller != SERVICE or not 200 <= asked.status < 300:  # noqa: PLR2004 - HTTP
        return
    yield from _stopped(endings, picture, asked)
    step = STEP.match(asked.request_id)
    ending = endings.of_node.get(step[1]) if step and step[2] == "delete" else None
    if ending is None or (ending.had_vm and ending.wish.on_demand):
        return
    if brings_up(asked):
        what = f"{name_of(asked.resource)} was brought up by the deletion of its node"
        yield Breach("I14", asked.at, what)


def _stopped(endings: Endings, picture: Picture, asked: Asked) -> Iterator[Breach]:
    vm = picture.portraits.get(asked.resource)
    found = endings.of(vm.born) if vm and vm.type == VM else None
    if found is None or not asked.operation.lower().endswith(STOPS):
        return
    node, ending = found
    if ending.stays(VM) and not ending.wish.on_demand:
        what = f"{name_of(asked.resource)} of node {node}, which was to stay when its owner"
        yield Breach("I14", asked.at, f"{what} deleted the node, was stopped")


def ends_are_over(
    endings: Endings,
    picture: Picture,
    gone: frozenset[str],
    now: datetime,
    barred: Collection[str] = (),
) -> Iterator[Breach]:
    """I14: once a deleted node is gone, there is what was to stay, untagged, and nothing else.

    `gone` are the nodes that the product no longer knows. What goes in a time of its own
    (`given_up`) does not count, nor does a NIC that an imported VM was left with; a VM that stays
    runs as it did, on demand if that was asked.
    """
    by_birth = {one.born: one for one in picture.portraits.values()}
    theirs = {nic for born in endings.foreign & by_birth.keys() for nic in by_birth[born].nics}
    for node in sorted(gone & endings.of_node.keys()):
        ending = endings.of_node[node]
        for born, was in {**ending.marked, **ending.own}.items():
            there = by_birth.get(born)
            what = f"{name_of(was.id)} of node {node}, which is deleted,"
            if there and not ending.stays(was.type) and (node_of(there) or was.id not in theirs):
                yield Breach("I14", now, f"{what} was to go and is there")
            if there and ending.stays(was.type) and node_of(there) and was.id not in barred:
                yield Breach("I14", now, f"{what} was to be its owner's and has our tag")
        yield from _kept_vm(node, ending, picture, now)


def _kept_vm(node: str, ending: Ending, picture: Picture, now: datetime) -> Iterator[Breach]:
    vms = [one for one in ending.own.values() if one.type == VM]
    if not vms or not ending.stays(VM):
        return
    was = vms[-1]
    there: Mapping[str, Portrait] = picture.portraits
    vm = there.get(was.id)
    what = f"{name_of(was.id)}, which was to stay when node {node} was deleted,"
    if vm is None:
        yield Breach("I14", now, f"{what} is not there")
        return
    if ending.wish.on_demand and vm.spot:
        yield Breach("I14", now, f"{what} and to be on demand, is a Spot VM")
    if vm.power != "running" and (ending.ran or vm.born != was.born):
        yield Breach("I14", now, f"{what} ran, or was made again, and is {vm.power}")
    if {*vm.disks} != {*was.disks} or vm.nics != was.nics:
        yield Breach("I14", now, f"{what} has other disks or NICs than it had")
