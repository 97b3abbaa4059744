"""What is wrong with a document, told field by field."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    """Why a field was refused."""

    REQUIRED = "REQUIRED_FIELD"
    UNKNOWN = "UNKNOWN_FIELD"
    TYPE = "INVALID_TYPE"
    VALUE = "INVALID_VALUE"
    RANGE = "OUT_OF_RANGE"
    CONFLICT = "CONFLICTING_FIELDS"
    IMMUTABLE = "IMMUTABLE_FIELD"
    LOCKED = "LOCKED_FIELD"
    NOT_SERVED = "NOT_SERVED_IN_THIS_VERSION"


@dataclass(frozen=True)
class FieldError:
    """One problem. `message` never repeats what the client sent: it may be a secret."""

    code: str
    message: str
    field: str
    """Path in the client's own spelling, such as `statefulNode.compute.zones[0]`."""


class Rejected(Exception):  # noqa: N818 - it is an answer, not a fault
    """A document with problems: all of them."""

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = tuple(errors)
        super().__init__("; ".join(f"{error.field}: {error.message}" for error in self.errors))


Loc = tuple[str | int, ...]
"""Where a value is, in the names of the stored document."""


@dataclass(frozen=True)
class Problem:
    """One problem, before its place is spelled as the client spelled it."""

    loc: Loc
    code: Code
    message: str
