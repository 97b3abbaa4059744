"""`python -m tests.fuzz --seeds 2000 --first 1 --minutes 10`, or `--seed 42` to replay one.

`--only imports` (or `features`, `plain`) plays of these seeds only the lives that are so.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.clock import seconds_between, wall_clock
from tests.fuzz.comparing import compare, keep
from tests.fuzz.figures import Figures
from tests.fuzz.life import KINDS, draw
from tests.fuzz.many import outcomes, quiet
from tests.fuzz.outcome import Outcome
from tests.fuzz.play import play
from tests.fuzz.shrink import shrink

LOGS: Final = Path(".local/fuzz")
SHRUNK_MAX: Final = 5
"""Bad lives that are shrunk and told; of the others only the seed."""


def main() -> int:
    """Play; return the exit status: 1 if anything was broken."""
    told = _parser().parse_args()
    quiet()
    if told.seed is not None:
        return _replay(told.seed)
    return _play_many(told)


def _play_many(told: argparse.Namespace) -> int:
    clock = wall_clock()
    began, total, bad = clock.now(), Figures(), []
    lives: dict[int, Figures] = {}
    seeds = range(told.first, told.first + told.seeds)
    chosen = [one for one in seeds if told.only in (None, draw(one).kind)]
    played = outcomes(chosen, told.workers)
    for outcome in played:
        total.add(outcome.figures)
        lives[outcome.life.seed] = outcome.figures
        if outcome.ill:
            bad.append(outcome)
            say(f"seed {outcome.life.seed}: {outcome.ill}: {first_wrong(outcome)}")
        if seconds_between(began, clock.now()) > told.minutes * 60:
            say(f"stopped after {told.minutes:g} minutes")
            break
    played.close()  # type: ignore[attr-defined]
    took_s = seconds_between(began, clock.now())
    last = chosen[total.lives - 1] if total.lives else told.first
    say("", f"seeds {told.first} to {last}{_only(told)}", *total.lines())
    say(f"{took_s:.0f} s, {total.lives / took_s * 60:.0f} lives a minute, {told.workers} workers")
    for outcome in bad[:SHRUNK_MAX]:
        say("", *story(shrink(outcome)))
    say("", f"breaches: {len(bad)}" + "".join(f" {one.life.seed}" for one in bad))
    return 1 if bad or _is_worse(told, lives) else 0


def _is_worse(told: argparse.Namespace, lives: Mapping[int, Figures]) -> bool:
    """Keep the figures, or compare them with those that were kept before, as is asked."""
    if told.keep:
        keep(told.keep, lives)
    said = compare(told.against, lives) if told.against else ""
    if told.against:
        say(f"against {told.against}: {said or 'nothing is worse'}")
    return bool(said)


def _only(told: argparse.Namespace) -> str:
    return f", {told.only} only" if told.only else ""


def _replay(seed: int) -> int:
    outcome = play(draw(seed))
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{seed}.log"
    path.write_bytes(outcome.log)
    say(*story(outcome), "", *outcome.figures.lines(), f"log {outcome.digest} in {path}")
    return 1 if outcome.ill else 0


def first_wrong(outcome: Outcome) -> str:
    """Return the first thing that was wrong."""
    return str(outcome.breaches[0]) if outcome.breaches else outcome.trouble


def story(outcome: Outcome) -> list[str]:
    """Tell a life and how it ended."""
    seed = outcome.life.seed
    wrong = [f"  {breach}" for breach in outcome.breaches]
    wrong += [f"  {outcome.trouble}"] if outcome.trouble else []
    ended = ["and so was broken:", *wrong] if wrong else ["and nothing was broken"]
    return [f"seed {seed}; again: make fuzz SEED={seed}", outcome.life.story(), *ended]


def say(*lines: str) -> None:
    """Print."""
    print(*lines, sep="\n", flush=True)  # noqa: T201 - a program that tells


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many lives")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--minutes", type=float, default=10.0, help="stop after so long")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--only", choices=KINDS, help="of these seeds only lives of a kind")
    parser.add_argument("--keep", type=Path, help="write the figures of the lives to this file")
    parser.add_argument("--against", type=Path, help="compare with a file that --keep wrote")
    parser.add_argument("--seed", type=int, help="replay one life and keep its log")
    return parser


if __name__ == "__main__":
    sys.exit(main())
