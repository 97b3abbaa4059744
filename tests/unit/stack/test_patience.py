"""The runner's calls while the host is away for a moment."""

import asyncio

import aiohttp
import pytest
from aiohttp import web

from local.stack.http import Web
from local.stack.ports import HOST
from local.stack.trouble import Trouble


async def _serve_after(seconds: float, port: int) -> web.AppRunner:
    async def answer(_request: web.Request) -> web.Response:
        return web.json_response({"up": True})

    await asyncio.sleep(seconds)
    app = web.Application()
    app.router.add_route("*", "/", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, HOST, port).start()
    return runner


async def test_a_read_waits_for_a_server_that_comes_back_a_write_does_not(
    unused_tcp_port: int,
) -> None:
    async with aiohttp.ClientSession() as session:
        patient = Web(session, f"http://{HOST}:{unused_tcp_port}", patience_s=5.0)
        hasty = Web(session, patient.origin)

        with pytest.raises(Trouble):
            await hasty.call("GET", "/")
        with pytest.raises(Trouble):
            await patient.call("POST", "/", {})
        serving = asyncio.create_task(_serve_after(0.05, unused_tcp_port))
        answer = await patient.call("GET", "/")

        await (await serving).cleanup()
    assert answer.body == {"up": True}
