"""How the API document tells of calls that fail: each status, its headers, an example."""

from http import HTTPStatus
from typing import Any, Final

from triggers.openapi_schemas import REF
from triggers.route import Route

_UNKNOWN: Final = "there is no stateful node ssn-0a1b2c3d in this account"
_RETRY_AFTER: Final = {
    "Retry-After": {"description": "Seconds to wait", "schema": {"type": "integer"}}
}
_AUTHENTICATE: Final = {"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}}
FAILURES: Final[dict[str, str]] = {
    "400": "Refused; each error names its field. An unknown node has two errors: "
    "GROUP_DOESNT_EXIST and STATEFUL_NODE_DOES_NOT_EXIST.",
    "401": "No valid token",
    "403": "Not with this token, or not in this account",
    "429": "Too many calls; see Retry-After",
    "500": "Our fault; repeat later",
}
"""Every call may end in each of these."""
_HEADERS: Final = {"401": _AUTHENTICATE, "429": _RETRY_AFTER}
_ERRORS: Final[dict[str, dict[str, list[dict[str, str]]]]] = {
    "400": {
        "a field": [
            {
                "code": "OUT_OF_RANGE",
                "message": "must be at most 100",
                "field": "statefulNode.strategy.availabilityVsCost",
            }
        ],
        "an unknown node": [
            {"code": code, "message": f"{code}: {_UNKNOWN}"}
            for code in ("GROUP_DOESNT_EXIST", "STATEFUL_NODE_DOES_NOT_EXIST")
        ],
        "not now": [
            {
                "code": "ACTION_NOT_ALLOWED",
                "message": "cannot resume while the node is ACTIVE; allowed now: edit, pause",
            }
        ],
    },
    "401": {
        "no token": [
            {
                "code": "UNAUTHORIZED",
                "message": "the token is unknown, was revoked or has expired",
            }
        ]
    },
    "403": {
        "another account": [
            {
                "code": "FORBIDDEN",
                "message": "the token does not reach this account",
                "field": "accountId",
            }
        ]
    },
    "429": {"too many": [{"code": "TOO_MANY_REQUESTS", "message": "too many calls; slow down"}]},
    "500": {
        "no answer": [
            {
                "code": "UNAVAILABLE",
                "message": "the store did not answer; repeat the call in a moment",
            }
        ]
    },
}


def failed(status: str, route: Route) -> dict[str, Any]:
    """Return what the document says of one route's failures with a status."""
    told = int(status), HTTPStatus(int(status)).phrase
    examples = {
        name: {"value": answered(route, told, {"errors": errors})}
        for name, errors in _ERRORS[status].items()
    }
    content = {"schema": {"$ref": REF.format(model="Failure")}, "examples": examples}
    found = {"description": FAILURES[status], "content": {"application/json": content}}
    return found | ({"headers": _HEADERS[status]} if status in _HEADERS else {})


def answered(route: Route, status: tuple[int, str], rest: dict[str, Any]) -> dict[str, Any]:
    """Return a whole answer of a route, as an example."""
    request = {
        "id": "0e1d6e0c-6d4f-4f9c-9d49-0b7a5a0f3a11",
        "url": f"/{route.path}",
        "method": route.method,
        "timestamp": "2026-11-23T12:00:00.000Z",
    }
    code, message = status
    return {"request": request, "response": {"status": {"code": code, "message": message}, **rest}}
