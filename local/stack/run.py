"""One start of the local stack, from the first check to the last child's end."""

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

import aiohttp
from rich.console import Console
from rich.text import Text

from local.clock import seconds_between, wall_clock
from local.stack import commands, ports, seeding
from local.stack.children import Children, end_leftovers
from local.stack.commands import Plan
from local.stack.http import Web
from local.stack.options import USUAL_PORT, Options
from local.stack.processes import read_back
from local.stack.story import Stage, play
from local.stack.timekeeping import clock_of
from local.stack.timeline import Timeline
from local.stack.trouble import Trouble
from local.stack.weather import Weather

HEALTHY_S: Final = 60.0
"""Wall seconds that each server has to answer for the first time."""
DEATH_TOLD_S: Final = 1.0
"""Wall seconds in which the system tells of a child's death after its connections broke."""
RUNNER_TOKEN: Final = "make-run"  # noqa: S105 - opens nothing but the simulator


class Stack:
    """The stack of this start."""

    def __init__(self, options: Options, console: Console) -> None:
        self.options = options
        self.console = console
        self.directory = options.directory
        self.children: Children | None = None
        self.weather: Weather | None = None

    async def run(self) -> int:
        """Start, tell the story, stay up until told to stop; return the exit status."""
        try:
            plan = await self._prepare()
            return await self._until_stopped(self._live(plan))
        except Trouble as trouble:
            self.console.print(Text(f"\n{trouble}", style="bold red"), soft_wrap=True)
            self.console.print(f"Logs: {self.directory}/log", soft_wrap=True)
            return 1
        finally:
            if self.weather:
                await self.weather.end()
            if self.children:
                await self.children.stop()

    async def _prepare(self) -> Plan:
        """Make sure that all can start, before anything does."""
        (self.directory / "log").mkdir(parents=True, exist_ok=True)
        found = read_back(self.directory / "pids.json")
        if found and found[0].name == "stack":
            raise Trouble(
                f"A stack runs already on {self.directory} (process {found[0].pid}): use it, or "
                "stop it with Ctrl-C there."
            )
        if found:
            names = ", ".join(f"{one.name} (process {one.pid})" for one in found)
            self.console.print(f"Ending what an interrupted start left running: {names}.")
            await end_leftovers(found)
        ports.refuse_if_busy(self.options.port, "the API", "PORT")
        ports.refuse_if_busy(self.options.arm_port, "the simulated Azure", "ARM_PORT")
        clock = clock_of(self.directory / "clock.json", self.options.speed)
        self.children = Children(self.directory / "pids.json", self.directory / "log")
        usual = self.options.port == USUAL_PORT
        return Plan(self.options, clock, ports.storage_ports(usual=usual))

    async def _live(self, plan: Plan) -> int:
        assert self.children  # noqa: S101 - made by _prepare
        began = wall_clock().now()
        async with aiohttp.ClientSession() as session:
            arm = Web(session, plan.arm_url, RUNNER_TOKEN)
            storage = Web(session, f"http://{ports.HOST}:{plan.storage_ports['table']}", "")
            await self.children.start(commands.azurite(plan))
            await self.children.start(commands.simulator(plan))
            await asyncio.gather(
                storage.until_up("/", HEALTHY_S), arm.until_up("/_world/healthz", HEALTHY_S)
            )
            await seeding.introduce_ourselves(arm)
            await asyncio.gather(seeding.connect_account(plan), seeding.make_network(arm))
            await self.children.start(commands.host(plan))
            host = Web(session, plan.url, "")
            await host.until_up("/", HEALTHY_S)
            host = await seeding.sign_in(plan, host)
            host = replace(host, patience_s=HEALTHY_S)
            await seeding.subscribe_to_events(plan, arm)
            self.weather = Weather(plan, self.children, arm)
            self._greet(plan, seconds_between(began, wall_clock().now()))
            return await self._tell(plan, host, arm)

    async def _tell(self, plan: Plan, host: Web, arm: Web) -> int:
        assert self.weather  # noqa: S101 - made by _live
        timeline = Timeline(self.console)
        stage = Stage(self.options, plan.clock, seeding.ACCOUNT, host, arm, timeline)
        lost = await play(stage, self.weather.begin)
        if lost:
            raise Trouble("It did not come back whole: " + "; ".join(lost) + ".")
        self.console.print("\n[bold green]It came back with all that is its own.[/]")
        if self.options.once:
            return 0
        self._invite(plan)
        await self.weather.go_on()
        return 0

    async def _until_stopped(self, life: Coroutine[Any, Any, int]) -> int:
        """Let the stack live until it ends, a child dies, or a signal comes."""
        assert self.children  # noqa: S101 - made by _prepare
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        living = asyncio.create_task(life)
        signalled = asyncio.create_task(stopped.wait())
        mourning = asyncio.create_task(self._mourn())
        tasks = {living, signalled, mourning}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if signalled.done():
                self.console.print(
                    "\nStopping: the host, the simulator, then storage, which saves."
                )
                return 0 if not self.options.once else 1
            if living.done() and living.exception():  # perhaps because a child died just now
                await asyncio.wait({mourning}, timeout=DEATH_TOLD_S)
            return (mourning if mourning.done() else living).result()
        finally:
            for task in tasks:
                task.cancel()
            for task in tasks:
                with suppress(asyncio.CancelledError, Trouble):
                    await task

    async def _mourn(self) -> int:
        assert self.children  # noqa: S101 - made by _prepare
        name, status = await self.children.first_death()
        tail = self.children.tail_of(name)
        how = f"exit status {status}" if status >= 0 else f"signal {-status}"
        raise Trouble(f"The {name} ended by itself ({how}). Its last words:\n{tail}")

    def _greet(self, plan: Plan, seconds: float) -> None:
        self.console.print(
            f"[bold]Mooring is up[/] after {seconds:.1f} s: API {plan.url}, simulated Azure "
            f"{plan.arm_url}, {self.options.speed:g} simulated seconds a second.",
            soft_wrap=True,
        )

    def _invite(self, plan: Plan) -> None:
        self.console.print(
            f"""
The stack stays up; Ctrl-C stops it, and `make run` goes on from where it was.
  API document     {plan.url}/
  Client settings  {self.directory}/env
In another shell:
  set -a; . {self.directory}/env; set +a
  curl -s -H "Authorization: Bearer $SPOTINST_TOKEN" \\
    "$MOORING_URL/azure/compute/statefulNode/status?accountId=$SPOTINST_ACCOUNT" """,
            highlight=False,
            markup=False,
            soft_wrap=True,
        )
