"""L and I8: what Azure refuses for good is told in its words, and is not asked for without end."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Final

from local.arm.chronicle import SERVICE, Asked
from local.worlds.invariants.breach import Breach, name_of

TOLD_WITHIN: Final = timedelta(minutes=15)
"""An operation that is refused has ended by then, or has said what it goes on without."""
LASTS: Final = timedelta(minutes=7)
"""A refusal that is lifted sooner need not be told: a worker that died over it, or whose answer was
five minutes late, asks again, and is not refused."""
ASKED_MAX: Final = 6
"""Times that one operation may ask for the same in vain: facts may have changed in between. What
one step asks twice counts once: its activity may have run twice."""

EARLY: Final = timedelta(minutes=5)
"""A line bears the moment at which its runbook began to ask, which may be so much before."""
IMPORT: Final = "-import_vm-"
Line = tuple[datetime, str]
"""What the log says, and when."""


@dataclass(frozen=True)
class Ban:
    """What Azure refuses from a moment on, whoever asks."""

    operation: str
    """A pattern."""
    status: int
    code: str
    at: datetime


@dataclass
class Refusals:
    """What is refused for good, and which operations of the product have met it."""

    breaches: list[Breach] = field(default_factory=list)
    barred: set[str] = field(default_factory=set)
    """Resources whose latest write was refused so: they may be as nobody wants them."""
    _bans: list[Ban] = field(default_factory=list)
    _met: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When an operation was first refused so, by its id and Azure's code; told ones are gone."""
    _asked: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    _steps: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """How often each step asked, by its request id."""
    _heard: set[tuple[str, str]] = field(default_factory=set)

    def forbid(self, ban: Ban) -> None:
        """Hear what Azure refuses from now on."""
        self._bans.append(ban)

    def lift(self, now: datetime) -> None:
        """Hear that Azure refuses nothing for good any more."""
        self._bans.clear()
        self._met = {key: at for key, at in self._met.items() if now - at > LASTS}

    def hear(self, asked: Asked) -> None:
        """I8: one operation does not ask for the same time and again that is refused for good."""
        if asked.caller != SERVICE:
            return
        if 200 <= asked.status < 300:  # noqa: PLR2004 - HTTP
            self.barred.discard(asked.resource)
        ban = next((one for one in self._bans if _is_met(one, asked)), None)
        operation = asked.request_id.partition("/")[2].partition("/")[0]
        if ban is None or not operation:
            return
        self.barred.add(asked.resource)
        if (operation, ban.code) not in self._heard:
            self._heard.add((operation, ban.code))
            self._met[(operation, ban.code)] = asked.at
        verb = asked.operation.lower()
        what, step = (operation, verb, asked.resource), (asked.request_id, verb, asked.resource)
        self._steps[step] += 1
        if self._steps[step] % 2 == 0:
            return
        self._asked[what] += 1
        if self._asked[what] == ASKED_MAX + 1:
            told = f"{operation} asks for {asked.operation} of {name_of(asked.resource)}"
            text = f"{told} for the {ASKED_MAX + 1}th time, and is refused: {ban.code}"
            self.breaches.append(Breach("I8", asked.at, text))

    def reckon(
        self, now: datetime, running: Collection[str], lines: Callable[[], Iterable[Line]]
    ) -> None:
        """L: what was refused for good is told in time, in Azure's own word.

        In a line of the log, hardly older than the refusal. An import tells when it ends: while it
        is among the operations that run, its VM is being given back. `lines` is asked only if any
        is due.
        """
        due = {
            key: at
            for key, at in self._met.items()
            if now - at > TOLD_WITHIN and not (IMPORT in key[0] and key[0] in running)
        }
        if due:
            self.breaches += _untold(due, now, [*lines()])
            self._met = {key: at for key, at in self._met.items() if key not in due}


def _untold(
    due: Mapping[tuple[str, str], datetime], now: datetime, lines: Collection[Line]
) -> Iterator[Breach]:
    for (operation, code), since in due.items():
        if not any(at >= since - EARLY and code in text for at, text in lines):
            text = f"{operation} was refused at {since:%H:%M:%S}, and nobody is told: {code}"
            yield Breach("L", now, text)


def _is_met(ban: Ban, asked: Asked) -> bool:
    fits = fnmatchcase(asked.operation.lower(), ban.operation.lower())
    return fits and asked.status == ban.status
