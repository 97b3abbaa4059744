"""I10: what is made is what was asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import Change
from local.arm.portrait import OS, VM, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, is_up, node_of
from local.worlds.invariants.promises import Asked
from local.worlds.invariants.versions import Copies

LATE: Final = timedelta(minutes=15)
"""So long before a VM appears it may have been asked for: a call may be so late."""

WINDOWS_NAME: Final = 15
"""Characters of a host name there. Source: NetBIOS."""


@dataclass
class Orders:
    """What the owner of one node has asked of its VMs."""

    documents: list[tuple[Asked, datetime | None]] = field(default_factory=list)
    """Each with the moment at which another took its place; None: it is in force."""
    attached: dict[str, int] = field(default_factory=dict)
    """Size in GiB of the disks that were to be attached, by lower-case id."""
    marks: set[str] = field(default_factory=set)
    """Birth marks of those disks."""
    slots: set[str] = field(default_factory=set)
    """Slots in which a VM, up or down, has had such a disk: what comes after it is a copy."""
    appeared: dict[str, datetime] = field(default_factory=dict)
    """When each VM was first seen, by birth mark."""
    judged: set[str] = field(default_factory=set)
    """Birth marks of the VMs and disks that have come up before."""
    on_demand: bool = False
    """The VM is to go on on demand, in its own size or another that the document names."""

    def ask(self, asked: Asked, now: datetime) -> None:
        """Take a document that replaces the one before it."""
        self.documents = [(one, until or now) for one, until in self.documents]
        self.documents.append((asked, None))

    def for_vm(self, vm: Portrait, now: datetime) -> list[Asked]:
        """Return the documents that a VM may have been made from.

        Each VM is made from the one that is in force then; one that was up before may be older.
        """
        since = self.appeared.get(vm.born, now) - LATE
        if vm.born in self.judged:
            return [one for one, _ in self.documents]
        return [one for one, until in self.documents if until is None or until >= since]


@dataclass(frozen=True)
class Slots:
    """Which slots of data disks a VM must have, and may have."""

    must: frozenset[str]
    may: frozenset[str]


def what_is_made_was_asked_for(
    picture: Picture, change: Change, orders: Orders, copies: Copies
) -> Iterator[Breach]:
    """I10: a VM that comes up has the size, zone, disks and addresses that its document asks for.

    The document is one that was in force when the VM was made: what is edited holds from the next
    launch on. Data disks that the owner attached come besides, those that he detached do not. A
    disk that is new is as large as was asked. What the VM is called inside is its name, or both
    ends of it where Windows has room for no more.
    """
    vm = change.after
    if vm is None or vm.type != VM:
        if vm and vm.id in orders.attached:
            orders.marks.add(vm.born)
        return
    orders.appeared.setdefault(vm.born, change.at)
    orders.slots |= {
        slot
        for slot, disk in _disks(picture, vm).items()
        if orders.marks.intersection(copies.origins(disk.born))
    }
    if not is_up(vm) or is_up(change.before) or not orders.documents:
        return
    wrong = [
        [
            *_of_size(vm, one, orders),
            *_wrong(picture, vm, one, _slots(vm, one, orders, copies)),
            *_sized(picture, vm, one, orders),
        ]
        for one in orders.for_vm(vm, change.at)
    ]
    least = min(wrong, key=len)
    orders.judged |= {vm.born, *(one.born for one in _disks(picture, vm).values())}
    for what in least:
        yield Breach("I10", change.at, f"{name_of(vm.id)} of node {node_of(vm)} {what}")


def _of_size(vm: Portrait, asked: Asked, orders: Orders) -> Iterator[str]:
    named = asked.spot_sizes if vm.spot else asked.od_sizes
    if vm.size not in (asked.sizes if orders.on_demand else named):
        yield f"is a {'Spot' if vm.spot else 'on-demand'} {vm.size}, which nobody asked for"


def _slots(vm: Portrait, asked: Asked, orders: Orders, copies: Copies) -> Slots:
    """Return the data disks that a VM is to have.

    Where they persist: what the document orders and nobody detached, what the VM before had, what
    was attached. Where not, a new VM has what the document orders; the same one what it had too.
    """
    node = node_of(vm)
    had = frozenset(copies.heads.get(node, {})) - {OS}
    attached = frozenset(orders.slots)
    doubted = copies.farewells.doubted(node)
    asked_for = frozenset(slot for of, slot in copies.farewells.open if of == node) | doubted
    if asked.data_persists or orders.on_demand:
        left = copies.left_empty(node)
        ordered = asked.luns - left
        return Slots(ordered - asked_for, ordered | had | attached | asked.afresh | doubted)
    if vm.born in orders.judged:
        return Slots(asked.luns - asked_for - copies.left_empty(node), asked.luns | had | attached)
    return Slots(asked.luns - doubted, asked.luns)


def _sized(picture: Picture, vm: Portrait, asked: Asked, orders: Orders) -> Iterator[str]:
    wanted = dict(asked.sizes_gib)
    for slot, disk in _disks(picture, vm).items():
        if disk.source or disk.born in orders.judged or not disk.size_gib:
            continue
        size_gib = orders.attached.get(disk.id, wanted.get(slot, disk.size_gib))
        if disk.size_gib != size_gib:
            yield f"has a disk of {disk.size_gib} GiB in slot {slot} in place of {size_gib}"


def _is_own_name(vm: Portrait) -> bool:
    name, computer = name_of(vm.id), vm.computer.lower()
    if len(computer) > WINDOWS_NAME:
        return name.startswith(computer)
    ends = computer.partition("-")[0], computer.rpartition("-")[2]
    return name.startswith(computer) or (name.startswith(ends[0]) and name.endswith(ends[1]))


def _disks(picture: Picture, vm: Portrait) -> dict[str, Portrait]:
    there = picture.portraits
    return {slot: there[disk] for slot, disk in vm.disks if disk in there}


def _wrong(picture: Picture, vm: Portrait, asked: Asked, slots: Slots) -> Iterator[str]:
    if not _is_own_name(vm):
        yield f"calls itself {vm.computer}"
    if vm.zone not in asked.zones:
        yield f"is in zone {vm.zone or 'none'}, which nobody asked for"
    luns = frozenset(slot for slot, _ in vm.disks if slot != OS)
    if not slots.must <= luns <= slots.may:
        yield f"has data disks {sorted(luns)} in place of {sorted(slots.must)}"
    yield from _of_network(picture, vm, asked)


def _of_network(picture: Picture, vm: Portrait, asked: Asked) -> Iterator[str]:
    nics = [picture.portraits[one] for one in vm.nics if one in picture.portraits]
    configurations = tuple(sorted(len(nic.addresses) for nic in nics))
    if asked.configurations and configurations != asked.configurations:
        yield f"has NICs of {configurations} addresses in place of {asked.configurations}"
    yield from _of_pools(picture, vm, asked, nics)
    public = sum(len(nic.public_ips) for nic in nics)
    if public != asked.public_ips:
        yield f"has {public} public addresses in place of {asked.public_ips}"
    for name in (one for nic in nics for one in nic.public_ips):
        address = picture.portraits.get(name)
        if address and address.zones and node_of(address) and not asked.zones <= {*address.zones}:
            yield f"has an address of zones {address.zones}, which does not outlive the others"


def _of_pools(
    picture: Picture, vm: Portrait, asked: Asked, nics: Sequence[Portrait]
) -> Iterator[str]:
    """An address is of its pool while the pool has one that nobody else ever had."""
    marks = {nic.born for nic in nics}
    has = {address for nic in nics for address in nic.addresses}
    for pool in asked.own_addresses:
        free = sorted(one for one in pool if picture.holders[one] <= marks)
        if free and not has & pool:
            yield f"has no address of its pool, of which nobody ever had {free[0]}"
    public = tuple(one for nic in nics for one in nic.public_ips)
    for pool in asked.own_public:
        ends = tuple(pool)
        serving = (one for one in picture.portraits.values() if one.id.endswith(ends))
        left = [one.id for one in serving if _serves(one, vm) and picture.holders[one.id] <= marks]
        if left and not any(one.endswith(ends) for one in public):
            yield f"has no public address of its pool, of which nobody ever had {name_of(left[0])}"


def _serves(address: Portrait, vm: Portrait) -> bool:
    """Tell whether an address may be of a VM: one of a single zone serves that zone only."""
    return len(address.zones) != 1 or vm.zone in address.zones
