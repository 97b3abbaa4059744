"""Whether the NICs at hand suit a market, and what is asked for if they do not."""

from shared.contracts.nic import EnsureNics
from shared.contracts.node import Claimed
from shared.model.market import Market
from shared.model.persistence import Persistence
from shared.model.run import NicRef, RunState
from shared.names import is_made_nic
from shared.policy.footing import Footing, next_generation


def nics_wanted(node: Claimed, now_on: Footing, market: Market) -> EnsureNics | None:
    """Return the request for NICs that suit a market; None: those at hand do.

    Without any, those of the document are made. While the node has a VM, its NICs are asked for
    nothing but what would be refused.
    """
    if now_on.nics and all(_suits(nic, market, now_on) for nic in now_on.nics):
        return None
    return EnsureNics(
        work=node.work.at(f"nics-{now_on.tries}", 55),
        generation=next_generation(node.run),
        zone=market.zone,
        accelerated=market.accelerated,
        existing=now_on.nics,
    )


def _suits(nic: NicRef, market: Market, now_on: Footing) -> bool:
    """Tell whether a NIC can serve a VM there, as well as the size allows."""
    if nic.accelerated and market.accelerated is False:
        return False
    if now_on.vm_id:
        return True
    serves = nic.public_ip_zone in (None, market.zone)
    return serves and market.accelerated in (None, nic.accelerated)


def kept_zone(run: RunState, persistence: Persistence, root: str) -> str | None:
    """Return the one zone that a public address serves which the node must keep; None: any.

    An address is kept once a VM of a node with persistent network has had it; one that came with an
    imported VM, from the first. `root`: what the names of the node's own NICs begin with.
    """
    if not persistence.should_persist_network:
        return None
    kept = [nic for nic in run.nics if run.generation or not is_made_nic(root, nic.name)]
    return next((nic.public_ip_zone for nic in kept if nic.public_ip_zone), None)
