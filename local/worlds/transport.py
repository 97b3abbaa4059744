"""The SDK's way to Azure without a socket: requests go to the simulator in this process."""

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from http.client import responses
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import HttpRequest
from azure.core.rest._http_response_impl_async import AsyncHttpResponseImpl
from multidict import CIMultiDict

READ_TIMEOUT_S: Final = 300.0
"""How long a client waits for a reply unless told. Source: azure.core.configuration."""
LONG_BYTES: Final = 100_000
"""Bodies from which JSON is decoded once for all worlds: catalogues, which clients only read."""
DECODED_MAX: Final = 8

Answer = tuple[int, Mapping[str, str], bytes]
"""Status, headers, body."""


class Sent(NamedTuple):
    """One request as it came from the SDK."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    read_timeout_s: float = READ_TIMEOUT_S


Handler = Callable[[Sent], Awaitable[Answer]]
"""Answers a request, or raises azure.core's errors for connections that break."""


class InProcessResponse(AsyncHttpResponseImpl):
    """A reply that is whole from the start."""

    def __init__(self, request: HttpRequest, answer: Answer) -> None:
        status, told, body = answer
        headers = CIMultiDict(told)
        super().__init__(
            request=request,
            internal_response=None,
            status_code=status,
            headers=headers,
            reason=responses.get(status, ""),
            content_type=headers.get("content-type"),
            stream_download_generator=None,
        )
        self._content = body
        self._is_closed = True
        self._is_stream_consumed = True

    def text(self, encoding: str | None = None) -> str:
        """Return the content as text; the simulator speaks UTF-8 only, so nothing is guessed."""
        return (self._content or b"").decode(encoding or "utf-8-sig")

    def json(self) -> Any:
        """Return the content as JSON."""
        content = self._content or b""
        return super().json() if len(content) < LONG_BYTES else _decoded(content)

    def body(self) -> bytes:
        """Return the content, as pipelines of the older kind ask for it."""
        return self._content or b""


@lru_cache(maxsize=DECODED_MAX)
def _decoded(content: bytes) -> Any:
    return json.loads(content)


class InProcessTransport(AsyncHttpTransport[HttpRequest, Any]):
    """An azure-core transport over a handler. Waits (`sleep`) are the event loop's."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler

    async def send(self, request: HttpRequest, **options: Any) -> InProcessResponse:
        """Hand a request over and return the reply."""
        content = request.content or b""
        if isinstance(content, Mapping):  # a form: how tokens are asked for
            content = urlencode(content)
        body = content.encode() if isinstance(content, str) else bytes(content)
        patience_s = options.get("read_timeout", READ_TIMEOUT_S)
        sent = Sent(request.method, request.url, request.headers, body, patience_s)
        return InProcessResponse(request, await self._handler(sent))

    async def open(self) -> None:
        """Nothing is to be opened."""

    async def close(self) -> None:
        """Nothing is to be closed."""

    async def __aexit__(self, *_raised: object) -> None:
        """Nothing is to be closed."""
