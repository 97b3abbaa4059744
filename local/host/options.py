"""Switches of the host: what Azure lets one set in host.json, and what tests want to provoke."""

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MAX_BODY_BYTES: Final = 104_857_600
"""Largest request body in bytes: 100 MB. Source: Azure docs, functions-bindings-http-webhook."""

Witness = Callable[[str, str], None]
"""Told of each step that the host takes: its kind, and the rest as text."""

KEY_SETTINGS: Final = {
    "master": "FUNCTIONS_MASTER_KEY",
    "function": "FUNCTIONS_DEFAULT_KEY",
    "system": "FUNCTIONS_SYSTEM_KEY",
}


@dataclass(frozen=True)
class Keys:
    """The secrets that callers must show while keys are enforced."""

    master: str = ""
    function: str = ""
    system: str = ""
    by_function: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any], environment: Mapping[str, str]) -> "Keys":
        """Read `{"master", "function", "system", "functions"}`; settings fill the gaps."""
        named = {
            name: str(document.get(name) or environment.get(setting, ""))
            for name, setting in KEY_SETTINGS.items()
        }
        return cls(by_function=dict(document.get("functions", {})), **named)


@dataclass(frozen=True)
class Options:
    """How one host behaves. The defaults are Azure's, at local speed."""

    enforce_keys: bool = False
    """Refuse calls without the key that a route's auth level asks for. Core tools do not."""

    keys: Keys = field(default_factory=Keys)

    inline: bool = False
    """Run synchronous functions on the event loop, for virtual time: a thread cannot wake it."""

    hold_events: bool = False
    """Keep an external event in the inbox until an orchestrator waits for its name.

    Off is production: there an event that comes before its waiter is given again to every later
    waiter of that name (a defect of the Python SDK 1.x that apps must be written around).
    """

    strict: bool = False
    """Fail an orchestration whose actions would give it other task ids in production."""

    redelivery_delay_s: float = 0.0
    """Seconds after a start before work that a crash interrupted is delivered again.

    Production waits out the queue's visibility timeout, 300 s by default.
    """

    repeat_activity: Callable[[str, str, int], bool] | None = None
    """Asked with (activity, instance id, task id): true runs it twice, the first result is lost."""

    witness: Witness | None = None
    """Told of each step once it is done or begun: for simulations that log, check and kill."""

    lull: Callable[[], float] | None = None
    """Asked after each run of a timer: seconds by which its next run may be late, 0 for none.

    For simulations of idle months; `Host.rouse` ends a lull. Production's timers are late too.
    """

    max_history_events: int = 10_000
    """Events of one execution above which each further episode logs a warning."""

    max_payload_bytes: int = 1_048_576
    """Bytes of one input or result above which a warning is logged: 1 MiB."""

    drain_s: float = 5.0
    """Wall seconds that a stop gives to running functions before it cancels them."""

    rng: random.Random = field(default_factory=random.SystemRandom)
    """Source of instance ids; a seeded `Random` makes them repeatable."""

    threads: int = field(default_factory=lambda: _thread_count(os.environ))
    """Size of the pool for synchronous functions. Source: PYTHON_THREADPOOL_THREAD_COUNT."""


def _silent(_kind: str, _text: str) -> None:
    """Tell nobody."""


def witness_of(options: Options) -> Witness:
    """Return whom to tell of each step."""
    return options.witness or _silent


def _thread_count(environment: Mapping[str, str]) -> int:
    default = min(32, (os.cpu_count() or 1) + 4)
    text = environment.get("PYTHON_THREADPOOL_THREAD_COUNT", "")
    return max(1, int(text)) if text.isdigit() else default
