"""What the API's log call asks for, and what it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from services.moments import parse_span
from services.node_views import rfc3339
from shared.model.problems import Code, FieldError, Rejected
from shared.model.run import LogEntry

LIMIT: Final = 500
LIMIT_MAX: Final = 1_000
"""Source of both: the published API."""
_LIMIT_DIGITS: Final = 9
SCAN_MAX: Final = 5_000
"""Entries read to find those of one resource: ten pages, so that a call stays a call."""
SEVERITIES: Final = ("DEBUG", "INFO", "WARN", "ERROR")


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


def parse_log_query(query: Mapping[str, str], node_id: str) -> LogQuery:
    """Return the query of a log call. Raises `Rejected` with every parameter that is wrong.

    Clients also give the node's own id as resourceId: that is every line of its log.
    """
    errors: list[FieldError] = []
    span = parse_span(query, errors)
    severity = (query.get("severity") or "ALL").upper()
    if severity not in (*SEVERITIES, "ALL"):
        text = f"must be one of {', '.join(SEVERITIES)}, ALL"
        errors.append(FieldError(Code.VALUE, text, "severity"))
    limit = _limit(query.get("limit"), errors)
    if errors or span is None:
        raise Rejected(errors)
    resource_id = query.get("resourceId") or None
    return LogQuery(
        *span,
        None if severity == "ALL" else severity,
        None if resource_id == node_id else resource_id,
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
    is_number = text.isascii() and text.isdigit() and len(text) <= _LIMIT_DIGITS
    if is_number and int(text) <= LIMIT_MAX:
        return int(text)
    message = f"must be a whole number from 0 to {LIMIT_MAX}"
    errors.append(FieldError(Code.RANGE, message, "limit"))
    return LIMIT
