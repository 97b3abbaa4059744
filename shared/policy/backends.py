"""Which backend pools a node's NIC is to be in, and which of those that it is in are ours to leave.

A NIC that outlives its VM may be in pools that its user joined by hand: they are none of ours. So
the NIC itself says, in a tag, which ones we put it in.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from shared.contracts.node import Claimed
from shared.model.network import LoadBalancer
from shared.model.node import NodeDocument
from shared.model.run import NicRef, Row
from shared.model.wire import from_stored
from shared.names import resource_id

MARK_DIGITS: Final = 8
"""Hex digits by which the tag names a pool: told apart among a NIC's own few pools only. With
those of all the pools that a document may name the tag has 224 of the 256 characters that Azure
allows."""
PROVIDERS: Final = {
    "loadBalancer": "Microsoft.Network/loadBalancers",
    "applicationGateway": "Microsoft.Network/applicationGateways",
}


class Pool(Row):
    """A backend pool that the document names."""

    balancer_id: str
    name: str
    gateway: bool
    """Of an application gateway; else of a load balancer."""

    @property
    def id(self) -> str:
        """Its ARM id."""
        return f"{self.balancer_id}/backendAddressPools/{self.name}"


def pools_of(document: NodeDocument, subscription_id: str) -> tuple[Pool, ...]:
    """Return the pools that the node's VM is to be in, each once."""
    config = document.compute.launch_specification.load_balancers_config
    named = (config.load_balancers if config else None) or ()
    found = {
        pool.id.lower(): pool
        for one in named
        for pool in (_pool(one, name, subscription_id) for name in one.backend_pool_names)
    }
    return tuple(found.values())


def _pool(balancer: LoadBalancer, name: str, subscription_id: str) -> Pool:
    group, kind = balancer.resource_group_name, PROVIDERS[balancer.type]
    return Pool(
        balancer_id=resource_id(subscription_id, group, kind, balancer.name),
        name=name,
        gateway=balancer.type == "applicationGateway",
    )


def is_pooled(node: Claimed, nics: tuple[NicRef, ...]) -> bool:
    """Tell whether NICs are in the pools of the document, as far as we put them there."""
    marks = _marks_of(node)
    return any(nic.is_primary and nic.pool_marks == marks for nic in nics)


def pooled(node: Claimed, nics: tuple[NicRef, ...]) -> tuple[NicRef, ...]:
    """Return NICs that were just put into the pools of the document, and into no others."""
    marks = _marks_of(node)
    return tuple(
        nic.model_copy(update={"pool_marks": marks if nic.is_primary else ""}) for nic in nics
    )


def _marks_of(node: Claimed) -> str:
    pools = pools_of(from_stored(node.document), node.work.subscription_id)
    return tag_of(pool.id for pool in pools)


def joined(present: Iterable[str], wanted: Iterable[str], tag: str) -> tuple[str, ...]:
    """Return the pools to be in: those that are not ours as they are, then all wanted.

    `present` are the ids of the pools that the NIC is in, `tag` is what it says of them.
    """
    wants = {one.lower(): one for one in wanted}
    stay = [one for one in present if one.lower() in wants or not is_marked(one, tag)]
    known = {one.lower() for one in stay}
    return (*stay, *(one for key, one in wants.items() if key not in known))


def left(present: Iterable[str], named: Iterable[str], tag: str) -> tuple[str, ...]:
    """Return the pools to stay in: those that neither the document names nor we joined."""
    names = {one.lower() for one in named}
    return tuple(one for one in present if one.lower() not in names and not is_marked(one, tag))


def is_marked(pool_id: str, tag: str) -> bool:
    """Tell whether the tag says that we joined a pool."""
    return _mark(pool_id) in tag.split()


def tag_of(pool_ids: Iterable[str]) -> str:
    """Return the tag that says that we joined these pools; empty: none."""
    return " ".join(sorted({_mark(one) for one in pool_ids}))


def _mark(pool_id: str) -> str:
    return hashlib.sha256(pool_id.strip("/").lower().encode()).hexdigest()[:MARK_DIGITS]
