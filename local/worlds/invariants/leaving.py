"""I14, at the moment at which a node's deletion is written down as done.

What its owner keeps is found by our tags as long as they are on: whoever rebuilds our records from
Azure would take it back. And a node that is on its way out needs something that ends it.
"""

from collections.abc import Collection, Iterator
from datetime import datetime

from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.endings import Endings
from local.worlds.invariants.picture import Picture, node_of
from local.worlds.invariants.promises import Records

ON_ITS_WAY = "DEALLOCATING"


def leaving_is_over(
    endings: Endings,
    picture: Picture,
    records: Records,
    now: datetime,
    barred: Collection[str] = (),
) -> Iterator[Breach]:
    """I14: a node whose deletion has ended has let go of what stays, and keeps what is to go.

    It has ended if the node is gone, or is DEALLOCATING and no operation runs on it. What the node
    keeps still was given up before, and goes in a time of its own. What Azure refuses for good to
    change (`barred`) keeps its tags.
    """
    for node, ending in endings.of_node.items():
        view = records.nodes.get(node)
        if view and (view.status != ON_ITS_WAY or view.operation):
            continue
        if view and not view.retained:
            text = f"node {node} is {view.status}, and nothing is left that could end it"
            yield Breach("I14", now, text)
        there = {one.born: one for one in picture.portraits.values()}
        for born, was in {**ending.marked, **ending.own}.items():
            one = there.get(born)
            own_time = view is not None and one is not None and one.id in view.retained
            if one is None or own_time or one.id in barred:
                continue
            if ending.stays(was.type) and node_of(one) == node:
                what = f"{name_of(one.id)} of node {node}, whose deletion has ended,"
                yield Breach("I14", now, f"{what} is its owner's and has our tag still")
