"""`python -m tests.fuzz.planted`: plant each mutant, and see whether a life goes wrong by it.

`--only PATTERN --tell SEED` replays one life with one mutant, and tells it.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Final

from tests.fuzz.planted.child import Order
from tests.fuzz.planted.mutants import Mutant, mutants, planted
from tests.fuzz.planted.operators.found import lost
from tests.fuzz.planted.reference import Reference, reference
from tests.fuzz.planted.table import ENOUGH, share, survivors, table
from tests.fuzz.planted.trial import CAUGHT, Effort, Trial, trials
from tests.fuzz.planted.workers import Job, done, warm

LINES_TOLD: Final = 12
"""Of two logs, from where they part."""


def main() -> int:
    """Plant; return the exit status: 1 if too few of the mutants are caught."""
    told = _parser().parse_args()
    found = mutants(told.only)
    if told.list:
        say(*(f"{one.id}: {one.what}" for one in found), f"{len(found)} mutants")
        return 0
    warm()
    if told.tell is not None:
        return _tell(found[0], told.tell)
    # In an order by chance, always the same: what a run cut short has tried is a fair sample.
    random.Random(0).shuffle(found)  # noqa: S311 - chance
    sound = reference(told.seeds, {one.module for one in mutants()}, told.workers)
    _say_reference(sound)
    tried: list[Trial] = []
    for trial in trials(found, sound, Effort(told.workers, told.minutes, told.lives)):
        tried.append(trial)
        say(f"{trial.mutant.id}: {trial.told()}")
    return _sum_up(tried)


def _say_reference(sound: Reference) -> None:
    ill = sound.ill
    say(f"{len(sound.lives)} lives without a mutant; ill by themselves: {len(ill)} {ill or ''}")


def _sum_up(tried: Sequence[Trial]) -> int:
    by_invariant = Counter(one.last.ill for one in tried if one.last and one.outcome == CAUGHT)
    outcomes = Counter(one.outcome for one in tried)
    say("", *table(tried), "")
    say("caught by: " + ", ".join(f"{name} {n}" for name, n in by_invariant.most_common()))
    say(", ".join(f"{name} {count}" for name, count in outcomes.most_common()))
    say("", *(survivors(tried) or ["no survivors"]))
    for bug in lost():
        say(f"cannot be planted any more: {bug.module}/found/{bug.name}")
    return 0 if share(tried) >= ENOUGH else 1


def _tell(mutant: Mutant, seed: int) -> int:
    """Play one life with and without a mutant; tell how it went and where the logs part."""
    orders = (Order({}, (seed,), whole=True), Order(planted(mutant), (seed,), whole=True))
    sound, ill = (next(done([Job(None, order)], 1)).lived[-1] for order in orders)
    say(f"{mutant.id}: {mutant.what}", "", ill.story, "")
    say(f"without it: {sound.sentence or 'nothing was broken'}")
    say(f"with it: {ill.sentence or 'nothing was broken'}", "")
    logs = [one.log.decode().splitlines() for one in (sound, ill)]
    pairs = enumerate(zip(*logs, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), None)
    if at is None:
        say("the logs are equal")
        return 0
    for name, log in zip(("without", "with"), logs, strict=True):
        say(f"{name}:", *(f"  {line}" for line in log[at : at + LINES_TOLD]))
    return 1 if ill.ill else 0


def say(*lines: str) -> None:
    """Print."""
    print(*lines, sep="\n", flush=True)  # noqa: T201 - a program that tells


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.planted", description=__doc__)
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    parser.add_argument("--only", nargs="+", default=["*"], help="ids, as shell patterns")
    parser.add_argument("--seeds", type=int, default=500, help="lives to choose from")
    parser.add_argument("--lives", type=int, default=500, help="at most for each mutant")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--minutes", type=float, default=240.0, help="begin none after so long")
    parser.add_argument("--tell", type=int, metavar="SEED", help="tell one life with one mutant")
    return parser


if __name__ == "__main__":
    sys.exit(main())
