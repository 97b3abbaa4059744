"""I12: a node's VM is in the backend pools of its document, and what it has given up is in none."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from local.arm.portrait import NIC
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, is_up, node_of
from local.worlds.invariants.promises import Asked, NodeView


def pools_are_as_asked(
    picture: Picture,
    nodes: Mapping[str, NodeView],
    asked: Mapping[str, Sequence[Asked]],
    now: datetime,
) -> Iterator[Breach]:
    """I12: an ACTIVE node on which nothing is under way is in its pools, and no other NIC of it is.

    Of several documents, by edits, one must fit: an edit takes effect with the next VM. What the
    node only keeps until its time comes is left alone. A node without a VM is in no pool at all;
    one whose VM is down, by an eviction or a stop, keeps its places.
    """
    for view in nodes.values():
        if view.operation or view.status not in ("ACTIVE", "PAUSED"):
            continue
        vm = picture.portraits.get(view.told.vm) if view.told else None
        if vm is None and view.told:
            continue  # somebody deleted it: that is for those who look for evictions
        nics = vm.nics if vm else ()
        yield from _given_up(picture, view, nics, now)
        if view.status != "ACTIVE" or not is_up(vm) or vm is None or node_of(vm) != view.id:
            continue
        known = [picture.portraits[one] for one in nics if one in picture.portraits]
        has = {_end(pool) for nic in known for pool in nic.pools}
        wanted = [one.pools for one in asked.get(view.id, ())]
        if wanted and has not in wanted:
            text = f"{name_of(vm.id)} of node {view.id} is in {_list(has)} in place of"
            yield Breach("I12", now, f"{text} {_list(wanted[-1])}")


def _given_up(
    picture: Picture, view: NodeView, nics: tuple[str, ...], now: datetime
) -> Iterator[Breach]:
    for one in picture.portraits.values():
        if one.type != NIC or not one.pools or one.id in nics or one.id in view.retained:
            continue
        if node_of(one) == view.id:
            text = f"{name_of(one.id)}, which no VM of node {view.id} has, is in"
            yield Breach("I12", now, f"{text} {_list({_end(pool) for pool in one.pools})}")


def _end(pool: str) -> str:
    return pool.rpartition("/resourcegroups/")[2]


def _list(pools: frozenset[str] | set[str]) -> str:
    return ", ".join(sorted(one.split("/", 4)[-1] for one in pools)) or "none"
