"""The table: which kinds of mistakes are seen."""

from collections.abc import Sequence
from typing import Final

from tests.fuzz.planted.explained import reason
from tests.fuzz.planted.operators import OPERATORS
from tests.fuzz.planted.trial import CAUGHT, SURVIVED, Trial

ENOUGH: Final = 0.95
"""Share of the mutants that change behaviour that must be caught."""


def harmless(trial: Trial) -> bool:
    """Tell whether a mutant lives on because it breaks no promise."""
    return trial.outcome == SURVIVED and reason(trial.mutant.id).harmless


def share(trials: Sequence[Trial]) -> float:
    """Return the part caught of those that change behaviour to no good; 1 if none does."""
    changed = [one for one in trials if one.changed and not harmless(one)]
    caught = [one for one in changed if one.outcome == CAUGHT]
    return len(caught) / len(changed) if changed else 1.0


def table(trials: Sequence[Trial]) -> list[str]:
    """Return the table's lines, by operator."""
    rows: list[tuple[str, ...]] = [("operator", "made", "changed", "harmless", "caught", "share")]
    for operator in OPERATORS:
        mine = [one for one in trials if one.mutant.operator == operator.name]
        if mine:
            rows.append(_row(f"{operator.name}: {operator.what}", mine))
    rows.append(_row("all", trials))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(_cell(*cell) for cell in zip(row, widths, strict=True)) for row in rows]


def _row(name: str, trials: Sequence[Trial]) -> tuple[str, ...]:
    changed = sum(one.changed for one in trials)
    caught = sum(one.outcome == CAUGHT for one in trials)
    counts = (len(trials), changed, sum(map(harmless, trials)), caught)
    return name, *map(str, counts), f"{share(trials):.1%}" if changed else "-"


def _cell(text: str, width: int) -> str:
    return text.rjust(width) if text[:1].isdigit() or text == "-" else text.ljust(width)


def survivors(trials: Sequence[Trial]) -> list[str]:
    """Return a few lines for each mutant that changes behaviour and is not caught."""
    lines: list[str] = []
    for one in sorted((one for one in trials if one.outcome == SURVIVED), key=harmless):
        why = reason(one.mutant.id)
        word = "harmless" if why.harmless else "reason"
        lines += [f"{one.mutant.id}: {one.mutant.what}", f"  {one.told()}", f"  {word}: {why.why}"]
    return lines
