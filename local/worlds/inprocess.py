"""The whole product in one process on virtual time: app, host, tables and simulated Azure.

    async with InProcess(seed=42) as world:
        answer = await world.api("POST", NODES, {"statefulNode": document})
        await world.run_until(lambda: ..., within_s=2_400)

Each world runs on a loop of its own, one at a time in a process: `in_virtual_time(main())` of
`local.worlds.loop`. Equal seeds and equal deeds give equal logs, byte for byte.
"""

import asyncio
import json as text
from collections.abc import Awaitable, Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from inspect import isawaitable
from itertools import count
from random import Random
from typing import Any, Final, Self

from local.arm.app import Simulator
from local.arm.chronicle import Change, Happening
from local.arm.persistence import NoJournal
from local.arm.world import World as ArmWorld
from local.clock import VirtualClock
from local.host.durable.database import Memory
from local.host.host import IN_PROCESS
from local.host.wire import Request
from local.worlds.boot import Boot, Ground, HostDownError
from local.worlds.complaints import Complaints
from local.worlds.faults import Hook, Killed, TableHook
from local.worlds.ground import ACCOUNT, Azure, connect, lay_ground
from local.worlds.logbook import Logbook, mark, told
from local.worlds.loop import OWNER, VirtualLoop, owned_by
from local.worlds.lull import Lull
from local.worlds.options import Options
from local.worlds.quick import hurried
from local.worlds.seams import Seams, close_seams, open_seams
from local.worlds.seeds import seeded
from local.worlds.tables import Tables
from local.worlds.transport import InProcessTransport
from local.worlds.wire import Wire

NODES: Final = "/azure/compute/statefulNode"
HOOK: Final = f"{IN_PROCESS}/runtime/webhooks/EventGrid?functionName=azure_events"
LOOK_S: Final = 5.0
EVENT_S: Final = 30.0
"""How long Event Grid waits for an answer. Source: Azure docs, event-grid/delivery-and-retry."""
_NUMBERS = count(1)


@dataclass(frozen=True)
class Answer:
    """A reply of the API: status, and the body decoded (None if there is none)."""

    status: int
    body: Any

    @property
    def items(self) -> list[dict[str, Any]]:
        """The items of the envelope; none if it is not one."""
        response = self.body.get("response", {}) if isinstance(self.body, dict) else {}
        return list(response.get("items") or [])


class InProcess:
    """One world, as an async context.

    `hook` and `table_hook` decide what befalls each of the product's calls to Azure and to its
    tables; they can be set and changed at any time. `log.watchers` hear of each step.
    """

    def __init__(
        self,
        seed: int,
        options: Options | None = None,
        hook: Hook | None = None,
        table_hook: TableHook | None = None,
    ) -> None:
        self.seed = seed
        self.options = options or Options()
        self.clock = VirtualClock(self.options.start)
        self.kills = 0
        """How often the host was killed."""
        self._hooks = hook, table_hook
        self._boot: Boot | None = None
        self._dead: list[Boot] = []
        self._starting: set[asyncio.Task[None]] = set()
        self._starts = 0
        self._open = ExitStack()

    # -- life of the world --------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, VirtualLoop) or loop.time() > 0:
            raise RuntimeError("a world needs a virtual loop of its own: in_virtual_time(main())")
        try:
            self._furnish(loop)
            await self._simulator.start()
            await lay_ground(self.azure, self.clock)
            self._token = await connect(self._environment())
            await self.restart()
            if self.options.events:
                await self.azure.ask("PUT", "/_world/subscribers/mooring", {"endpoint": HOOK})
        except BaseException:
            self._open.close()
            raise
        return self

    async def __aexit__(self, *_raised: object) -> None:
        try:
            for task in self._starting:
                task.cancel()
            if self._boot is not None:
                self._boot.kill()
                self._dead.append(self._boot)
            await self._bury()
            await self._simulator.stop()
        finally:
            self._open.close()

    def _furnish(self, loop: VirtualLoop) -> None:
        epoch, options = self.options.start.timestamp(), self.options
        self._open.enter_context(seeded(f"{self.seed}/machine", lambda: epoch + loop.time()))
        self._open.enter_context(hurried())
        self.complaints = self._open.enter_context(Complaints())
        self.log = Logbook(loop.time)
        self._lull = Lull(self.log, options.lull_s, self._rouse)
        self._history = Memory()
        self._open.callback(self._history.close)
        self.arm = ArmWorld(self.clock, self.seed, NoJournal())
        self.arm.facts["settings"] = dict(options.settings)
        self.arm.chronicle.listeners.append(self._see)
        self._simulator = Simulator(self.arm, self._post)
        self.azure = Azure(self._simulator)
        hook, table_hook = self._hooks
        self.wire = Wire(
            self._simulator, self.log, self._dice("wire"), options.azure_latency_s, self._die, hook
        )
        self.tables = Tables(
            f"world-{next(_NUMBERS)}",
            self.log,
            self._dice("tables"),
            options.table_latency_s,
            self._die,
            table_hook,
        )
        self._open.callback(self.tables.forget)
        open_seams(Seams(self.clock, lambda: InProcessTransport(self.wire.send)))
        self._open.callback(close_seams)

    # -- the user -----------------------------------------------------------------------------

    async def api(self, method: str, path: str, json: Any = None) -> Answer:
        """Call the API as an administrator of the account; HostDownError if nobody answers."""
        mark_of_query = "&" if "?" in path else "?"
        headers = [("Authorization", f"Bearer {self._token}"), ("Content-Type", "application/json")]
        body = b"" if json is None else text.dumps(json).encode()
        url = f"{IN_PROCESS}{path}{mark_of_query}accountId={ACCOUNT}"
        line = f"{method} {path} {mark(body)}"
        try:
            answer = await self.enter(Request(method, url, headers, body))
        except HostDownError:
            self.log.add("api", f"{line} -> down")
            raise
        self.log.add("api", f"{line} -> {answer.status} {mark(answer.body)}")
        return Answer(answer.status, text.loads(answer.body) if answer.body else None)

    async def run_until(
        self,
        wanted: Callable[[], bool | Awaitable[bool]],
        within_s: float,
        every_s: float = LOOK_S,
    ) -> float:
        """Let time pass until something is so; return the seconds it took.

        Looks each `every_s`. TimeoutError if it is not so within `within_s`.
        """
        began = self.log.now()
        while True:
            seen = wanted()
            if await seen if isawaitable(seen) else seen:
                return self.log.now() - began
            if self.log.now() - began >= within_s:
                raise TimeoutError(f"not so within {within_s:g} s")
            await self.clock.sleep(every_s)

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await self.clock.sleep(seconds)

    # -- the host -----------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether a host process runs."""
        return self._boot is not None

    def kill(self, restart_in_s: float | None = None) -> None:
        """Kill the host process; start another in `restart_in_s`. No effect on a dead one.

        From this very moment nothing of it is committed, sent or heard. May be called anywhere,
        also by a watcher of the log in the middle of a step.
        """
        boot, self._boot = self._boot, None
        if boot is None:
            return
        self.kills += 1
        self.log.add("kill", f"host {boot.number}")
        self._dead.append(boot)
        boot.kill()
        if restart_in_s is not None:
            # The world starts it: a task of the dead host's would die with it.
            later = self._restart_in(restart_in_s)
            task = asyncio.get_running_loop().create_task(later, context=owned_by(None))
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def restart(self) -> None:
        """Start the host over what the last one left; no effect while one runs."""
        await self._bury()
        if self._boot is not None:
            return
        self._starts += 1
        self.log.add("start", f"host {self._starts}")
        self._boot = boot = Boot(self._ground(), self._starts)
        await boot.start()

    async def _restart_in(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        await self.restart()

    async def _bury(self) -> None:
        while self._dead:
            await self._dead.pop(0).bury()

    async def _die(self, fault: Killed) -> None:
        """Kill the host that the running task belongs to, and never return to it."""
        if OWNER.get() is self._boot:
            self.kill(fault.restart_in_s)
        await asyncio.get_running_loop().create_future()

    def _rouse(self) -> None:
        if self._boot is not None:
            self._boot.rouse()

    # -- inside -------------------------------------------------------------------------------

    def _dice(self, purpose: str) -> Random:
        return Random(f"{self.seed}/{purpose}")  # noqa: S311 - repeatable on purpose

    def _environment(self) -> dict[str, str]:
        return {
            "MOORING_TABLES": self.tables.setting,
            "MOORING_SECRETS_DIR": self.tables.setting,
            "MOORING_CREDENTIAL": "local.credential:factory",
            "MOORING_CLOCK": "local.worlds.seams:clock",
            "MOORING_TRANSPORT": "local.worlds.seams:transport",
            **self.options.environment,
        }

    def _ground(self) -> Ground:
        return Ground(
            directory=self.options.directory,
            environment=self._environment(),
            clock=self.clock,
            history=self._history,
            witness=self.log.add,
            lull=self._lull.seconds,
            seed=str(self.seed),
            host=self.options.host,
        )

    def _see(self, happening: Happening) -> None:
        """Write down what changed in Azure, whoever did it."""
        if isinstance(happening, Change):
            self.log.add("azure", f"{happening.id.rpartition('/providers/')[2]} {told(happening)}")

    async def enter(self, request: Request, patience_s: float | None = None) -> Any:
        """Hand a request to the host from outside; HostDownError if nobody answers."""
        if self._boot is None:
            raise HostDownError("connection refused")
        return await self._boot.enter(request, patience_s)

    async def _post(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Deliver an event of Azure's to whoever listens at its address."""
        status, told, content = 0, {}, b""
        if url.startswith(IN_PROCESS):
            with suppress(HostDownError):
                sent = Request(method, url, [*headers.items()], body)
                answer = await self.enter(sent, EVENT_S)
                status, told, content = answer.status, dict(answer.headers), answer.body
        self.log.add("event", f"{method} {url.removeprefix(IN_PROCESS)} {mark(body)} -> {status}")
        return status, told, content
