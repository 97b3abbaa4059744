"""Quotas of the region against what a market would take."""

from typing import Final

from shared.model.facts import DecisionInputs, QuotaFacts, Reason, SizeFacts
from shared.model.market import Market
from shared.model.run import Lifecycle
from shared.policy.candidates import size_named

SPOT_CORES: Final = "lowPriorityCores"
"""One pool for all Spot families, apart from the on-demand ones. Source: Azure docs, spot-vms."""
ALL_CORES: Final = "cores"
"""All on-demand families together."""


def over_quota(
    market: Market, size: SizeFacts, inputs: DecisionInputs
) -> tuple[Reason, str] | None:
    """Return which quota the market would exceed, or None.

    Deallocated VMs keep counting, so what the node's own VM holds is given back first. Reserved
    capacity has taken its quota already. Source: Azure docs, capacity-reservation-overview.
    """
    if market.reservation:
        return None
    if market.lifecycle is Lifecycle.SPOT:
        pools = [(Reason.QUOTA_SPOT, SPOT_CORES)]
    else:
        pools = [(Reason.QUOTA_FAMILY, size.family), (Reason.QUOTA_TOTAL, ALL_CORES)]
    for reason, pool in pools:
        quota = _named(inputs.quotas, pool)
        if quota is None:
            continue
        free = quota.limit - quota.used + _given_back(pool, inputs)
        if size.vcpus > free:
            text = f"{quota.name}: {max(free, 0)} of {quota.limit} vCPUs free, {size.vcpus} needed"
            return reason, text
    return None


def _named(quotas: tuple[QuotaFacts, ...], name: str) -> QuotaFacts | None:
    return next((one for one in quotas if one.name.casefold() == name.casefold()), None)


def _given_back(pool: str, inputs: DecisionInputs) -> int:
    body = inputs.body
    size = size_named(inputs.sizes, body.size) if body else None
    if body is None or size is None:
        return 0
    if body.lifecycle is Lifecycle.SPOT:
        return size.vcpus if pool == SPOT_CORES else 0
    mine = {ALL_CORES.casefold(), size.family.casefold()}
    return size.vcpus if pool.casefold() in mine else 0
