"""An Event Grid endpoint for tests: shakes hands, keeps what it hears, answers as it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.simulator import Azure

Json = dict[str, Any]


@dataclass
class Subscriber:
    """One endpoint."""

    url: str = ""
    heard: list[Json] = field(default_factory=list)
    headers: list[Json] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    """Statuses of the next answers; 200 after them."""
    refuses: bool = False
    """Whether the handshake fails."""

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "OPTIONS":
            return web.Response(headers={} if self.refuses else {"WebHook-Allowed-Origin": "*"})
        body = await request.json()
        if request.headers.get("aeg-event-type") == "SubscriptionValidation":
            code = "wrong" if self.refuses else body[0]["data"]["validationCode"]
            return web.json_response({"validationResponse": code})
        self.headers.append(dict(request.headers))
        self.heard += body if isinstance(body, list) else [body]
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    def names(self) -> list[str]:
        """Return the annotations heard, in order."""
        found = [one["data"].get("resourceInfo", {}).get("properties", {}) for one in self.heard]
        return [one["annotationName"] for one in found if "annotationName" in one]


@asynccontextmanager
async def listening() -> AsyncIterator[Subscriber]:
    """Run an endpoint for the length of a `with`."""
    subscriber = Subscriber()
    app = web.Application()
    app.router.add_route("*", "/", subscriber.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    subscriber.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield subscriber
    finally:
        await runner.cleanup()


async def until(azure: Azure, condition: Any, *, seconds: float = 200.0) -> None:
    """Wait in simulated time until a condition holds; AssertionError if it never does."""
    waited = 0.0
    while not condition():
        assert waited < seconds, "it never came"
        await azure.world.clock.sleep(2.0)
        waited += 2.0
