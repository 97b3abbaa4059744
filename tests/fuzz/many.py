"""Play many lives, side by side in processes of their own."""

import logging
import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import islice
from typing import Final

from tests.fuzz.life import draw
from tests.fuzz.outcome import Outcome
from tests.fuzz.play import play

AHEAD: Final = 16
"""Lives handed out to each process before the first is back."""


def quiet() -> None:
    """The product's warnings are about faults that are meant to be here."""
    logging.disable(logging.CRITICAL)


def play_seed(seed: int) -> Outcome:
    """Play the life of a seed; its log stays behind, for it is long."""
    quiet()
    return replace(play(draw(seed)), log=b"")


def outcomes(seeds: Iterable[int], workers: int) -> Iterator[Outcome]:
    """Play many lives side by side; yield their outcomes in the order of the seeds."""
    os.environ["PYTHONHASHSEED"] = "0"
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting = iter(seeds)
        flying = [pool.submit(play_seed, seed) for seed in islice(waiting, workers * AHEAD)]
        try:
            while flying:
                yield flying.pop(0).result()
                flying += [pool.submit(play_seed, seed) for seed in islice(waiting, 1)]
        finally:
            for future in flying:
                future.cancel()
