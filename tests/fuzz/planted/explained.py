"""Why a mutant may live on: patterns of ids, and reasons in words."""

from fnmatch import fnmatchcase
from typing import Final

EXPLAINED: Final[dict[str, str]] = {}
"""Reason by pattern of a mutant's id; the first that fits counts."""

UNEXPLAINED: Final = "not explained"


def reason(mutant_id: str) -> str:
    """Return why the mutant with this id may live on."""
    fitting = (why for pattern, why in EXPLAINED.items() if fnmatchcase(mutant_id, pattern))
    return next(fitting, UNEXPLAINED)
