"""Replies that no server sent, in the form that the SDK reads."""

import json
from collections.abc import AsyncIterator, Mapping, MutableMapping
from http.client import responses
from typing import Any, Final

from azure.core.exceptions import HttpResponseError
from azure.core.rest import AsyncHttpResponse, HttpRequest
from multidict import CIMultiDict

BAD: Final = 400
"""First status that says no."""


class ForecastReply(AsyncHttpResponse):
    """A reply that is whole from the start."""

    def __init__(
        self, request: HttpRequest, status: int, body: Any = None, headers: Mapping[str, str] = {}
    ) -> None:
        self._request = request
        self._status = status
        self._headers: MutableMapping[str, str] = CIMultiDict(headers)
        self._content = b"" if body is None else json.dumps(body).encode()
        if body is not None:
            self._headers["Content-Type"] = "application/json"

    @property
    def request(self) -> HttpRequest:
        """The request that this answers."""
        return self._request

    @property
    def status_code(self) -> int:
        """HTTP status."""
        return self._status

    @property
    def headers(self) -> MutableMapping[str, str]:
        """Headers, whatever their case."""
        return self._headers

    @property
    def reason(self) -> str:
        """The words of the status."""
        return responses.get(self._status, "")

    @property
    def content_type(self) -> str | None:
        """The media type, if there is a body."""
        return self._headers.get("Content-Type")

    @property
    def is_closed(self) -> bool:
        """It always is."""
        return True

    @property
    def is_stream_consumed(self) -> bool:
        """It always is."""
        return True

    @property
    def encoding(self) -> str | None:
        """UTF-8."""
        return "utf-8"

    @encoding.setter
    def encoding(self, value: str | None) -> None:
        """The content is UTF-8, whatever is asked for."""

    @property
    def url(self) -> str:
        """Where the request went."""
        return str(self._request.url)

    @property
    def content(self) -> bytes:
        """The body."""
        return self._content

    def text(self, encoding: str | None = None) -> str:
        """Return the body as text."""
        return self._content.decode(encoding or "utf-8")

    def json(self) -> Any:
        """Return the body decoded."""
        return json.loads(self._content)

    def body(self) -> bytes:
        """Return the body, as pipelines of the older kind ask for it."""
        return self._content

    def raise_for_status(self) -> None:
        """Raise HttpResponseError for a status that says no."""
        if self._status >= BAD:
            raise HttpResponseError(response=self)

    async def read(self) -> bytes:
        """Return the body."""
        return self._content

    async def load_body(self) -> None:
        """It is here."""

    async def close(self) -> None:
        """There is nothing to close."""

    async def iter_raw(self, **_options: Any) -> AsyncIterator[bytes]:
        """Yield the body."""
        yield self._content

    async def iter_bytes(self, **_options: Any) -> AsyncIterator[bytes]:
        """Yield the body."""
        yield self._content

    async def __aexit__(self, *_raised: object) -> None:
        """There is nothing to close."""
