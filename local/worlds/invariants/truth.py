"""I9: what is shown of a node is so."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from local.arm.portrait import DISK, VM, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import NodeView, Told

RESTS: Final = frozenset({"PAUSED", "STOPPED"})
NOTHING: Final[frozenset[str]] = frozenset()
Shown = tuple[str, str, str]
"""A disk as it is shown: slot, id, zone."""
Hands = Collection[str]
"""Disks that were taken off by hand."""


def what_is_shown_is_so(
    picture: Picture,
    nodes: Mapping[str, NodeView],
    now: datetime,
    by_hand: Hands = NOTHING,
) -> Iterator[Breach]:
    """I9: the rows of a node that is ACTIVE and on which nothing is under way are Azure's facts.

    Size, zone, lifecycle, disks by slot, NICs and addresses (of a NIC the first one), and the image
    that Azure names, of the VM that they name; that VM was made and is the node's, and has no disk
    besides. A VM that is gone, or made by another under its name since, is the business of those
    who look for evictions. Disks that a person took off in Azure (`by_hand`) may be shown still.
    """
    for view in nodes.values():
        vm = picture.portraits.get(view.told.vm) if view.told else None
        if vm is None or view.told is None or view.status != "ACTIVE" or view.operation:
            continue
        told = replace(view.told, disks=_without(view.told.disks, by_hand))
        is_own = node_of(vm) == view.id
        wrong = _differences(picture, vm, told, by_hand) if is_own else _tag(vm, told)
        for one in wrong:
            yield Breach("I9", now, f"{name_of(vm.id)} of node {view.id} is shown {one}")


def disks_are_where_they_are_shown(
    picture: Picture, nodes: Mapping[str, NodeView], now: datetime
) -> Iterator[Breach]:
    """I9: the disks of a node that rests are shown in the zone that they are in.

    A disk that is not there is the business of those who look for lost copies.
    """
    for view in nodes.values():
        if view.operation or view.status not in RESTS:
            continue
        for disk, zone in sorted(view.disks):
            there = picture.portraits.get(disk)
            if there is not None and there.zone != zone:
                what = f"{name_of(disk)} of node {view.id} is shown in zone {zone or 'none'}"
                yield Breach("I9", now, f"{what}, and is in {there.zone or 'none'}")


def what_is_gone_is_not_shown(
    picture: Picture, nodes: Mapping[str, NodeView], now: datetime
) -> Iterator[Breach]:
    """I9: a node that is recycled shows its old VM no more once its next one is there.

    What is shown is counted as used: a VM that is gone would cost for as long as the next one takes
    to come up. What an import keeps for a time is not the next one.
    """
    for view in nodes.values():
        told = view.told
        if told is None or view.status != "RECYCLING" or not view.busy_since:
            continue
        if not told.since or told.since >= view.busy_since:
            continue
        shown = picture.portraits.get(told.vm)
        others = [one for one in _vms_of(picture, view) if one.born != told.born]
        if others and (shown is None or shown.born != told.born):
            what = f"{name_of(told.vm)} of node {view.id} is shown and counted as used"
            yield Breach("I9", now, f"{what}, and is gone: {name_of(others[0].id)} is there")


def _vms_of(picture: Picture, view: NodeView) -> Iterator[Portrait]:
    for one in picture.portraits.values():
        if one.type == VM and node_of(one) == view.id and one.id not in view.retained:
            yield one


def _tag(vm: Portrait, told: Told) -> Iterator[str]:
    if told.born and told.born == vm.born:
        yield "as its own, and does not carry its tag"


def _without(disks: frozenset[Shown], by_hand: Hands) -> frozenset[Shown]:
    return frozenset(one for one in disks if one[1] not in by_hand)


def _differences(picture: Picture, vm: Portrait, told: Told, by_hand: Hands) -> Iterator[str]:
    so = _so(picture, told)
    so = replace(so, disks=_without(so.disks, by_hand))
    for name in ("size", "zone", "spot", "disks", "nics", "addresses"):
        shown, is_ = getattr(told, name), getattr(so, name)
        if shown != is_:
            yield f"with {name} {_list(shown)}, and has {_list(is_)}"
    if so.image and told.image != so.image:
        yield f"as made from {told.image or 'nothing'}, and was made from {so.image}"
    if vm.born not in picture.made:
        yield "as up, and was never made: Azure says that it has failed"
    listed = {disk for _, disk in vm.disks}
    for disk in picture.portraits.values():
        if disk.type == DISK and vm.id in disk.owners and disk.id not in listed:
            yield f"without {name_of(disk.id)}, which it has not let go of"


def _so(picture: Picture, told: Told) -> Told:
    vm = picture.portraits[told.vm]
    nics = [picture.portraits[one] for one in vm.nics if one in picture.portraits]
    public = [one for nic in nics for one in nic.public_ips]
    holders = [*nics, *(picture.portraits[one] for one in public if one in picture.portraits)]
    return Told(
        vm=vm.id,
        size=vm.size,
        zone=vm.zone,
        spot=vm.spot,
        disks=frozenset((*one, _zone(picture, one[1])) for one in vm.disks),
        nics=frozenset(vm.nics),
        addresses=frozenset(one for holder in holders for one in holder.addresses[:1]),
        image=vm.image,
    )


def _zone(picture: Picture, disk: str) -> str:
    return picture.portraits[disk].zone if disk in picture.portraits else ""


def _list(value: object) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
