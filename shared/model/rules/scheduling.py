"""Rules of the node's own schedule."""

from collections.abc import Iterator

from shared.model.problems import Code, Problem
from shared.model.rules.facts import Facts
from shared.model.schedule import comes


def tasks_come(facts: Facts) -> Iterator[Problem]:
    """Each task has a moment: one that never comes is a mistake that nobody would notice.

    A rule and no check of the text itself: a schedule that is stored stays readable.
    """
    for loc, one in facts.each("scheduling.tasks"):
        expression = one.get("cronExpression")
        if expression is not None and not comes(expression):
            message = "never comes: none of its months has such a day"
            yield Problem((*loc, "cronExpression"), Code.VALUE, message)
