"""Runs activities: each at least once, at most so many at a time, its result committed once."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from local.host import log
from local.host.durable.events import Event, EventType, event
from local.host.durable.ledger import Ledger, TaskKey
from local.host.options import Options, witness_of


class RunActivity(Protocol):
    """Runs one activity function."""

    async def __call__(self, name: str, text: str | None, /) -> str:
        """Return the result as JSON text; raises what the function raises."""
        ...


Task = dict[str, Any]


class Workers:
    """Takes scheduled activities in order and posts their results."""

    def __init__(
        self, ledger: Ledger, run: dict[str, RunActivity], options: Options, limit: int
    ) -> None:
        self._ledger = ledger
        self._run = run
        self._options = options
        self._tell = witness_of(options)
        self._limit = limit
        self._backlog: deque[TaskKey] = deque()
        self._busy: set[asyncio.Task[None]] = set()
        self._stopping = False
        self.on_result: Callable[[str], None] = lambda _: None

    def add(self, keys: list[TaskKey]) -> None:
        """Queue committed work."""
        self._backlog.extend(keys)
        self._fill()

    async def stop(self, grace_s: float) -> None:
        """Start nothing more; give what runs a little wall time, then cancel it."""
        self._stopping = True
        if self._busy and grace_s > 0:
            await asyncio.wait(self._busy, timeout=grace_s)
        running = [*self._busy]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _fill(self) -> None:
        while self._backlog and len(self._busy) < self._limit and not self._stopping:
            task = asyncio.create_task(self._work(self._backlog.popleft()))
            self._busy.add(task)
            task.add_done_callback(self._free)

    def _free(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("activity_not_recorded", reason=repr(task.exception()))
        self._fill()

    async def _work(self, key: TaskKey) -> None:
        row = self._ledger.database.row(
            "SELECT * FROM work WHERE instance = ? AND execution = ? AND task = ?", *key
        )
        if row is None:
            return
        task = dict(row)
        if self._options.redelivery_delay_s > 0:
            self._mark_started(key)
        name = f"{task['name']} {key.instance}/{key.task}"
        self._tell("begin", name)
        await self._repeat(task)
        body = await self._outcome(task)
        self._tell("end", f"{name} {body.get('Result') or body.get('Reason')}")
        self._record(key, body)

    def _mark_started(self, key: TaskKey) -> None:
        with self._ledger.database.transaction():
            self._ledger.database.execute(
                "UPDATE work SET started = 1 WHERE instance = ? AND execution = ? AND task = ?",
                *key,
            )

    async def _repeat(self, task: Task) -> None:
        repeat = self._options.repeat_activity
        if repeat is not None and repeat(task["name"], task["instance"], task["task"]):
            log.info("activity_repeated", name=task["name"], instance=task["instance"])
            await self._outcome(task)

    async def _outcome(self, task: Task) -> Event:
        ids: dict[str, Any] = {"TaskScheduledId": task["task"]}
        try:
            result = await self._call(task)
        except Exception as problem:  # noqa: BLE001 - whatever an activity raises is its result
            cause = f"{type(problem).__name__}: {problem}"
            log.warn("activity_failed", name=task["name"], instance=task["instance"], reason=cause)
            # Two blanks: production cuts a label out between the colon and the cause.
            reason = f"Activity function '{task['name']}' failed:  {cause}"
            now = self._ledger.now()
            return event(EventType.TASK_FAILED, now, **ids, Reason=reason, Details=cause)
        if len(result) > self._options.max_payload_bytes:
            log.warn("result_is_large", name=task["name"], characters=len(result))
        return event(EventType.TASK_COMPLETED, self._ledger.now(), **ids, Result=result)

    async def _call(self, task: Task) -> str:
        return await self._run[task["kind"]](task["name"], task["input"])

    def _record(self, key: TaskKey, body: Event) -> None:
        database = self._ledger.database
        with database.transaction():
            first = database.execute(
                "DELETE FROM work WHERE instance = ? AND execution = ? AND task = ?", *key
            )
            if first:
                self._ledger.post(key.instance, key.execution, body)
        if first:
            self.on_result(key.instance)
