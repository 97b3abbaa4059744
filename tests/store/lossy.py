"""A proxy in front of the store that passes writes on and loses their replies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, web
from yarl import URL

from tests.azurite import connection_string

READS = {"GET", "HEAD"}
DROPPED = {"host", "content-length", "transfer-encoding", "content-encoding", "connection"}


class LossyProxy:
    """Loses the reply of the next `losses` writes, after the store has done them."""

    def __init__(self, target: str, session: ClientSession) -> None:
        self.losses = 0
        self.lost = 0
        self._target = target
        self._session = session

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = [(k, v) for k, v in request.headers.items() if k.lower() not in DROPPED]
        async with self._session.request(
            request.method,
            URL(f"{self._target}{request.raw_path}", encoded=True),  # the path is signed
            headers=headers,
            data=await request.read() or None,
            skip_auto_headers=["Content-Type"],  # it is signed too
        ) as answer:
            body = await answer.read()
        if self.losses and request.method not in READS:
            self.losses -= 1
            self.lost += 1
            assert request.transport
            request.transport.close()
            return web.Response()
        passed = {k: v for k, v in answer.headers.items() if k.lower() not in DROPPED}
        return web.Response(status=answer.status, body=body, headers=passed)


@asynccontextmanager
async def lossy_proxy(connection: str) -> AsyncIterator[tuple[LossyProxy, str]]:
    """Run a proxy; give it and the connection string that goes through it."""
    endpoint = connection.split("TableEndpoint=")[1].rstrip(";")
    async with ClientSession(auto_decompress=False) as session:
        proxy = LossyProxy(endpoint.removesuffix("/devstoreaccount1"), session)
        application = web.Application(client_max_size=8_000_000)
        application.router.add_route("*", "/{path:.*}", proxy.handle)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield proxy, connection_string(runner.addresses[0][1])
        finally:
            await runner.cleanup()
