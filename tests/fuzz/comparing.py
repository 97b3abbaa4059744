"""The figures of lives kept in a file, and the same lives compared with them later."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.fuzz.effort import wasted
from tests.fuzz.figures import Figures


@dataclass(frozen=True)
class Counted:
    """What was counted in one life, read back."""

    writes: Mapping[str, int]
    counts: Mapping[str, int]
    recovery_s: Sequence[float]


def keep(path: Path, lives: Mapping[int, Figures]) -> None:
    """Write the figures of lives, by seed."""
    path.write_text(json.dumps({seed: _row(one) for seed, one in lives.items()}), "utf-8")


def compare(path: Path, lives: Mapping[int, Figures]) -> str:
    """Say what these lives take more of, or serve worse, than those that were kept; empty: nothing.

    Of seeds that both have. OSError or ValueError if the file is none that `keep` wrote.
    """
    kept = {int(seed): Counted(**row) for seed, row in json.loads(path.read_text("utf-8")).items()}
    both = sorted(kept.keys() & lives.keys())
    if not both:
        raise ValueError(f"{path} has none of these seeds")
    return wasted([kept[seed] for seed in both], [lives[seed] for seed in both])


def _row(figures: Figures) -> dict[str, Any]:
    return {
        "writes": dict(figures.writes),
        "counts": dict(figures.counts),
        "recovery_s": figures.recovery_s,
    }
