"""Everything in a process that is not decided by the program, decided by a seed for a while.

Libraries take identifiers, signatures' nonces and dates from the machine. Around a simulated world
these come from its seed and its clock instead; what was there before comes back after it.
PYTHONHASHSEED cannot be set from inside: the order of sets of text must not matter (a test runs
one seed under two of them).
"""

import importlib
import os
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any, Final

from azure.durable_functions.models import DurableOrchestrationClient

CLIENT: Final = importlib.import_module(DurableOrchestrationClient.__module__)


@contextmanager
def seeded(seed: str, now: Callable[[], float]) -> Iterator[None]:
    """Decide randomness by `seed` and the Unix time by `now`, for the length of a `with`."""
    dice = Random(seed)  # noqa: S311 - repeatable on purpose

    def new_uuid1(node: int | None = None, clock_seq: int | None = None) -> uuid.UUID:
        del node, clock_seq
        return uuid.UUID(int=dice.getrandbits(128), version=1)

    replaced: list[tuple[Any, Mapping[str, Any]]] = [
        (time, {"time": now, "time_ns": lambda: int(now() * 1e9)}),
        (os, {"urandom": dice.randbytes}),
        (random, {"_urandom": dice.randbytes}),
        (uuid, {"uuid1": new_uuid1}),
        (CLIENT, {"time": now}),
    ]
    before = [(module, {name: vars(module)[name] for name in new}) for module, new in replaced]
    state = random.getstate()
    random.seed(seed)
    for module, new in replaced:
        vars(module).update(new)
    try:
        yield
    finally:
        for module, old in before:
            vars(module).update(old)
        random.setstate(state)
