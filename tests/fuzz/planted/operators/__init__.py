"""The kinds of mistakes, in the order of the table."""

from typing import Final

from tests.fuzz.planted.operators.decision import DECISION
from tests.fuzz.planted.operators.found import FOUND
from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.operators.reads import READS
from tests.fuzz.planted.operators.refusals import REFUSALS
from tests.fuzz.planted.operators.steps import STEPS
from tests.fuzz.planted.operators.writes import WRITES

OPERATORS: Final[tuple[Operator, ...]] = (
    *WRITES,
    *READS,
    *REFUSALS,
    *STEPS,
    *DECISION,
    FOUND,
)

__all__ = ["OPERATORS", "Operator"]
