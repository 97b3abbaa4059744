"""I3: persisted interfaces, addresses and names stay with their node."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from local.arm.chronicle import Change
from local.arm.portrait import ADDRESS, NIC, VM, Portrait
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, is_up, node_of
from local.worlds.invariants.promises import Promise


@dataclass(frozen=True)
class Belongings:
    """What a node's VM had when it was last up."""

    name: str
    """Empty: any will do."""
    nics: tuple[str, ...]
    """Birth marks, in the VM's order."""
    private_addresses: tuple[str, ...]
    public_ips: tuple[str, ...]
    """Birth marks."""
    public_addresses: tuple[str, ...]


class Kept:
    """What each node is to keep."""

    def __init__(self) -> None:
        self.of_node: dict[str, Belongings] = {}
        self.holder: dict[str, str] = {}
        """Node by birth mark of each NIC and public IP."""

    def note(self, node: str, belongings: Belongings) -> None:
        """Remember what the node has now."""
        self.of_node[node] = belongings
        for mark in (*belongings.nics, *belongings.public_ips):
            self.holder[mark] = node

    def inherit(self, node: str, picture: Picture, vm: Portrait) -> None:
        """Take it that a node is to have the NICs and addresses of a VM, under another name."""
        self.note(node, replace(_belongings(picture, vm), name=""))


def belongings_are_kept(
    kept: Kept, picture: Picture, change: Change, promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    """I3: a persisted NIC, address or name is not released outside delete.

    What a node's VM had when it was up is the node's from then on: its NICs and public IPs are not
    deleted, their addresses do not change, and the next VM comes up with the same ones, under the
    same name where that is promised. Nodes that are not in `promises` are past that.
    """
    before, after = change.before, change.after
    if before and before.type in (NIC, ADDRESS):
        yield from _of_network(kept, change, promises)
    if after and after.type == VM and is_up(after) and not is_up(before) and node_of(after):
        yield from _came_up(kept, picture, (after, change.at), promises)


def _of_network(kept: Kept, change: Change, promises: Mapping[str, Promise]) -> Iterator[Breach]:
    before, after = change.before, change.after
    node = kept.holder.get(before.born, "") if before else ""
    promise = promises.get(node)
    if before is None or promise is None or not promise.network:
        return
    what = "NIC" if before.type == NIC else "public IP"
    whose = f"{what} {name_of(before.id)} of node {node}"
    if before.born not in (kept.of_node[node].nics + kept.of_node[node].public_ips):
        return
    if after is None or after.born != before.born:
        yield Breach("I3", change.at, f"{whose} was deleted")
    elif after.addresses != before.addresses:
        changed = f"{_list(before.addresses)} to {_list(after.addresses)}"
        yield Breach("I3", change.at, f"{whose} changed its address from {changed}")
    elif after.public_ips != before.public_ips:
        yield Breach("I3", change.at, f"{whose} lost its public IP or got another")


def _came_up(
    kept: Kept, picture: Picture, up: tuple[Portrait, datetime], promises: Mapping[str, Promise]
) -> Iterator[Breach]:
    vm, now = up
    node = node_of(vm)
    has, had = _belongings(picture, vm), kept.of_node.get(node)
    kept.note(node, has)
    promise = promises.get(node)
    if had is None or promise is None:
        return
    whose = f"{name_of(vm.id)} of node {node} came up with"
    if promise.name and had.name and has.name != had.name:
        yield Breach("I3", now, f"{whose} another name than {had.name}")
    if not promise.network:
        return
    if has.nics != had.nics:
        yield Breach("I3", now, f"{whose} other NICs than the VM before it")
    if has.private_addresses != had.private_addresses:
        pair = f"{_list(has.private_addresses)} in place of {_list(had.private_addresses)}"
        yield Breach("I3", now, f"{whose} {pair}")
    if has.public_addresses != had.public_addresses or has.public_ips != had.public_ips:
        pair = f"{_list(has.public_addresses)} in place of {_list(had.public_addresses)}"
        yield Breach("I3", now, f"{whose} {pair}")


def _belongings(picture: Picture, vm: Portrait) -> Belongings:
    nics = [picture.portraits[nic] for nic in vm.nics if nic in picture.portraits]
    wanted = [one for nic in nics for one in nic.public_ips]
    public = [picture.portraits[one] for one in wanted if one in picture.portraits]
    return Belongings(
        name=name_of(vm.id),
        nics=tuple(nic.born for nic in nics),
        private_addresses=tuple(one for nic in nics for one in nic.addresses),
        public_ips=tuple(one.born for one in public),
        public_addresses=tuple(one for address in public for one in address.addresses),
    )


def _list(addresses: tuple[str, ...]) -> str:
    return ", ".join(addresses) or "none"
