"""I14 beforehand: what is not a node's is its owner's, and stays."""

from collections.abc import Iterator

from local.arm.chronicle import SERVICE, Asked
from local.worlds.invariants.breach import Breach, name_of
from local.worlds.invariants.picture import Picture, node_of


def what_is_not_a_nodes_stays(picture: Picture, asked: Asked) -> Iterator[Breach]:
    """I14: the product deletes nothing that does not say that it is a node's.

    An address of its owner's pool, a disk that was let go of: whatever once served a node.
    """
    there = picture.portraits.get(asked.resource)
    deletes = asked.caller == SERVICE and asked.method == "DELETE" and asked.status // 100 == 2  # noqa: PLR2004 - HTTP
    if deletes and there is not None and there.born == asked.was and not node_of(there):
        text = f"{name_of(asked.resource)}, which is no node's, is deleted"
        yield Breach("I14", asked.at, text)
