"""The one form of every answer: the published API's envelope.

Clients need `response` in every body, whatever happened: one of them raises KeyError without.
`status` holds `code` and `message` and nothing else; `items` and `count` are always there.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import azure.functions as func

from services.node_views import rfc3339
from shared.model.problems import FieldError
from shared.model.remarks import Remark

URL_SHOWN: Final = 2_000
"""Characters of the request's own address that an answer repeats."""
ERRORS_MAX: Final = 50
"""Errors that an answer lists: more than a person mends at once, and a few KiB."""
MORE_ERRORS: Final = "MORE_ERRORS"


@dataclass(frozen=True)
class Asked:
    """The request as the envelope repeats it."""

    id: str
    url: str
    """Path and query."""
    method: str
    at: datetime | None
    """None in an answer given before there was a clock."""

    @classmethod
    def of(cls, request: func.HttpRequest, request_id: str, now: datetime | None) -> "Asked":
        """Describe a request."""
        parts = urlsplit(request.url)
        url = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        return cls(request_id, url[:URL_SHOWN], request.method, now)


@dataclass(frozen=True)
class Found:
    """What a successful call answers."""

    items: Sequence[Mapping[str, Any]] = ()
    kind: str | None = None
    warnings: Sequence[Remark] = ()
    """Beside the items, for clients read those back as they are."""


class ApiFailure(Exception):  # noqa: N818 - an answer, not a fault
    """A call that is answered with errors: the first `ERRORS_MAX`, and how many more there are."""

    def __init__(
        self,
        status: HTTPStatus,
        errors: Iterable[FieldError],
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.errors = _first(tuple(errors))
        self.headers = dict(headers or {})
        super().__init__(f"{status.value}: {[error.code for error in self.errors]}")


def _first(errors: tuple[FieldError, ...]) -> tuple[FieldError, ...]:
    more = len(errors) - ERRORS_MAX
    if more <= 0:
        return errors
    text = f"{more} more that are not listed: mend these first"
    return (*errors[:ERRORS_MAX], FieldError(MORE_ERRORS, text, ""))


def failure(status: HTTPStatus, code: str, message: str, field: str = "") -> ApiFailure:
    """Return a failure with one error."""
    return ApiFailure(status, [FieldError(code, message, field)])


def success(asked: Asked, found: Found) -> func.HttpResponse:
    """Answer 200."""
    response: dict[str, Any] = {"status": _status(HTTPStatus.OK)}
    if found.kind is not None:
        response["kind"] = found.kind
    response |= {"items": list(found.items), "count": len(found.items)}
    if found.warnings:
        response["warnings"] = [asdict(one) for one in found.warnings]
    return _answer(asked, HTTPStatus.OK, response)


def errors(asked: Asked, failed: ApiFailure) -> func.HttpResponse:
    """Answer with the failure's status and all its errors."""
    listed = [
        {"code": str(one.code), "message": one.message}
        | ({"field": one.field} if one.field else {})
        for one in failed.errors
    ]
    response = {"status": _status(failed.status), "errors": listed}
    return _answer(asked, failed.status, response, failed.headers)


def _status(status: HTTPStatus) -> dict[str, Any]:
    return {"code": status.value, "message": status.phrase}


def _answer(
    asked: Asked,
    status: HTTPStatus,
    response: dict[str, Any],
    headers: Mapping[str, str] | None = None,
) -> func.HttpResponse:
    request = {
        "id": asked.id,
        "url": asked.url,
        "method": asked.method,
        "timestamp": rfc3339(asked.at),
    }
    body = json.dumps({"request": request, "response": response}, separators=(",", ":"))
    return func.HttpResponse(
        body,
        status_code=status.value,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        | dict(headers or {}),
        mimetype="application/json",
    )
