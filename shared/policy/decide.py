"""Decide where a node goes next: which markets, in which order, by which rung.

Strategy first (odWindows, preferredLifecycle), then preferred sizes, then the preferred zone, then
the score. Pure: the same inputs give the same decision, byte for byte.
"""

import hashlib
from dataclasses import replace
from itertools import groupby
from typing import Final

from shared.model.facts import Decision, DecisionInputs, Exclusion, Reason, Score
from shared.model.market import Market, Move, Rung
from shared.policy.candidates import candidates
from shared.policy.exclude import why_excluded
from shared.policy.footing import MARKETS_MAX
from shared.policy.rungs import Standing
from shared.policy.score import order, weigh
from shared.policy.shun import next_ask, probes

OTHER_LIFECYCLE_MIN: Final = 3
"""Places kept for the lifecycle that comes second: a long list of Spot markets must not leave
on-demand untried."""
ONE_ZONE_MAX: Final = 4
"""Moves within one zone before another zone with open markets has its turn: zones fill whole."""
RESIZES_MAX: Final = 4
"""Resizes of one VM in one plan. Each takes two update tokens (resize, start) of the twelve that
Azure grants a VM at once; with a plain start that is 9, under four fifths of the bucket.
Source: Azure docs, compute-throttling-limits."""
LEFT_OVER_KEPT: Final = 20
"""Open markets beyond the bound whose scores are kept: enough to see what nearly came, few enough
that a decision between hundreds of sizes stays a small row."""
IN_PLACE: Final = frozenset({Rung.START, Rung.RESIZE})


def decide(inputs: DecisionInputs) -> Decision:
    """Rank the open markets and plan the moves; without any, say when to ask again."""
    exclusions, open_markets = _sort_out(inputs)
    probed: tuple[Market, ...] = ()
    if not open_markets:
        shunned = tuple(one.market for one in exclusions if one.code is Reason.SHUNNED)
        open_markets = probed = probes(shunned, inputs)
        exclusions = tuple(one for one in exclusions if one.market not in probed)
    moves, scores = _plan(open_markets, inputs)
    ask = None if moves else next_ask(inputs.now, inputs.attempt, inputs.memory)
    return Decision(
        moves=moves,
        scores=scores,
        exclusions=exclusions,
        probes=probed,
        groups_missing=inputs.groups_missing,
        inputs_digest=digest_of(inputs),
        next_ask_at=ask,
    )


def digest_of(inputs: DecisionInputs) -> str:
    """Return the sha256 of the inputs as they are stored."""
    return hashlib.sha256(inputs.model_dump_json().encode()).hexdigest()


def _sort_out(inputs: DecisionInputs) -> tuple[tuple[Exclusion, ...], tuple[Market, ...]]:
    exclusions: list[Exclusion] = []
    open_markets: list[Market] = []
    for market in candidates(inputs):
        why = why_excluded(market, inputs)
        if why is None:
            open_markets.append(market)
        else:
            exclusions.append(Exclusion(market=market, code=why[0], text=why[1]))
    return tuple(exclusions), tuple(open_markets)


def _plan(
    markets: tuple[Market, ...], inputs: DecisionInputs
) -> tuple[tuple[Move, ...], tuple[Score, ...]]:
    """Choose the best market from where the node stands, again and again.

    Each move changes the standing: once a VM is given up, nothing can be started in place.
    """
    standing, moves, scores = Standing(inputs.body), list[Move](), list[Score]()
    rest = _shortlist(markets, inputs)
    while rest:
        weighed = sorted(
            (weigh(market, inputs, standing) for market in rest), key=lambda one: order(one[0])
        )
        score, way = weighed[_turn([one[0] for one in weighed], scores)]
        moves.append(
            Move(
                market=score.market,
                rung=score.rung,
                expected_s=way.expected_s,
                loses=way.loses,
                cost=score.cost,
            )
        )
        scores.append(score)
        rest.remove(score.market)
        standing = _after(standing, moves)
    left_over = _left_over(markets, moves, inputs)
    return tuple(moves), (*scores, *left_over)


def _shortlist(markets: tuple[Market, ...], inputs: DecisionInputs) -> list[Market]:
    """Return the markets that get a try: the best of each lifecycle, within MARKETS_MAX."""
    ranked = _ranked(markets, inputs)
    groups = [list(group) for _, group in groupby(ranked, key=lambda one: one.tier[0])]
    chosen: list[Score] = []
    for index, group in enumerate(groups):
        kept = sum(min(OTHER_LIFECYCLE_MIN, len(later)) for later in groups[index + 1 :])
        chosen += _spread(group, MARKETS_MAX - len(chosen) - kept)
    return [score.market for score in chosen]


def _spread(scores: list[Score], most: int) -> list[Score]:
    """Take the best, no zone more than ONE_ZONE_MAX times while others have open markets."""
    chosen: list[Score] = []
    rest = list(scores)
    while rest and len(chosen) < most:
        chosen.append(rest.pop(_turn(rest, chosen)))
    return chosen


def _turn(ranked: list[Score], before: list[Score]) -> int:
    """Return which of the ranked comes next: the first whose zone is not yet used up.

    Only within the first tier's lifecycle: Spot is never skipped for the sake of a zone.
    """
    used = [one.market.zone for one in before if one.tier[0] == ranked[0].tier[0]]
    for index, score in enumerate(ranked):
        same_lifecycle = score.tier[0] == ranked[0].tier[0]
        if same_lifecycle and used.count(score.market.zone) < ONE_ZONE_MAX:
            return index
    return 0


def _after(standing: Standing, moves: list[Move]) -> Standing:
    if moves[-1].rung not in IN_PLACE:
        return replace(standing, body=None)
    resizes = sum(move.rung is Rung.RESIZE for move in moves)
    return replace(standing, may_resize=resizes < RESIZES_MAX)


def _ranked(markets: tuple[Market, ...], inputs: DecisionInputs) -> list[Score]:
    standing = Standing(inputs.body)
    return sorted((weigh(market, inputs, standing)[0] for market in markets), key=order)


def _left_over(
    markets: tuple[Market, ...], moves: list[Move], inputs: DecisionInputs
) -> tuple[Score, ...]:
    tried = {move.market for move in moves}
    ranked = _ranked(tuple(one for one in markets if one not in tried), inputs)
    return tuple(ranked[:LEFT_OVER_KEPT])
