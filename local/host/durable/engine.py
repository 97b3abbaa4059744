"""The durable engine: wakes instances, entities, workers and timers; it never polls."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from local.clock import Clock
from local.host import log
from local.host.alarm import Alarm, Call
from local.host.durable.database import Database
from local.host.durable.entities import Entities
from local.host.durable.episode import Episodes, Registry
from local.host.durable.events import EventType, event
from local.host.durable.ledger import After, Ledger, TaskKey
from local.host.durable.sdk import read_timestamps_quickly
from local.host.durable.steps import WIRE_TIME
from local.host.durable.workers import RunActivity, Workers
from local.host.options import Options, witness_of


class Engine:
    """Runs everything durable of one app over one database file."""

    def __init__(
        self,
        registry: Registry,
        run: dict[str, RunActivity],
        ledger: Ledger,
        options: Options,
        concurrent_activities: int,
    ) -> None:
        read_timestamps_quickly()
        self.registry = registry
        self.ledger = ledger
        self.entities = Entities(registry.entities, ledger)
        self._options = options
        self._tell = witness_of(options)
        self._alarm = Alarm(ledger.clock)
        self._calls: dict[TaskKey, Call] = {}
        self._episodes = Episodes(registry, ledger, options)
        self._workers = Workers(ledger, run, options, concurrent_activities)
        self._workers.on_result = self.wake
        self._ready: dict[tuple[Callable[[str], After], str], None] = {}
        self._pump: asyncio.Task[None] | None = None
        self._waiters: dict[str, list[asyncio.Future[None]]] = {}
        self._stopped = False

    @property
    def clock(self) -> Clock:
        """The clock on which timers fire."""
        return self.ledger.clock

    @property
    def database(self) -> Database:
        """The file that holds all state."""
        return self.ledger.database

    def start(self) -> None:
        """Take up everything that an earlier run left unfinished."""
        lost = self.clock.now() + timedelta(seconds=self._options.redelivery_delay_s)
        rows = self.database.rows("SELECT instance, execution, task, started FROM work")
        fresh = [_key(row) for row in rows if not row["started"]]
        again = [_key(row) for row in rows if row["started"]]
        self._workers.add(fresh)
        self._later(lost, partial(self._workers.add, again))
        self._later(lost, self._wake_inboxes)
        for row in self.database.rows("SELECT * FROM timers"):
            self._set_timer(_key(row), wire_moment(row["fire_at"]))

    async def stop(self, grace_s: float) -> None:
        """Stop between transactions; what is unfinished is taken up by the next start."""
        self._stopped = True
        self._alarm.stop()
        await self._workers.stop(grace_s)
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump
        for waiter in (w for waiters in self._waiters.values() for w in waiters):
            waiter.cancel()

    def wake(self, instance: str) -> None:
        """Let an instance look into its inbox."""
        self._awake(self._episodes.run, instance)

    def wake_entity(self, entity: str) -> None:
        """Let an entity look into its queue."""
        self._awake(self.entities.run, entity)

    async def finished(self, instance: str) -> None:
        """Return once an instance is completed, failed or terminated."""
        if self.ledger.running(instance):
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.setdefault(instance, []).append(waiter)
            await waiter

    def settle(self, after: After) -> None:
        """Set going what a committed transaction asks for."""
        for key in after.cancelled:
            call = self._calls.pop(key, None)
            if call is not None:
                call.cancel()
        for key, when in after.timers:
            self._set_timer(key, when)
        self._workers.add(after.work)
        for instance in after.instances:
            self.wake(instance)
        for entity in after.entities:
            self.wake_entity(entity)
        for instance in after.finished:
            self._announce(instance)

    def _announce(self, instance: str) -> None:
        for waiter in self._waiters.pop(instance, []):
            if not waiter.done():
                waiter.set_result(None)

    def _later(self, when: datetime, callback: Callable[[], None]) -> None:
        if when <= self.clock.now():
            callback()
        else:
            self._alarm.at(when, callback)

    def _wake_inboxes(self) -> None:
        for row in self.database.rows("SELECT DISTINCT instance FROM inbox"):
            self.wake(row["instance"])
        for row in self.database.rows("SELECT DISTINCT entity FROM entity_inbox"):
            self.wake_entity(row["entity"])

    def _awake(self, run: Callable[[str], After], name: str) -> None:
        if self._stopped:
            return
        self._ready[run, name] = None
        if self._pump is None:
            self._pump = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self._ready:
            run, name = next(iter(self._ready))
            del self._ready[run, name]
            try:
                after = run(name)
                self._tell("episode", f"{name} {after}")
                self.settle(after)
            except Exception as problem:  # noqa: BLE001 - one broken instance must not stop the rest
                log.error("episode_lost", id=name, reason=repr(problem))
            await asyncio.sleep(0)  # let requests in between two episodes
        self._pump = None

    def _set_timer(self, key: TaskKey, when: datetime) -> None:
        self._calls[key] = self._alarm.at(when, partial(self._fire, key))

    def _fire(self, key: TaskKey) -> None:
        self._calls.pop(key, None)
        with self.database.transaction():
            row = self.database.row(
                "SELECT fire_at FROM timers WHERE instance = ? AND execution = ? AND task = ?",
                *key,
            )
            if row is None:
                return
            self.database.execute(
                "DELETE FROM timers WHERE instance = ? AND execution = ? AND task = ?", *key
            )
            fields: dict[str, Any] = {"TimerId": key.task, "FireAt": row["fire_at"]}
            body = event(EventType.TIMER_FIRED, self.ledger.now(), **fields)
            self.ledger.post(key.instance, key.execution, body)
        self.wake(key.instance)


def _key(row: Any) -> TaskKey:
    return TaskKey(row["instance"], row["execution"], row["task"])


def wire_moment(text: str) -> datetime:
    """Read the moment of a durable timer as the extension does: UTC."""
    return datetime.strptime(text, WIRE_TIME).replace(tzinfo=UTC)
