"""Lets the SDK's durable client reach the host without a socket.

The SDK keeps one HTTP session per process, tied to the first event loop that used it. In one
process with the host, and under virtual time, this stands in for it.
"""

import json as json_text
from collections.abc import Awaitable, Callable
from typing import Any

from azure.durable_functions.models.utils import http_utils

from local.host.wire import Request, Response

Handle = Callable[[Request], Awaitable[Response]]


class LoopSession:
    """The part of an aiohttp session that the SDK uses."""

    closed = False

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def get(self, url: str, **_: Any) -> "Exchange":
        """Start a GET."""
        return Exchange(self._handle, Request("GET", url))

    def delete(self, url: str, **_: Any) -> "Exchange":
        """Start a DELETE."""
        return Exchange(self._handle, Request("DELETE", url))

    def post(self, url: str, json: Any = None, **_: Any) -> "Exchange":
        """Start a POST of a JSON value."""
        if json is None:
            return Exchange(self._handle, Request("POST", url))
        headers = [("Content-Type", "application/json")]
        return Exchange(self._handle, Request("POST", url, headers, _encode(json)))

    async def close(self) -> None:
        """Nothing is open."""


class Exchange:
    """One request in the `async with` form of aiohttp."""

    def __init__(self, handle: Handle, request: Request) -> None:
        self._handle = handle
        self._request = request

    async def __aenter__(self) -> "LoopResponse":
        return LoopResponse(await self._handle(self._request))

    async def __aexit__(self, *_: object) -> None:
        return


class LoopResponse:
    """The part of an aiohttp response that the SDK uses."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self.status = response.status

    async def json(self, **_: Any) -> Any:
        """Return the body as JSON, None if it is empty."""
        return self._response.json() if self._response.body else None


def install(session: LoopSession | None) -> None:
    """Make this the session of the SDK's client; None lets the SDK open its own next time."""
    vars(http_utils)["_client_session"] = session


async def uninstall() -> None:
    """Close whatever session the SDK's client has, so that the next loop gets its own."""
    held = vars(http_utils)["_client_session"]
    install(None)
    if held is not None and not held.closed:
        await held.close()


def _encode(value: Any) -> bytes:
    return json_text.dumps(value).encode()
