"""The aiohttp server in front of a host."""

import asyncio
import socket
from typing import Final

from aiohttp import web
from multidict import CIMultiDict

from local.host import log
from local.host.host import Host
from local.host.options import MAX_BODY_BYTES
from local.host.wire import Request, Response

HOP_HEADERS: Final = frozenset({"transfer-encoding", "connection", "keep-alive", "content-length"})
SHUTDOWN_S: Final = 2.0
"""Wall seconds that open connections get when the server stops."""


class Server:
    """Listens on one address and hands every request to the host."""

    def __init__(self, host: Host, bind: str, port: int) -> None:
        self._host = host
        self._bind = bind
        self._socket = _listen(bind, port)
        self._runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        """The port that is listened on; chosen by the system if 0 was asked for."""
        return int(self._socket.getsockname()[1])

    @property
    def origin(self) -> str:
        """Where clients on this machine reach the host."""
        everywhere = self._bind in ("0.0.0.0", "::", "")  # noqa: S104
        name = "127.0.0.1" if everywhere else self._bind
        return f"http://[{name}]:{self.port}" if ":" in name else f"http://{name}:{self.port}"

    async def start(self) -> None:
        """Start the host, then answer."""
        await self._host.start(self.origin)
        application = web.Application(client_max_size=MAX_BODY_BYTES)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket).start()

    async def stop(self) -> None:
        """Answer nothing more, then stop the host."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._socket.close()
        await self._host.stop()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        try:
            answer = await self._host.handle(
                Request(request.method, str(request.url), [*request.headers.items()], body)
            )
        except asyncio.CancelledError:
            raise
        except Exception as problem:  # noqa: BLE001 - the caller gets 500, the log tells why
            log.error("request_failed", path=request.path, reason=repr(problem))
            return web.Response(status=500)
        return _render(answer)


def _render(answer: Response) -> web.Response:
    headers = CIMultiDict((n, v) for n, v in answer.headers if n.lower() not in HOP_HEADERS)
    return web.Response(status=answer.status, headers=headers, body=answer.body)


def _listen(bind: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((bind, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener
