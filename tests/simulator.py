"""A simulator for tests: in this process, on a free port, on a fast clock."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from azure.core.credentials import AccessToken
from azure.core.pipeline import PipelineRequest
from azure.core.pipeline.policies import SansIOHTTPPolicy

from local.arm.app import Simulator
from local.arm.persistence import NoJournal
from local.arm.server import Server
from local.arm.subscription.state import DEFAULT
from local.arm.world import Journal, World
from local.clock import Clock, scaled_clock

SUBSCRIPTION = DEFAULT
FAST = 1_000.0
"""Simulated seconds in a second: a create of 73 s takes 73 ms."""


class LocalAuth(SansIOHTTPPolicy[Any, Any]):
    """Sends a bearer token over plain http, which the SDK's own policy refuses to do."""

    def __init__(self, token: str = "local") -> None:  # noqa: S107 - a name, not a secret
        self.token = token

    def on_request(self, request: PipelineRequest[Any]) -> None:
        request.http_request.headers["Authorization"] = f"Bearer {self.token}"


class NoCredential:
    """Stands where SDK constructors require a credential; never asked."""

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("local", 4_102_444_800)


class AioNoCredential:
    """As `NoCredential`, for the aio clients."""

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken("local", 4_102_444_800)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exception: object) -> None: ...


@dataclass
class Azure:
    """A running simulator and the ways to reach it."""

    url: str
    world: World
    server: Server
    http: aiohttp.ClientSession

    @property
    def client_options(self) -> dict[str, Any]:
        """Keywords for azure-mgmt clients; they take `polling_interval` where no header rules."""
        return {
            "base_url": self.url,
            "authentication_policy": LocalAuth(),
            "polling_interval": 0.02,
            "retry_total": 0,
        }

    async def arm(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, Any, dict[str, str]]:
        """Send one ARM request; return status, decoded body, headers in lower case.

        A path without api-version gets one; keyword `if_match="x"` sends `If-Match: x`.
        """
        if "api-version=" not in path:
            path += ("&" if "?" in path else "?") + "api-version=2026-04-01"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.send(method, path, body, {"Authorization": "Bearer local", **sent})

    async def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any, dict[str, str]]:
        """Send a request as it is: to the world API, or badly formed on purpose."""
        async with self.http.request(
            method, self.url + path, json=body, headers=headers or {}
        ) as response:
            text = await response.text()
            is_json = "json" in response.headers.get("Content-Type", "")
            told = {name.lower(): value for name, value in response.headers.items()}
            return response.status, (await response.json() if text and is_json else text), told

    async def finish(self, headers: dict[str, str]) -> dict[str, Any]:
        """Follow an operation by the headers of its first reply; return its last body."""
        path = headers["azure-asyncoperation"].removeprefix(self.url)
        for _ in range(2_000):
            _, body, _ = await self.arm("GET", path)
            if body.get("status") in ("Succeeded", "Failed", "Canceled"):
                return dict(body)
            await self.world.clock.sleep(2.0)
        raise TimeoutError(path)

    async def put(self, path: str, body: Any) -> dict[str, Any]:
        """PUT a resource, wait for the end; return it as it then is. AssertionError if refused."""
        status, answer, headers = await self.arm("PUT", path, body)
        assert status < 300, (status, answer)
        if "azure-asyncoperation" in headers:
            end = await self.finish(headers)
            assert end["status"] == "Succeeded", end
        return dict((await self.arm("GET", path))[1])


@asynccontextmanager
async def start(
    *,
    seed: int = 1,
    clock: Clock | None = None,
    journal: Journal | None = None,
    port: int = 0,
    settings: dict[str, Any] | None = None,
) -> AsyncIterator[Azure]:
    """Run a simulator for the length of a `with`; throttling is off unless settings turn it on."""
    world = World(clock or scaled_clock(FAST), seed, journal or NoJournal())
    world.facts["settings"] = {"throttle": False, **(settings or {})}
    server = Server(Simulator(world))
    await server.start("127.0.0.1", port)
    async with aiohttp.ClientSession() as http:
        try:
            yield Azure(f"http://127.0.0.1:{server.port}", world, server, http)
        finally:
            await server.stop()
