"""Random programs for the sample app's `run_program`, and what they must come to."""

import itertools
import random
from typing import Any

LEAVES = ("activity", "retry", "child", "child_retry", "timer")
ATTEMPTS = 3

Plan = dict[str, Any]


class Programs:
    """One seed, one endless row of programs."""

    def __init__(self, seed: int, *, failures: bool = True) -> None:
        self._failures = failures
        self._rng = random.Random(seed)  # noqa: S311 - a seed to paste
        self._tokens = itertools.count()

    def program(self) -> list[Plan]:
        return [self._statement() for _ in range(self._rng.randint(1, 7))]

    def _statement(self) -> Plan:
        kind = self._rng.choice(["leaf", "leaf", "all", "any", "any", "again"])
        if kind == "again":
            return {"do": "again", "which": self._rng.randrange(9), **self._leaf(may_fail=True)} | {
                "do": "again",
                "keep": False,
            }
        if kind == "leaf":
            return self._leaf(may_fail=True) | {"keep": True}
        # What failed once inside a compound is not waited for again: the SDK forgets its state.
        may_fail = kind == "any" or self._rng.random() < 0.5
        plan = self._compound(kind, depth=2, may_fail=may_fail)
        return plan | {"keep": not may_fail or kind == "any"}

    def _compound(self, kind: str, depth: int, *, may_fail: bool) -> Plan:
        parts = [
            self._part(depth, may_fail=may_fail and (depth == 2))
            for _ in range(self._rng.randint(1, 4))
        ]
        return {"do": kind, "of": parts}

    def _part(self, depth: int, *, may_fail: bool) -> Plan:
        if depth > 0 and self._rng.random() < 0.3:
            return self._compound(self._rng.choice(["all", "any"]), depth - 1, may_fail=False)
        return self._leaf(may_fail=may_fail)

    def _leaf(self, *, may_fail: bool) -> Plan:
        kind = self._rng.choice(LEAVES)
        retried = kind.endswith("retry") and self._failures
        if self._failures and may_fail and self._rng.random() < 0.3:
            failures = ATTEMPTS if retried else 1
        else:
            failures = self._rng.randrange(ATTEMPTS) if retried else 0
        return {
            "do": kind,
            "token": f"t{next(self._tokens)}.",
            "failures": failures,
            "seconds": self._rng.randint(0, 5),
        }


def expected(program: list[Plan]) -> list[Any]:
    """Return the trace a program must leave; None where a race decides."""
    trace: list[Any] = []
    kept: list[Any] = []
    for plan in program:
        if plan["do"] == "again" and kept:
            trace.append(kept[plan["which"] % len(kept)])
            continue
        if plan["do"] == "again":
            trace.append(None)
            continue
        trace.append(_result(plan))
        if plan["keep"]:
            kept.append(trace[-1])
    return trace


def _result(plan: Plan) -> Any:
    if plan["do"] == "timer":
        return "timer"
    if plan["do"] == "any":
        return None
    if plan["do"] == "all":
        results = [_result(part) for part in plan["of"]]
        return "failed" if "failed" in results else results
    limit = ATTEMPTS if plan["do"].endswith("retry") else 1
    return "failed" if plan["failures"] >= limit else "ok"


def fits(wanted: Any, got: Any) -> bool:
    """Whether a trace is what it must be: exact, but for the outcomes of races."""
    if isinstance(wanted, list):
        return (
            isinstance(got, list)
            and len(wanted) == len(got)
            and all(fits(w, g) for w, g in zip(wanted, got, strict=True))
        )
    return "WRONG" not in str(got) if wanted is None else wanted == got
