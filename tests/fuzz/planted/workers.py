"""Processes that play lives: each is forked from this one, which never imports the product."""

import gc
import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Final, Generic, TypeVar

from tests.fuzz.planted.child import Lived, Order, obey
from tests.fuzz.planted.product import PACKAGES

T = TypeVar("T")

SHARED: Final = (
    "azure.data.tables.aio",
    "azure.durable_functions",
    "azure.functions",
    "azure.mgmt.compute.aio",
    "azure.mgmt.network.aio",
    "local.worlds.inprocess",
    "local.worlds.invariants",
)
"""Slow to import, and the same for every mutant."""


@dataclass
class Job(Generic[T]):
    """One order, and what came of it."""

    about: T
    order: Order
    lived: list[Lived] = field(default_factory=list)


@dataclass(frozen=True)
class _Flying(Generic[T]):
    job: Job[T]
    process: ForkProcess


def warm() -> None:
    """Import what all share. RuntimeError if the product is among it."""
    for name in SHARED:
        import_module(name)
    early = sorted(name for name in sys.modules if name.partition(".")[0] in PACKAGES)
    if early:
        raise RuntimeError(f"imported before anything was planted: {', '.join(early[:3])}")
    gc.collect()
    gc.freeze()


def done(jobs: Iterable[Job[T]], workers: int) -> Iterator[Job[T]]:
    """Do the jobs in processes of their own, a few at a time; yield each when it is over."""
    context = multiprocessing.get_context("fork")
    waiting, flying = iter(jobs), dict[Connection, _Flying[T]]()
    try:
        while True:
            while len(flying) < workers and (job := next(waiting, None)):
                here, there = context.Pipe(duplex=False)
                process = context.Process(target=obey, args=(job.order, there), daemon=True)
                process.start()
                there.close()
                flying[here] = _Flying(job, process)
            if not flying:
                return
            for here in _ended(flying):
                yield flying.pop(here).job
    finally:
        for one in flying.values():
            one.process.kill()


def _ended(flying: dict[Connection, _Flying[T]]) -> list[Connection]:
    """Hear what the processes say; return the pipes of those that have ended."""
    ended = []
    for here in wait(list(flying)):
        assert isinstance(here, Connection)
        job, process = flying[here].job, flying[here].process
        try:
            job.lived.append(here.recv())
        except EOFError:
            process.join()
            if process.exitcode:
                at = min(len(job.lived), len(job.order.seeds) - 1)
                said = f"the process ended with {process.exitcode}"
                job.lived.append(Lived(job.order.seeds[at], "death", sentence=said))
            here.close()
            ended.append(here)
    return ended
