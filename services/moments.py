"""Dates in the query of a call: ISO 8601 or Unix milliseconds."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from shared.model.problems import Code, FieldError

EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(5_000, 1, 1, tzinfo=UTC)
"""Beyond these, dates are taken for these: nothing is older, and keys reach no further."""
_YEAR_DIGITS: Final = 4
_DATE_DIGITS: Final = 8


def parse_span(
    query: Mapping[str, str], errors: list[FieldError]
) -> tuple[datetime, datetime] | None:
    """Return fromDate and toDate; None where `errors` now says what is wrong with them."""
    from_, to = (_moment(query, name, errors) for name in ("fromDate", "toDate"))
    if from_ is None or to is None:
        return None
    if from_ > to:
        errors.append(FieldError(Code.CONFLICT, "must not be after toDate", "fromDate"))
        return None
    return from_, to


def _moment(query: Mapping[str, str], name: str, errors: list[FieldError]) -> datetime | None:
    text = query.get(name)
    if not text:
        errors.append(FieldError(Code.REQUIRED, "is required", name))
        return None
    try:
        return min(max(_read(text.strip()), EARLIEST), LATEST)
    except (ValueError, OverflowError, OSError):
        message = "must be an ISO 8601 date or Unix milliseconds"
        errors.append(FieldError(Code.VALUE, message, name))
        return None


def _read(text: str) -> datetime:
    """Read a date. Eight digits are a date (20260131), a bare year is none."""
    if text.isascii() and text.isdigit() and len(text) not in (_YEAR_DIGITS, _DATE_DIGITS):
        return datetime.fromtimestamp(int(text[:20]) / 1_000, UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:  # a plus that nobody encoded arrives as a blank
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
