"""Lossy ways to a store: the write is done, and its reply gets lost."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from aiohttp import ClientSession, web
from yarl import URL

from store.errors import Unavailable
from store.memory import Call, Database, Lost, Verb
from store.rows import RETRIES
from store.stores import Stores, tables_of
from store.tables import service_client
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


class Line(Protocol):
    """A way to a store on which the replies of the next `losses` writes are lost."""

    losses: int
    direct: Stores
    """The same store, without losses."""

    @property
    def lost(self) -> int:
        """Replies lost by now."""
        ...

    def open(self, *, patient: bool = True) -> AbstractAsyncContextManager[Stores]:
        """Open it; the patient repeat a lost call inside, as products do."""
        ...


class ProxyLine:
    """To Azurite, through a proxy."""

    def __init__(self, proxy: LossyProxy, connection: str, prefix: str, direct: Stores) -> None:
        self.direct = direct
        self._proxy = proxy
        self._connection = connection
        self._prefix = prefix

    @property
    def losses(self) -> int:
        return self._proxy.losses

    @losses.setter
    def losses(self, losses: int) -> None:
        self._proxy.losses = losses

    @property
    def lost(self) -> int:
        return self._proxy.lost

    @asynccontextmanager
    async def open(self, *, patient: bool = True) -> AsyncIterator[Stores]:
        async with service_client(self._connection, RETRIES if patient else 0) as service:
            yield Stores(tables_of(service, self._prefix), self.direct.due._clock)


class MemoryLine:
    """To a database in memory, whose hook loses the replies."""

    def __init__(self, kept: Database, direct: Stores) -> None:
        self.losses = 0
        self.lost = 0
        self.direct = direct
        self._kept = kept

    @asynccontextmanager
    async def open(self, *, patient: bool = True) -> AsyncIterator[Stores]:
        async def lose(call: Call) -> None:
            if self.losses and call.verb is Verb.WRITE:
                self.losses -= 1
                self.lost += 1
                raise Lost if patient else Unavailable("its reply was lost")

        self._kept.after = lose
        yield Stores(self._kept.table, self.direct.due._clock)
        self._kept.after = None
