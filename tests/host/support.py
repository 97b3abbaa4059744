"""Hosts for tests: the sample apps, in this process, in virtual time."""

import json
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from local.clock import VirtualClock
from local.host.durable.database import Memory
from local.host.host import Host
from local.host.index import App
from local.host.options import Options
from local.host.wire import Response
from local.worlds.loop import in_virtual_time

APPS = Path(__file__).parent / "sample_apps"
JSON = [("Content-Type", "application/json")]
HOOKS = "/runtime/webhooks/durabletask"


@cache
def sample(name: str) -> App:
    """Index a sample app, once in this process."""
    os.environ.setdefault("HOURLY_SPAN", "01:00:00")
    return App.load(APPS / name)


def module(name: str) -> Any:
    """Return a sample app's module, to look at what its functions saw."""
    sample("varied")
    return __import__(name)


def options(**switches: Any) -> Options:
    return Options(inline=True, rng=random.Random(7), **switches)  # noqa: S311 - repeatable ids


@asynccontextmanager
async def running(db: Path | str | Memory = ":memory:", **switches: Any) -> AsyncIterator[Host]:
    """A host of the varied app on virtual time."""
    host = Host(sample("varied"), VirtualClock(), db, options(**switches))
    await host.start()
    try:
        yield host
    finally:
        await host.stop(grace_s=0)


def virtually(test: Callable[[Host], Awaitable[Any]], db: Any = ":memory:", **switches: Any) -> Any:
    """Run one coroutine against a fresh host, in virtual time."""

    async def main() -> Any:
        async with running(db, **switches) as host:
            return await test(host)

    return in_virtual_time(main())


async def start(host: Host, name: str, value: Any = None, instance: str = "") -> str:
    """Start an orchestration through the app's own client function; return its id."""
    query = f"?id={instance}" if instance else ""
    body = b"" if value is None else json.dumps(value).encode()
    answer = await host.handle_http("POST", f"/api/start/{name}{query}", JSON, body)
    assert answer.status == 202, answer
    return str(answer.json()["id"])


async def outcome(host: Host, instance: str) -> tuple[str, Any]:
    """Wait for the end of an instance; return its status and output."""
    await host.durable.finished(instance)
    shown = await status(host, instance)
    return shown["runtimeStatus"], shown["output"]


async def run(host: Host, name: str, value: Any = None, instance: str = "") -> tuple[str, Any]:
    """Start an orchestration and wait for its end."""
    return await outcome(host, await start(host, name, value, instance))


async def status(host: Host, instance: str, query: str = "") -> Any:
    answer = await host.handle_http("GET", f"{HOOKS}/instances/{instance}{query}")
    return answer.json()


async def post(host: Host, path: str, value: Any = None) -> Response:
    return await host.handle_http("POST", path, JSON, json.dumps(value).encode())
