"""Compare the simulator with recorded exchanges: `python -m tests.fidelity.compare DIRECTORY`.

Each file is replayed against a fresh simulator, in order. Compared are status codes, the headers by
which operations are followed, error codes and texts (ids and times aside), and the structure of
bodies. What differs must have a reason in `explained.py`, or the comparison fails.
"""

import dataclasses
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fidelity import differences, explained, situations
from tests.fidelity.recordings import Exchange, Trace, traces
from tests.fidelity.replay import Replay, Reply, runs


@dataclass
class Verdict:
    """How one exchange came out."""

    exchange: Exchange
    differences: list[str] = field(default_factory=list)
    """Without a reason."""
    explained: list[str] = field(default_factory=list)
    not_covered: str | None = None
    """Why it was not compared."""

    @property
    def column(self) -> str:
        """The column of the table that counts it."""
        if self.not_covered:
            return "not covered"
        if self.differences:
            return "differing"
        return "explained" if self.explained else "matched"


COLUMNS = ("matched", "explained", "differing", "not covered")


def compare(trace: Trace) -> list[Verdict]:
    """Replay a file; return a verdict for each exchange."""
    if not trace.in_order:
        return [_compare_alone(exchange) for exchange in trace.exchanges]
    replay = Replay()
    return [_compare_one(replay, exchange) for exchange in trace.exchanges]


def _compare_alone(exchange: Exchange) -> Verdict:
    """Compare an error that was taken out of its trace: its situation is made first."""
    reason = explained.not_covered(exchange) or situations.missing(exchange)
    if reason:
        return Verdict(exchange, not_covered=reason)
    replay = Replay()
    body = situations.make(replay, exchange)
    return _compare_one(replay, dataclasses.replace(exchange, body=body or exchange.body))


def _compare_one(replay: Replay, exchange: Exchange) -> Verdict:
    reason = explained.not_covered(exchange)
    if reason:
        if exchange.method == "PUT" and "/deployments/" in exchange.path:
            return _deploy(replay, exchange, reason)
        return Verdict(exchange, not_covered=reason)
    reply = replay.send(exchange)
    if reply is None:
        return Verdict(exchange, not_covered="poll of an operation that was not begun here")
    here = dataclasses.replace(exchange, answer=replay.here(exchange.answer))
    return _judge(exchange, _differences(here, reply))


def _deploy(replay: Replay, exchange: Exchange, reason: str) -> Verdict:
    """Make what a template makes: what follows needs it."""
    refused = [reply for reply in replay.deploy(exchange) if reply.status >= 300]
    found = [f"resource of a template refused: {reply.body}" for reply in refused]
    return _judge(exchange, found) if found else Verdict(exchange, not_covered=reason)


def _judge(exchange: Exchange, found: list[str]) -> Verdict:
    verdict = Verdict(exchange)
    for difference in found:
        known = explained.reason(exchange, difference)
        (verdict.explained if known else verdict.differences).append(difference)
    return verdict


def _differences(exchange: Exchange, reply: Reply) -> list[str]:
    if exchange.is_poll and runs(exchange.answer, exchange.status):
        over = not runs(reply.body, reply.status)
        return ["duration: still running in the recording, over here"] if over else []
    found = []
    if exchange.status != reply.status:
        found.append(f"status {exchange.status} recorded, {reply.status} here")
    found += differences.headers(exchange, reply.headers)
    found += differences.errors(exchange.error, reply.error)
    if exchange.error is None and reply.error is None:
        found += differences.bodies(exchange.answer, reply.body)
    return found


def table(results: dict[str, list[Verdict]]) -> Iterator[str]:
    """Yield the lines of a table: one file a line."""
    yield f"{'recording':<62}" + "".join(f"{name:>13}" for name in COLUMNS)
    total: Counter[str] = Counter()
    for name, verdicts in results.items():
        counts = Counter(verdict.column for verdict in verdicts)
        total += counts
        yield f"{name[:60]:<62}" + "".join(f"{counts[column]:>13}" for column in COLUMNS)
    yield f"{'total':<62}" + "".join(f"{total[column]:>13}" for column in COLUMNS)


def unexplained(results: dict[str, list[Verdict]]) -> Iterator[str]:
    """Yield each difference that has no reason."""
    for name, verdicts in results.items():
        for verdict in verdicts:
            for difference in verdict.differences:
                yield f"{name}#{verdict.exchange.number} {verdict.exchange.op}: {difference}"


def main(directory: Path) -> int:
    """Print table and unexplained differences; return their number, 1 at most."""
    results = {trace.name: compare(trace) for trace in traces(directory)}
    print("\n".join(table(results)))  # noqa: T201 - a tool for the terminal
    left = list(unexplained(results))
    print("\n".join(left) or "no unexplained difference")  # noqa: T201
    return min(1, len(left))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
