"""Why a mutant may live on: patterns of ids, and reasons in words."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final


@dataclass(frozen=True)
class Reason:
    """Why the mutants whose ids match a pattern are not caught."""

    pattern: str
    why: str
    harmless: bool = False
    """True: it breaks no promise, so there is nothing to see, and it does not count."""


REASONS: Final[tuple[Reason, ...]] = ()
"""The first that fits counts."""

UNEXPLAINED: Final = Reason("*", "not explained")


def reason(mutant_id: str) -> Reason:
    """Return why the mutant with this id may live on."""
    fitting = (one for one in REASONS if fnmatchcase(mutant_id, one.pattern))
    return next(fitting, UNEXPLAINED)
