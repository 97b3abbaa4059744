"""How a life went."""

import builtins
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from local.worlds.invariants import Breach
from tests.fuzz import steps
from tests.fuzz.aimed import Trapped
from tests.fuzz.figures import Figures
from tests.fuzz.life import Life
from tests.fuzz.refused import Refused


@dataclass
class Outcome:
    """How a life went."""

    life: Life
    breaches: list[Breach] = field(default_factory=list)
    digest: str = ""
    log: bytes = b""
    virtual_s: float = 0.0
    figures: Figures = field(default_factory=Figures)
    trouble: str = ""
    """An exception that ended the life early: as bad as a breach."""

    @property
    def ill(self) -> str:
        """What is wrong with it in one word (`I1`, `L`, `crash`), empty if nothing is."""
        return self.breaches[0].invariant if self.breaches else "crash" if self.trouble else ""


ERRORS: Final = re.compile(r"\b([A-Z]\w*Error): .*")
"""How a row tells of an exception that ended an operation."""


def bug_in(told: str) -> str:
    """Return the exception of Python that a row tells of: Azure and the product have their own."""
    raised = ERRORS.search(told)
    is_bug = raised and (raised[1] == "ValidationError" or hasattr(builtins, raised[1]))
    return raised[0] if raised and is_bug else ""


NO_POOL: Final = re.compile(r"of the pool [a-z ]+: *$")
"""A line of the log about a pool of addresses that has none: nobody gave such a pool."""


def told_of_no_pool(lines: Iterable[str]) -> str:
    """Return a line that complains about a pool which the document does not have."""
    return next((one for one in lines if NO_POOL.search(one)), "")


def refuses_extensions(life: Life) -> bool:
    """Tell whether an extension may have been refused: then a VM is up without it, and says so."""
    for_good = (step for step in life.steps if isinstance(step, Refused))
    return any("extensions" in step.operation for step in for_good) or any(
        isinstance(step, steps.Fault)
        and step.kind in ("refuse", "fail")
        and (step.operation == steps.ANYTHING or "extensions" in step.operation)
        for step in life.steps
    )


def faults_of(life: Life) -> Counter[str]:
    """Count what went wrong by design."""
    kinds: Counter[str] = Counter()
    for step in life.steps:
        if isinstance(step, steps.Fault):
            kinds[step.kind] += step.times
        if isinstance(step, steps.HostKilled):
            kinds[f"killed {step.moment}"] += 1
        if isinstance(step, steps.Disturbed | Trapped):
            kinds[step.kind] += step.times
    return kinds
