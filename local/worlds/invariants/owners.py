"""I7: nothing is billed that nobody owns."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import Records

GRACE: Final = timedelta(minutes=10)


class Unowned:
    """Since when each resource that nobody owns has been seen so, by birth mark."""

    def __init__(self) -> None:
        self.since: dict[str, datetime] = {}


def nothing_is_unowned(
    unowned: Unowned,
    picture: Picture,
    records: Records,
    now: datetime,
    barred: Collection[str] = (),
) -> Iterator[Breach]:
    """I7: nothing billable is without an owner for more than 10 minutes.

    What carries a node's tag (VMs, disks, snapshots, public IPs; NICs too, since they hold
    addresses) is owned if the node exists and its rows name it, or the running operation has an
    intent for it, or either names the VM or NIC that it belongs to. A node that is gone owns
    nothing: what its user kept is his alone, and carries its tag no more, unless Azure refuses for
    good to change it (`barred`).
    """
    owned = _owned(picture, records)
    for portrait in picture.portraits.values():
        node = node_of(portrait)
        stuck = portrait.id in barred and node not in records.nodes
        if not node or stuck or portrait.id in owned.get(node, ()):
            unowned.since.pop(portrait.born, None)
            continue
        since = unowned.since.setdefault(portrait.born, now)
        if now - since > GRACE:
            whose = f"node {node}" if node in records.nodes else f"node {node}, which is gone,"
            text = f"{name_of(portrait.id)} with the tag of {whose}"
            yield Breach("I7", now, f"{text} has no owner for more than 10 minutes")


def _owned(picture: Picture, records: Records) -> dict[str, set[str]]:
    running = {view.operation: view.id for view in records.nodes.values() if view.operation}
    held = {view.id: set(view.holds) for view in records.nodes.values()}
    for row in records.journal:
        node = running.get(str(row["operation_id"]))
        if node:
            held[node].add(str(row["target"]).lower())
    return {node: _reached(picture, names) for node, names in held.items()}


def _reached(picture: Picture, named: set[str]) -> set[str]:
    """Return what is named, and what that uses: disks, NICs, their addresses."""
    reached = set(named)
    for held in named:
        portrait = picture.portraits.get(held)
        if portrait:
            reached.update(disk for _, disk in portrait.disks)
            reached.update(portrait.nics)
    for held in list(reached):
        portrait = picture.portraits.get(held)
        if portrait:
            reached.update(portrait.public_ips)
    return reached
