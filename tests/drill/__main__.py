"""`python -m tests.drill --minutes 5 --seed 1`: exit status 1 on a breach."""

import argparse
import asyncio
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from local.worlds.situations import named
from tests.drill.drill import SPEED, Plan, Report, drill

RULES = {
    "I1": "a disk is attached to at most one VM",
    "I2": "the last good copy of a persisted disk is never deleted or passed over",
    "I3": "persisted NIC, address and name stay with the node",
    "I4": "at most one live VM per node",
    "I5": "a reported stop is never undone, a reported eviction always mended",
    "I6": "every write journalled first; a repeat has no other effect",
    "I7": "nothing billable without an owner for more than 10 minutes",
    "I8": "no throttle bucket past 80 %",
    "L": "all nodes back once the trouble was over",
}
SHOWN = 40
"""Breaches printed in full."""


def _arguments() -> tuple[Plan, Path | None]:
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0, help="wall minutes of killing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", default="eviction_storm", help="what goes on meanwhile")
    parser.add_argument("--dir", type=Path, help="keep the stack's state and logs here")
    told = parser.parse_args()
    try:
        situation = named(told.world)
    except ValueError as error:
        parser.exit(2, f"{error}\n")
    return Plan(told.minutes, told.seed, situation), told.dir


def _print(console: Console, plan: Plan, report: Report) -> None:
    figures = Table(title=f"Crash drill, seed {plan.seed}, {plan.situation.name}")
    figures.add_column("")
    figures.add_column("", justify="right")
    back = "never" if report.converged_s is None else f"{report.converged_s:.0f} s"
    for what, value in (
        ("minutes of killing", f"{plan.minutes:g}"),
        ("simulated seconds a second", f"{SPEED:g}"),
        ("nodes", report.nodes),
        ("kill -9 of the host", report.kills),
        ("evictions", report.evictions),
        ("VMs that came up", report.launches),
        ("writes to Azure", report.writes),
        ("all back after the trouble, simulated", back),
    ):
        figures.add_row(what, str(value))
    console.print(figures)
    counted = Counter(breach.invariant for breach in report.breaches)
    verdict = Table()
    for heading in ("", "what must hold", "breaches"):
        verdict.add_column(heading)
    for invariant, rule in RULES.items():
        verdict.add_row(invariant, rule, str(counted[invariant]))
    console.print(verdict)
    for breach in report.breaches[:SHOWN]:
        console.print(str(breach), style="red", soft_wrap=True, highlight=False)
    if report.breaches:
        again = f"make drill MINUTES={plan.minutes:g} SEED={plan.seed}"
        console.print(f"{len(report.breaches)} breaches; the same weather again: {again}")


def main() -> int:
    console = Console()
    plan, directory = _arguments()
    with tempfile.TemporaryDirectory(prefix="mooring-drill-") as scratch:
        where = directory or Path(scratch) / "stack"
        report = asyncio.run(drill(plan, where.resolve(), console.print))
    _print(console, plan, report)
    return 1 if report.breaches or report.converged_s is None else 0


if __name__ == "__main__":
    sys.exit(main())
