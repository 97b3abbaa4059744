"""The built-in activity behind `call_http`."""

import json
from typing import Any, Final

import aiohttp

TIMEOUT_S: Final = 100.0
"""Seconds for one request. Source: the default of the extension's HTTP client."""


async def call_http(_: str, text: str | None) -> str:
    """Make the request that `text` describes; return `{"statusCode", "headers", "content"}`.

    A 202 with a Location is returned as it is: in production the host polls it and takes task ids
    that the Python SDK does not count, so an orchestration that needs it would hang there.
    Raises ValueError for a token source, which needs a managed identity.
    """
    request: dict[str, Any] = json.loads(text or "{}")
    if request.get("tokenSource"):
        raise ValueError("call_http with a token source needs a managed identity of Azure")
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    content = request.get("content")
    body = content if isinstance(content, str) or content is None else json.dumps(content)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as client,
            client.request(
                request["method"], request["uri"], data=body, headers=request.get("headers")
            ) as response,
        ):
            content = await response.text()
            headers = dict(response.headers)
            return json.dumps(
                {"statusCode": response.status, "headers": headers, "content": content}
            )
    except (TimeoutError, aiohttp.ClientError) as problem:
        raise ConnectionError(f"{request['method']} {request['uri']}: {problem}") from problem
