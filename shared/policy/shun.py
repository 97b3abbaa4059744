"""Memory of refusals: which markets are passed over, and which are tried all the same.

A refusal reaches as far as its scope (shared/failures.py) and lasts until `shunned_until`. A node
for which nothing else is open need not stay down so long: with each ask it may knock again at a
few markets whose last refusal is older than its own wait.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from shared.failures import Scope
from shared.model.facts import DecisionInputs, SizeFacts
from shared.model.market import Market, MarketMemory
from shared.policy.candidates import size_named

ASK_FIRST_S: Final = 30.0
"""First wait of a node for which no market is open. A refused create costs Azure and us a call."""
ASK_MAX_S: Final = 900.0
"""Longest wait between two asks: a quarter of an hour of needless downtime at worst."""
PROBES_MAX: Final = 2
"""Shunned markets tried per ask: enough to notice that room is back, few enough that a thousand
waiting nodes do not drive Azure's write budget."""


def shunning(market: Market, inputs: DecisionInputs) -> MarketMemory | None:
    """Return the memory that rules a market out for longest, or None."""
    reaching = [
        memory
        for memory in inputs.memory
        if memory.shunned_until and memory.shunned_until > inputs.now
        if reaches(memory, market, inputs.sizes)
    ]
    return max(reaching, key=lambda one: (one.shunned_until or inputs.now, one.size), default=None)


def reaches(memory: MarketMemory, market: Market, sizes: tuple[SizeFacts, ...]) -> bool:
    """Tell whether a refusal of one market speaks about another."""
    if memory.lifecycle is not market.lifecycle:
        return False
    same_size = memory.size.casefold() == market.size.casefold()
    same_zone = memory.zone == market.zone
    match memory.scope or Scope.SIZE_IN_ZONE:
        case Scope.LIFECYCLE:
            return same_size or _as_large(memory, market, sizes, any_family=True)
        case Scope.FAMILY:
            return same_size or _as_large(memory, market, sizes)
        case Scope.FAMILY_IN_ZONE:
            return same_zone and (same_size or _as_large(memory, market, sizes))
        case Scope.SIZE:
            return same_size
        case _:
            return same_size and same_zone


def probes(shunned: tuple[Market, ...], inputs: DecisionInputs) -> tuple[Market, ...]:
    """Return the shunned markets worth another try, longest ago refused first; at most PROBES_MAX.

    None at a node's first ask: it waits once before it knocks where others were refused. And none
    once this ask has tried its markets: it knocks once, then waits again.
    """
    if inputs.attempt < 1 or inputs.knocked:
        return ()
    quiet = inputs.now - timedelta(seconds=ask_delay_s(inputs.attempt - 1))
    refused = [(_last_refusal(market, inputs), market) for market in shunned]
    worth = [(at, market) for at, market in refused if at <= quiet]
    worth.sort(key=lambda one: (one[0], one[1].size, one[1].zone or "", one[1].lifecycle))
    return tuple(market for _, market in worth[:PROBES_MAX])


def ask_delay_s(attempt: int) -> float:
    """Return how long to wait after `attempt` asks in a row that found nothing: doubling."""
    return min(ASK_FIRST_S * 2.0 ** min(attempt, 10), ASK_MAX_S)


def next_ask(now: datetime, attempt: int, memory: Iterable[MarketMemory] = ()) -> datetime:
    """Return when to ask again: the back-off, or the earliest end of a shun if that is sooner."""
    ends = [one.shunned_until for one in memory if one.shunned_until and one.shunned_until > now]
    return min([now + timedelta(seconds=ask_delay_s(attempt)), *ends])


def _last_refusal(market: Market, inputs: DecisionInputs) -> datetime:
    reaching = [one for one in inputs.memory if reaches(one, market, inputs.sizes)]
    known = [one.last_failure_at for one in reaching if one.last_failure_at]
    return max(known, default=inputs.now - timedelta(days=1))


def _as_large(
    memory: MarketMemory, market: Market, sizes: tuple[SizeFacts, ...], *, any_family: bool = False
) -> bool:
    refused = size_named(sizes, memory.size)
    if refused is None or not market.vcpus:
        return False
    same = any_family or refused.family.casefold() == market.family.casefold()
    return same and market.vcpus >= refused.vcpus
