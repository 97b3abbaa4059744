"""Weigh an open market: price against expected loss, blended by availabilityVsCost.

The score is price^(1-w) x loss^w. Loss is in seconds: what the way there takes, risks and loses,
and what our own memory of the market gives reason to expect. w goes from 0.1 (all for cost) to 0.9
(all for availability), so that neither side ever ceases to count. Lower is better; only the order
inside one tier means anything.
"""

from datetime import datetime
from typing import Final

from shared.model.facts import DecisionInputs, Score
from shared.model.market import Market, MarketMemory
from shared.model.run import Lifecycle
from shared.policy.candidates import size_named
from shared.policy.exclude import OVER_SPOT, wants_od_first
from shared.policy.rungs import Standing, Way, way_to

WEIGHT_MIN: Final = 0.1
WEIGHT_MAX: Final = 0.9

EVICTED_AGAIN_S: Final = 40.0
"""Ours: a market that evicted us just now may do it again, and each time costs about 120 s (65 s
going down, a start, a boot), with a chance of about a third."""
EVICTED_HALF_LIFE_S: Final = 6 * 3_600.0
"""Ours: shortages last hours. Half of the suspicion is gone after six."""
NO_ROOM_S: Final = 15.0
"""Ours: a market that refused just now refuses again every other time; a try costs about 30 s."""
NO_ROOM_HALF_LIFE_S: Final = 3_600.0
"""As long as a refusal is shunned for."""
UNPRICED_FACTOR: Final = 2.0
"""A market without a published price counts as so many times the dearest known one."""


def weigh(market: Market, inputs: DecisionInputs, standing: Standing) -> tuple[Score, Way]:
    """Return how a market ranks from where the node stands, and the way there.

    The market is known to the catalogue: it was not excluded.
    """
    size = size_named(inputs.sizes, market.size)
    if size is None:
        raise LookupError(f"{market.size} is not among the sizes of the decision")
    way = way_to(market, size, inputs, standing)
    price = _price(market, inputs)
    memory_s = remembered_s(market, inputs)
    weight = WEIGHT_MIN + (WEIGHT_MAX - WEIGHT_MIN) * inputs.wishes.availability_vs_cost / 100
    loss_s = way.expected_s + way.risk_s + way.loss_s + memory_s
    score = Score(
        market=market,
        rung=way.rung,
        tier=_tier(market, inputs),
        usd_per_hour=price,
        expected_s=way.expected_s,
        risk_s=way.risk_s,
        loss_s=way.loss_s,
        memory_s=memory_s,
        cost=round(price ** (1 - weight) * loss_s**weight, 9),
        why_not_in_place=way.why_not_in_place,
    )
    return score, way


def order(score: Score) -> tuple[tuple[int, int, int], float, str, str, str]:
    """Return the key that scores are sorted by: tier, cost, then names, so that ties never turn."""
    market = score.market
    return score.tier, score.cost, market.size, market.zone or "", market.lifecycle


def remembered_s(market: Market, inputs: DecisionInputs) -> float:
    """Return the seconds of loss that our own past there gives reason to expect."""
    total = 0.0
    for memory in inputs.memory:
        if not _same(memory, market):
            continue
        total += EVICTED_AGAIN_S * _fading(memory.last_eviction_at, inputs, EVICTED_HALF_LIFE_S)
        failed, worked = memory.last_failure_at, memory.last_success_at
        if failed and not (worked and worked > failed):
            total += NO_ROOM_S * _fading(failed, inputs, NO_ROOM_HALF_LIFE_S)
    return round(total, 3)


def _fading(at: datetime | None, inputs: DecisionInputs, half_life_s: float) -> float:
    if at is None:
        return 0.0
    age_s = max(0.0, (inputs.now - at).total_seconds())
    return float(0.5 ** (age_s / half_life_s))


def _same(memory: MarketMemory, market: Market) -> bool:
    return (
        memory.size.casefold() == market.size.casefold()
        and memory.zone == market.zone
        and memory.lifecycle is market.lifecycle
    )


def _tier(market: Market, inputs: DecisionInputs) -> tuple[int, int, int]:
    wishes = inputs.wishes
    first = Lifecycle.OD if wants_od_first(inputs) else Lifecycle.SPOT
    preferred = {name.casefold() for name in wishes.preferred_sizes}
    likes_size = market.lifecycle is Lifecycle.OD or market.size.casefold() in preferred
    likes_zone = wishes.preferred_zone is None or market.zone == wishes.preferred_zone
    if market.reservation and wishes.reserved == OVER_SPOT:
        return -1, 0, int(not likes_zone)
    likes = -1 if market.reservation else int(not likes_size)
    return int(market.lifecycle is not first), likes, int(not likes_zone)


def _price(market: Market, inputs: DecisionInputs) -> float:
    if market.usd_per_hour:
        return market.usd_per_hour
    known = [one.usd_per_hour for one in inputs.prices]
    return UNPRICED_FACTOR * max(known, default=0.5)
