"""What the API's log call asks for, and what it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from services.node_views import rfc3339
from shared.model.problems import Code, FieldError, Rejected
from shared.model.run import LogEntry

LIMIT: Final = 500
LIMIT_MAX: Final = 1_000
"""Source of both: the published API."""
SCAN_MAX: Final = 5_000
"""Entries read to find those of one resource: ten pages, so that a call stays a call."""
SEVERITIES: Final = ("DEBUG", "INFO", "WARN", "ERROR")
MILLISECONDS_MIN: Final = 4
"""More digits than this are Unix milliseconds; a bare year is no date."""


@dataclass(frozen=True)
class LogQuery:
    """One reading of a node's log."""

    from_: datetime
    to: datetime
    severity: str | None = None
    resource_id: str | None = None
    limit: int = LIMIT
    with_data: bool = False
    """Ours: the structured part of decisions, too."""

    def keeps(self, entry: LogEntry) -> bool:
        """Tell whether an entry is about the resource asked for."""
        wanted = self.resource_id
        return not wanted or (entry.resource_id or "").casefold() == wanted.casefold()


def parse_log_query(query: Mapping[str, str]) -> LogQuery:
    """Return the query of a log call. Raises `Rejected` with every parameter that is wrong."""
    errors: list[FieldError] = []
    from_, to = (_moment(query, name, errors) for name in ("fromDate", "toDate"))
    severity = (query.get("severity") or "ALL").upper()
    if severity not in (*SEVERITIES, "ALL"):
        text = f"must be one of {', '.join(SEVERITIES)}, ALL"
        errors.append(FieldError(Code.VALUE, text, "severity"))
    limit = _limit(query.get("limit"), errors)
    if from_ and to and from_ > to:
        errors.append(FieldError(Code.CONFLICT, "must not be after toDate", "fromDate"))
    if errors or from_ is None or to is None:
        raise Rejected(errors)
    return LogQuery(
        from_,
        to,
        None if severity == "ALL" else severity,
        query.get("resourceId") or None,
        limit,
        query.get("include") == "data",
    )


def entry_view(entry: LogEntry, query: LogQuery) -> dict[str, Any]:
    """Return an entry as clients read it."""
    shown: dict[str, Any] = {
        "message": entry.message,
        "severity": entry.severity,
        "createdAt": rfc3339(entry.at),
    }
    if query.with_data and entry.data is not None:
        shown["data"] = entry.data
    return shown


def _limit(text: str | None, errors: list[FieldError]) -> int:
    if not text:
        return LIMIT
    if text.isascii() and text.isdigit() and int(text) <= LIMIT_MAX:
        return int(text)
    message = f"must be a whole number from 0 to {LIMIT_MAX}"
    errors.append(FieldError(Code.RANGE, message, "limit"))
    return LIMIT


def _moment(query: Mapping[str, str], name: str, errors: list[FieldError]) -> datetime | None:
    text = query.get(name)
    if not text:
        errors.append(FieldError(Code.REQUIRED, "is required", name))
        return None
    try:
        if text.isascii() and text.isdigit() and len(text) > MILLISECONDS_MIN:
            return datetime.fromtimestamp(int(text) / 1_000, UTC)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except (ValueError, OverflowError, OSError):
        message = "must be an ISO 8601 date or Unix milliseconds"
        errors.append(FieldError(Code.VALUE, message, name))
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
