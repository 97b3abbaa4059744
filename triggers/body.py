"""Request bodies: JSON, bounded, unambiguous."""

import json
import math
from http import HTTPStatus
from typing import Any, Final, NoReturn

import azure.functions as func

from shared.model.part import BODY
from triggers.envelope import ApiFailure, failure

BODY_BYTES: Final = 1_048_576
"""The largest document there can be, scripts and all, is below 300 KiB."""
DEPTH: Final = 32
"""The node document is 9 deep; the rest is for free-form extension settings."""


class _Ambiguous(Exception):  # noqa: N818 - found while parsing, answered at once
    """A key stands twice in one object."""


def read_optional_json(request: func.HttpRequest) -> object | None:
    """Return the decoded body, or None where there is none. Raises as `read_json`."""
    return read_json(request) if request.get_body() else None


def read_json(request: func.HttpRequest) -> object:
    """Return the decoded body. Raises `ApiFailure` 400 for what is not plain JSON."""
    raw = request.get_body()
    kind = request.headers.get("Content-Type", "application/json").split(";")[0].strip().lower()
    if kind and kind != "application/json" and not kind.endswith("+json"):
        raise _bad("INVALID_CONTENT_TYPE", "must be application/json", "Content-Type")
    if len(raw) > BODY_BYTES:
        raise _bad("BODY_TOO_LARGE", f"the body must have at most {BODY_BYTES} bytes")
    if not raw.strip():
        raise _bad("INVALID_JSON", "a JSON body is required")
    value = _decode(raw)
    if _depth(value) > DEPTH:
        raise _bad("INVALID_JSON", f"the body must not nest deeper than {DEPTH}")
    return value


def _decode(raw: bytes) -> object:
    try:
        value: object = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
        json.dumps(value, ensure_ascii=False).encode()  # refuses halves of surrogate pairs
    except _Ambiguous as twice:
        raise _bad("DUPLICATE_KEY", f"the key {twice} stands twice in one object") from None
    except UnicodeError:
        raise _bad("INVALID_JSON", "the body must be UTF-8 text") from None
    except RecursionError:
        raise _bad("INVALID_JSON", f"the body must not nest deeper than {DEPTH}") from None
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: line {error.lineno}, column {error.colno}"
        raise _bad("INVALID_JSON", message) from None
    except ValueError:
        raise _bad("INVALID_JSON", "the body has a number that JSON does not have") from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Ambiguous(key[:100])
        found[key] = value
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):  # 1e400: JSON can say it, a float cannot
        raise ValueError(text)
    return number


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner: list[object] = []
        for one in level:
            inner += one.values() if isinstance(one, dict) else one if isinstance(one, list) else []
        level = inner
    return depth


def _bad(code: str, message: str, field: str = BODY) -> ApiFailure:
    return failure(HTTPStatus.BAD_REQUEST, code, message, field)
