"""I8: Azure's throttle budgets are not used up."""

from collections.abc import Iterator
from typing import Final

from local.arm.chronicle import Dip
from local.worlds.invariants.breach import Breach

LEAST_LEFT: Final = 0.2
"""Share of a bucket that stays: no more than 80 % is used."""


def buckets_are_spared(dip: Dip) -> Iterator[Breach]:
    """I8: no documented throttle bucket of Azure is driven past 80 %, over all workers together.

    A call left less than a fifth of the bucket's burst in it, and nobody had emptied the bucket by
    hand since it was last half full.
    """
    if dip.left < LEAST_LEFT * dip.burst:
        used = 1 - dip.left / dip.burst
        yield Breach("I8", dip.at, f"bucket {dip.bucket} of {dip.burst} was used to {used:.0%}")
