"""Requests and responses inside the host, free of any server library."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from azure.functions.meta import Datum, get_binding_registry

Headers = list[tuple[str, str]]


@dataclass(frozen=True)
class Request:
    """One HTTP request; `url` is absolute, header names keep the case they came in."""

    method: str
    url: str
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path as sent, still percent-encoded."""
        return urlsplit(self.url).path or "/"

    @property
    def segments(self) -> list[str]:
        """The decoded parts of the path, empty ones left out."""
        return [unquote(part) for part in self.path.split("/") if part]

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; repeated ones are joined by commas, as Azure's host does."""
        pairs = parse_qs(urlsplit(self.url).query, keep_blank_values=True)
        return {name: ",".join(values) for name, values in pairs.items()}

    def header(self, name: str) -> str:
        """Return a header's value by its name in any case, empty if absent."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    def asks(self, name: str) -> str:
        """Return a query parameter by its name in any case, empty if absent."""
        return next((v for n, v in self.query.items() if n.lower() == name.lower()), "")

    @property
    def origin(self) -> str:
        """Scheme and authority, as in `http://127.0.0.1:7071`."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Response:
    """One HTTP response."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    def header(self, name: str) -> str:
        """Return a header's value by its name in any case, empty if absent."""
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")


def json_response(status: int, value: Any, headers: Iterable[tuple[str, str]] = ()) -> Response:
    """Return a response whose body is JSON."""
    kind = ("Content-Type", "application/json; charset=utf-8")
    return Response(status, [kind, *headers], json.dumps(value).encode())


def converter(binding: str) -> Any:
    """Return the SDK's converter for a type of binding."""
    return get_binding_registry().get(binding)  # type: ignore[no-untyped-call]


def http_datum(request: Request, route: Mapping[str, str]) -> Datum:
    """Return a request in the form that the SDK's HTTP converter reads."""
    joined: dict[str, str] = {}
    for name, value in request.headers:
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return Datum(
        {
            "method": Datum(request.method, "string"),
            "url": Datum(request.url, "string"),
            "headers": _strings(joined),
            "query": _strings(request.query),
            "params": _strings(route),
            "body": Datum(request.body, "bytes"),
        },
        "http",
    )


def http_response(value: Any) -> Response:
    """Return what an HTTP function returned; nothing at all is 204, as on Azure."""
    if value is None:
        return Response(204)
    encoded = converter("http").encode(value, expected_type=None)
    if encoded.type == "string":
        return Response(
            200, [("Content-Type", "text/plain; charset=utf-8")], encoded.value.encode()
        )
    parts = encoded.value
    headers = [(name, datum.value) for name, datum in parts["headers"].items()]
    for cookie in parts["cookies"] or []:
        headers += [("Set-Cookie", morsel.OutputString()) for morsel in cookie.values()]
    return Response(int(parts["status_code"].value), headers, parts["body"].value)


def _strings(values: Mapping[str, str]) -> dict[str, Datum]:
    return {name: Datum(value, "string") for name, value in values.items()}
