"""I9: what is shown of a node is so."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import NodeView, Told


def what_is_shown_is_so(
    picture: Picture, nodes: Mapping[str, NodeView], now: datetime
) -> Iterator[Breach]:
    """I9: the rows of a node that is ACTIVE and on which nothing is under way are Azure's facts.

    Size, zone, lifecycle, disks by slot, NICs and addresses (of a NIC the first one) of the VM that
    they name; a VM that is gone or another's is the business of those who look for evictions.
    """
    for view in nodes.values():
        vm = picture.portraits.get(view.told.vm) if view.told else None
        if vm is None or view.told is None or view.status != "ACTIVE" or view.operation:
            continue
        if node_of(vm) != view.id:
            continue
        so = _so(picture, view.told)
        for name in ("size", "zone", "spot", "disks", "nics", "addresses"):
            shown, is_ = getattr(view.told, name), getattr(so, name)
            if shown != is_:
                text = f"{name_of(vm.id)} of node {view.id} is shown with {name} {_list(shown)}"
                yield Breach("I9", now, f"{text}, and has {_list(is_)}")


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
    )


def _zone(picture: Picture, disk: str) -> str:
    return picture.portraits[disk].zone if disk in picture.portraits else ""


def _list(value: object) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, frozenset) else str(value)
