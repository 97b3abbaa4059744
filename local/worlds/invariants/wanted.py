"""I10: what is made is what was asked for."""

from collections.abc import Iterator, Sequence

from local.arm.chronicle import Change
from local.arm.portrait import OS, VM, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, is_up, node_of
from local.worlds.invariants.promises import Asked


def what_is_made_was_asked_for(
    picture: Picture, change: Change, asked: Sequence[Asked]
) -> Iterator[Breach]:
    """I10: a VM that comes up has the size, zone, disks and addresses of one of its documents.

    `asked` are the node's documents so far: one that was edited while a VM was made fits too.
    """
    vm = change.after
    if vm is None or vm.type != VM or not is_up(vm) or is_up(change.before) or not asked:
        return
    wrong = [list(_wrong(picture, vm, one)) for one in asked]
    least = min(wrong, key=len)
    for what in least:
        yield Breach("I10", change.at, f"{name_of(vm.id)} of node {node_of(vm)} {what}")


def _wrong(picture: Picture, vm: Portrait, asked: Asked) -> Iterator[str]:
    if vm.size not in (asked.spot_sizes if vm.spot else asked.od_sizes):
        yield f"is a {'Spot' if vm.spot else 'on-demand'} {vm.size}, which nobody asked for"
    if vm.zone not in asked.zones:
        yield f"is in zone {vm.zone or 'none'}, which nobody asked for"
    luns = frozenset(slot for slot, _ in vm.disks if slot != OS)
    if luns != asked.luns:
        yield f"has data disks {sorted(luns)} in place of {sorted(asked.luns)}"
    nics = [picture.portraits[one] for one in vm.nics if one in picture.portraits]
    public = sum(len(nic.public_ips) for nic in nics)
    if public != asked.public_ips:
        yield f"has {public} public addresses in place of {asked.public_ips}"
    for name in (one for nic in nics for one in nic.public_ips):
        address = picture.portraits.get(name)
        if address and address.zones and node_of(address) and not asked.zones <= {*address.zones}:
            yield f"has an address of zones {address.zones}, which does not outlive the others"
