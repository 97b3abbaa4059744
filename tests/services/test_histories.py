"""Old histories are purged through the SDK's own client, against the local host's routes."""

import asyncio
import json
from datetime import timedelta
from typing import Any

from azure.durable_functions import DurableOrchestrationClient

from local.clock import VirtualClock
from local.host.host import Host
from tests.host.support import HOOKS, run, start, virtually
from triggers.timers import HISTORIES_KEPT, forget_histories

ORIGIN = "http://host.internal"


def client_of(host: Host) -> DurableOrchestrationClient:
    """The SDK's client, whose requests go to a host in this process."""
    urls = {"taskHubName": "hub", "creationUrls": {}, "managementUrls": {}}
    client = DurableOrchestrationClient(json.dumps(urls | {"rpcBaseUrl": f"{ORIGIN}{HOOKS}/"}))

    async def delete(url: str, function_invocation_id: str = "") -> list[int | Any]:
        answer = await host.handle_http("DELETE", url.removeprefix(ORIGIN))
        assert not function_invocation_id
        return [answer.status, answer.json()]

    client._delete_async_request = delete
    return client


async def ids(host: Host) -> list[str]:
    answer = await host.handle_http("GET", f"{HOOKS}/instances/")
    return [each["instanceId"] for each in answer.json()]


def test_a_history_goes_a_month_after_it_began_unless_it_still_runs() -> None:
    async def scenario(host: Host) -> object:
        began = VirtualClock().now()
        await run(host, "plain", None, "old")
        await start(host, "two_waits", None, "old-and-running")
        await asyncio.sleep(60)
        await run(host, "plain", None, "a-minute-younger")
        client, month_later = client_of(host), began + HISTORIES_KEPT
        forgotten = [
            await forget_histories(client, month_later + timedelta(seconds=seconds))
            for seconds in (-30, 30, 30)
        ]
        return forgotten, await ids(host)

    assert virtually(scenario) == ([0, 1, 0], ["old-and-running", "a-minute-younger"])
