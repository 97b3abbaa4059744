"""What a fresh process does: plant, then play lives."""

import logging
import os
import resource
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from multiprocessing.connection import Connection
from typing import Any, Final

from tests.fuzz.planted import finder, inside, probes
from tests.fuzz.planted.finder import Change

LIFE_CPU_S: Final = 60
"""Seconds of processor time in which a life must end: sound ones take half a second."""
MEMORY_BYTES: Final = 4 * 1024**3
SENTENCE_MAX: Final = 300


@dataclass(frozen=True)
class Lived:
    """How one life went."""

    seed: int
    ill: str = ""
    """As `Outcome.ill`; `import` if the product could not be loaded, `hang` if the life did not
    end, `death` if the process did instead."""
    digest: str = ""
    writes: Mapping[str, int] = field(default_factory=dict)
    """How often the product wrote to Azure, by operation."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Whatever else was counted."""
    recovery_s: list[float] = field(default_factory=list)
    """How long the node was down by each eviction."""
    sentence: str = ""
    """What was wrong first."""
    marks: frozenset[str] = frozenset()
    """What the probes noted."""
    log: bytes = b""
    story: str = ""


FIGURES: Final = ("seed", "ill", "digest", "writes", "counts", "recovery_s", "sentence")
"""What is kept of a life."""


@dataclass(frozen=True)
class Order:
    """What a process is to do."""

    changes: Mapping[str, Change]
    seeds: tuple[int, ...]
    until_ill: bool = True
    whole: bool = False
    """Send logs and stories too."""


def obey(order: Order, out: Connection) -> None:
    """Play the lives one after the other; send each `Lived`."""
    logging.disable(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    finder.install(order.changes)
    try:
        player: Any = import_module("tests.fuzz.play")
        drawer: Any = import_module("tests.fuzz.life")
    except Exception as problem:  # noqa: BLE001 - whatever it is, the product does not start
        out.send(Lived(order.seeds[0], "import", sentence=f"{type(problem).__name__}: {problem}"))
        return
    for seed in order.seeds:
        _bound(seed, out)
        inside.begin()
        probes.SEEN.clear()
        outcome = player.play(drawer.draw(seed))
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        lived = _lived(outcome, order.whole)
        out.send(lived)
        if lived.ill and order.until_ill:
            return


def _bound(seed: int, out: Connection) -> None:
    """End this process if a life takes too long: it says so, or is killed if it cannot."""
    signal.signal(signal.SIGVTALRM, partial(_hang, out, seed))
    signal.setitimer(signal.ITIMER_VIRTUAL, LIFE_CPU_S)
    used = resource.getrusage(resource.RUSAGE_SELF)
    last_s = int(used.ru_utime + used.ru_stime) + 2 * LIFE_CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (last_s, resource.RLIM_INFINITY))


def _hang(out: Connection, seed: int, *_signal: object) -> None:
    out.send(Lived(seed, "hang", sentence=f"a life took more than {LIFE_CPU_S} s"))
    os._exit(0)


def _lived(outcome: Any, whole: bool) -> Lived:  # noqa: FBT001 - one of two shapes
    wrong = str(outcome.breaches[0]) if outcome.breaches else outcome.trouble
    return Lived(
        outcome.life.seed,
        outcome.ill,
        outcome.digest,
        dict(outcome.figures.writes),
        dict(outcome.figures.counts),
        list(outcome.figures.recovery_s),
        wrong[:SENTENCE_MAX],
        frozenset(probes.SEEN),
        outcome.log if whole else b"",
        outcome.life.story() if whole else "",
    )
