"""The embedded Functions host: any DFApp, in this process, on one event loop."""

from collections.abc import Callable
from pathlib import Path

from local.clock import Clock
from local.host import log
from local.host.access import Access
from local.host.admin import Admin
from local.host.alarm import Alarm
from local.host.durable import session
from local.host.durable.api import Api
from local.host.durable.binding import client_binding, required_query
from local.host.durable.client import Client
from local.host.durable.database import Database, Memory
from local.host.durable.engine import Engine
from local.host.durable.ledger import Ledger
from local.host.durable.outgoing import call_http
from local.host.durable.queries import Queries
from local.host.durable.steps import Kind
from local.host.durable.workers import RunActivity
from local.host.eventgrid import EventGrid
from local.host.front import Front, HttpFunctions, Parts, Route
from local.host.index import App, registry
from local.host.invoke import Invoker
from local.host.options import Options, witness_of
from local.host.settings import HostJson
from local.host.timers import Timer, Timers
from local.host.wire import Headers, Request, Response

IN_PROCESS = "http://host.internal"


class Host:
    """Runs an app: HTTP, timers, Event Grid, and Durable Functions with state in one SQLite file.

    Without a server it is driven by `handle`, and the app's durable clients reach it in process.
    All time is the given clock's. One running host per process (the SDK's client is per process)
    and per file (or `Memory`). A stopped host is not started again; a new one on its file goes on.
    """

    def __init__(
        self, app: App, clock: Clock, db_path: Path | str | Memory, options: Options | None = None
    ) -> None:
        self.options = options or Options()
        self.functions = app.functions
        self._active = [function for function in app.functions if function.runs_here]
        self._clock = clock
        self._db_path = db_path
        self._settings = HostJson.load(app.directory)
        self._invoker = Invoker(self.options)
        self._access = Access(self.options)
        self._alarm = Alarm(clock)
        self._routes = self._http_routes()
        self._timer_list = [Timer.of(f) for f in self._active if f.type == "timerTrigger"]
        self._started = False

    async def start(self, origin: str = IN_PROCESS) -> None:
        """Open the database, take up unfinished work, arm the timers.

        `origin` is where a server will answer for this host; without one, durable clients are
        served in process. Raises DatabaseBusyError if another host holds the file.
        """
        self._database = Database(self._db_path)
        self._invoker.client_binding = self._binding(origin)
        ledger = Ledger(self._database, self._clock, self.options.rng)
        found = registry(self.functions)
        run: dict[str, RunActivity] = {Kind.ACTIVITY: self._activity, Kind.HTTP: call_http}
        limit = self._settings.concurrent_activities
        self.durable = Engine(found, run, ledger, self.options, limit)
        self.client = Client(
            self.durable,
            replace_running=self._settings.replace_running,
            default_version=self._settings.default_version,
        )
        self.queries = Queries(self._database)
        self._front = Front(self._parts())
        await session.uninstall()
        if origin == IN_PROCESS:
            session.install(session.LoopSession(self._serve_client))
        self._timers = Timers(self._timer_list, self._invoker, self._alarm, self._database)
        self._report()
        self._started = True
        self.durable.start()
        self._timers.start(self._clock.now())

    async def stop(self, *, grace_s: float | None = None) -> None:
        """Stop: running functions get `grace_s` of wall time, then are cancelled.

        With 0 it is a crash in all that matters: nothing more is committed.
        """
        if not self._started:
            return
        self._started = False
        grace = self.options.drain_s if grace_s is None else grace_s
        self._alarm.stop()
        await self._timers.stop(grace)
        await self.durable.stop(grace)
        self._invoker.close()
        self._database.close()
        await session.uninstall()

    def rouse(self) -> None:
        """End a lull of the timers."""
        if self._started:
            self._timers.rouse()

    def crash(self) -> None:
        """End as a killed process does: from this moment on nothing is committed.

        Its tasks still stand where they stood: whoever crashes a host cancels them.
        """
        if self._started:
            self._started = False
            self._invoker.close()
            self._database.close()

    async def handle(self, request: Request) -> Response:
        """Answer one HTTP request."""
        return await self._front.handle(request)

    async def handle_http(
        self, method: str, path: str, headers: Headers | None = None, body: bytes = b""
    ) -> Response:
        """Answer one HTTP request given by its parts; `path` carries the query."""
        return await self.handle(
            Request(method.upper(), f"{IN_PROCESS}{path}", headers or [], body)
        )

    async def _serve_client(self, request: Request) -> Response:
        """Answer the app's own durable client."""
        tell = witness_of(self.options)
        path = request.url.removeprefix(IN_PROCESS).partition("?")[0]
        tell("client", f"{request.method} {path}")
        answer = await self.handle(request)
        tell("client", f"{request.method} {path} -> {answer.status}")
        return answer

    def _parts(self) -> Parts:
        functions = HttpFunctions(self._routes, self._invoker, self._access)
        grid = [f for f in self._active if f.type == "eventGridTrigger"]
        return Parts(
            functions=functions,
            events=EventGrid(grid, self._invoker),
            durable=Api(self.client, self.durable, self._query),
            admin=Admin(self.functions, self._routes, self._invoker, self.queries),
            access=self._access,
            rpc=self._rpc(),
        )

    def _rpc(self) -> tuple[str, ...]:
        # Production keeps this surface on a port of its own; here a key guards it instead.
        key = self.options.keys.system
        return ("durabletask", key) if self.options.enforce_keys and key else ("durabletask",)

    def _query(self) -> str:
        return required_query(self._settings.hub, self.options.keys.system)

    def _binding(self, origin: str) -> Callable[[], str]:
        text = client_binding(origin, self._settings.hub, self._query(), "/".join(self._rpc()))
        return lambda: text

    async def _activity(self, name: str, text: str | None) -> str:
        return await self._invoker.activity(self.durable.registry.activities[name], text)

    def _http_routes(self) -> list[Route]:
        prefix = self._settings.route_prefix
        return [Route.of(f, prefix) for f in self._active if f.type == "httpTrigger"]

    def _report(self) -> None:
        for function in self.functions:
            if function.runs_here:
                log.info("function", name=function.name, type=function.type)
            else:
                log.warn(f"not run locally: {function.name} ({function.obstacle})")
