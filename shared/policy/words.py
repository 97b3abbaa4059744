"""A decision in words: one line for the node's log."""

from collections import Counter

from shared.model.facts import Decision, Score
from shared.model.market import Market, Rung

_HOW = {
    Rung.START: "start it in place",
    Rung.RESIZE: "resize and start it in place",
    Rung.REATTACH: "create the VM anew on its disks",
    Rung.COPY: "create the VM anew on copied disks",
    Rung.LAUNCH: "create the VM",
}


def story(decision: Decision) -> str:
    """Tell what comes first and why, what comes next, and what was passed over."""
    if not decision.moves:
        return why_nowhere(decision)
    best = decision.scores[0]
    parts = [f"first {place_words(best.market)}: {_way(best)}"]
    if decision.probes:
        parts.append("nothing else is open, so a market that had no room is tried again")
    if len(decision.moves) > 1:
        parts.append(f"then {place_words(decision.moves[1].market)}")
        parts.append(f"{len(decision.moves)} markets in all")
    if decision.exclusions:
        parts.append(f"not open: {_counted(decision)}")
    parts += [f"{one} cannot be read" for one in decision.groups_missing]
    return "; ".join(parts)


def why_nowhere(decision: Decision) -> str:
    """Tell why no market is open."""
    if not decision.exclusions:
        return "no market is open: the configuration names none"
    return f"no market is open: {_counted(decision)}; {decision.exclusions[0].text}"


def place_words(market: Market) -> str:
    """Name a market as a person would."""
    where = f"zone {market.zone}" if market.zone else "no zone"
    reserved = market.reservation.rsplit("/", 1)[-1]
    kept = f", reserved by {reserved}" if reserved else ""
    return f"{market.lifecycle} {market.size} in {where}{kept}"


def _way(score: Score) -> str:
    words = f"{_HOW[score.rung]}, about {score.expected_s:.0f} s"
    if score.market.usd_per_hour:
        words += f" at {score.market.usd_per_hour:g} USD/h"
    return f"{words} ({score.why_not_in_place})" if score.why_not_in_place else words


def _counted(decision: Decision) -> str:
    counts = Counter(one.code for one in decision.exclusions)
    return ", ".join(f"{count} {code}" for code, count in sorted(counts.items()))
