"""HTTP in front of the simulator: aiohttp reads and writes, `Simulator.handle` answers."""

from aiohttp import web

from local.arm.app import Simulator
from local.arm.faults import ConnectionLostError

BODY_LIMIT_BYTES = 4 * 1024 * 1024
"""ARM's limit on a request. Source: Azure docs, azure-resource-manager limits."""


class Server:
    """A simulator that listens."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        app = web.Application(client_max_size=BODY_LIMIT_BYTES)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self.port = 0

    async def start(self, bind: str, port: int) -> None:
        """Listen; port 0 takes a free one, told in `port`. OSError if the port is busy."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, bind, port)
        try:
            await site.start()
        except OSError:
            await self._runner.cleanup()
            raise
        self.port = int(self._runner.addresses[0][1])
        await self.simulator.start()

    async def stop(self) -> None:
        """Stop listening, then stop the simulator."""
        await self._runner.cleanup()
        await self.simulator.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        url = f"{request.scheme}://{request.host}{request.raw_path}"
        try:
            status, headers, content = await self.simulator.handle(
                request.method, url, request.headers, body
            )
        except ConnectionLostError:
            if request.transport:
                request.transport.abort()
            return web.Response(status=500)
        return web.Response(status=status, headers=headers, body=content)
