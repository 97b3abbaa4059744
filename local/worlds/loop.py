"""An event loop whose time jumps to the next due moment when everybody waits.

No thread, no socket, no wall clock: what runs on it is a function of its inputs. Sets of tasks
iterate by birth, not by address; timers due at one instant fire by birth, or as the dice say.
A real thread cannot wake this loop. While it runs garbage is collected at fixed turns, because
what is found to be garbage may still run code (a generator that was left half-way).
"""

import asyncio
import gc
import heapq
import itertools
from collections.abc import Callable, Coroutine, Iterable
from contextvars import Context, ContextVar, copy_context
from typing import Any, Final, TypeVar

T = TypeVar("T")

SPINS_MAX: Final = 100_000
"""Turns of the loop without time moving on: more is not work but a ring of callbacks."""
RESOLUTION_S: Final = 1e-9
COLLECT_TURNS: Final = 32_768
"""Turns between two collections: some 20 s of work, 30 MB of garbage."""

OWNER: ContextVar[object] = ContextVar("owner", default=None)
"""Whose tasks these are: a task inherits the owner of whoever created it."""


class Stuck(RuntimeError):  # noqa: N818 - what has happened, not an error of the loop
    """Deadlock (the text says who waits where), or livelock (time stands still)."""


class Timer(asyncio.TimerHandle):
    """A timer with a place among those that are due at the same instant."""

    __slots__ = ("order",)
    _when: float

    def __init__(self, place: tuple[float, float], *call: Any) -> None:
        when, self.order = place
        super().__init__(when, *call)
        self._scheduled = True

    def __lt__(self, other: "Timer") -> bool:  # type: ignore[override]
        return (self._when, self.order) < (other._when, other.order)


class Task(asyncio.Task[Any]):
    """A task that is hashed by its birth, and knows whose it is."""

    def __init__(
        self,
        loop: "VirtualLoop",
        coro: Coroutine[Any, Any, Any],
        *,
        name: str | None = None,
        context: Context | None = None,
        **options: Any,
    ) -> None:
        self.serial = next(loop.serials)  # first: registering a task hashes it
        self.owner = context.get(OWNER) if context is not None else OWNER.get()
        name = name or f"task-{self.serial}"
        super().__init__(coro, loop=loop, name=name, context=context, **options)

    def __hash__(self) -> int:
        return self.serial


class VirtualLoop(asyncio.BaseEventLoop):
    """The loop: `asyncio.Runner(loop_factory=VirtualLoop)`, or `in_virtual_time`.

    `tie` says who is first of several timers at one instant: by birth, or `Random(seed).random`.
    """

    _scheduled: list[Timer]

    def __init__(self, tie: Callable[[], float] | None = None) -> None:
        super().__init__()
        self.serials = itertools.count()
        self.turns = 0
        """How often the loop has looked for something to do."""
        self._now = 0.0  # from 0, never from the epoch: there a nanosecond more is no more
        self._spins = 0
        self._tie = tie or itertools.count().__next__
        self._clock_resolution = RESOLUTION_S
        self._selector = self
        self.set_task_factory(Task)  # type: ignore[arg-type]

    def time(self) -> float:
        """Return the seconds that have passed in this loop."""
        return self._now

    def select(self, timeout: float | None) -> tuple[()]:
        """Move time on instead of waiting. Raises Stuck."""
        self.turns += 1
        if self.turns % COLLECT_TURNS == 0:
            gc.collect()
        if timeout is None:
            raise Stuck("nothing will ever happen again; waiting: " + "; ".join(self.waiting()))
        if timeout:
            self._spins = 0
            self._now = self._scheduled[0].when()
            return ()
        self._spins += 1
        if self._spins > SPINS_MAX:
            self._spins = 0  # whoever clears up after this may use the loop
            raise Stuck(f"time stands still at {self._now} s; busy: " + "; ".join(self.waiting()))
        return ()

    def waiting(self) -> list[str]:
        """Return who waits where: a line for each task, oldest first."""
        return [where(task) for task in in_order(asyncio.all_tasks(self))]

    def call_at(  # type: ignore[override]
        self,
        when: float,
        callback: Callable[..., object],
        *args: Any,
        context: Context | None = None,
    ) -> Timer:
        """Call at a moment of this loop's time."""
        timer = Timer((when, self._tie()), callback, args, self, context)
        heapq.heappush(self._scheduled, timer)
        return timer

    def run_in_executor(  # type: ignore[override]
        self, _executor: object, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """Run at once, in order: there are no threads here."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits
            future.set_exception(error)
        return future

    async def _refuse(self, *_args: Any, **_options: Any) -> Any:
        raise OSError("there is no network in a simulated world")

    getaddrinfo = getnameinfo = create_connection = create_server = _refuse
    create_datagram_endpoint = create_unix_connection = create_unix_server = _refuse
    subprocess_exec = subprocess_shell = _refuse

    def _process_events(self, _events: object) -> None:
        """There are no events from outside."""

    def _write_to_self(self) -> None:
        """Nobody outside this thread could wake it."""


def in_order(tasks: Iterable[asyncio.Task[Any]]) -> list[asyncio.Task[Any]]:
    """Return tasks by birth."""
    return sorted(tasks, key=hash)


def where(task: asyncio.Task[Any]) -> str:
    """Return a task's name and the places that it waits at, the innermost last with its line."""
    here: Any = task.get_coro()
    path = [here.__qualname__]
    while hasattr(getattr(here, "cr_await", None), "cr_frame"):
        here = here.cr_await
        path.append(here.__qualname__)
    frame = getattr(here, "cr_frame", None)
    line = f":{frame.f_lineno}" if frame else ""
    return f"{task.get_name()} {' > '.join(path)}{line}"


def owned_by(owner: object) -> Context:
    """Return a context whose tasks belong to `owner`."""
    context = copy_context()
    context.run(OWNER.set, owner)
    return context


def in_virtual_time(main: Coroutine[Any, Any, T], tie: Callable[[], float] | None = None) -> T:
    """Run a coroutine to its end on a loop of its own."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=lambda: VirtualLoop(tie)) as runner:
            return runner.run(main)
    finally:
        if collecting:
            gc.enable()
