"""How a node serves its owner, counted from what happens in Azure."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

from local.arm.chronicle import Change
from local.arm.portrait import VM, Portrait
from local.clock import START
from local.worlds.invariants import Wish
from tests.fuzz.serving import DOWN, ON_DEMAND, Serving

NODE = "ssn-1"
RUNS = Portrait(
    id="vm",
    type=VM,
    born="1",
    tags={"mooring-node": NODE},
    provisioning="Succeeded",
    power="running",
    allocated=True,
    spot=True,
)
DEALLOCATED = replace(RUNS, power="deallocated", allocated=False)


def at(seconds: int) -> datetime:
    return START + timedelta(seconds=seconds)


class Told:
    """One node's history, told."""

    def __init__(self) -> None:
        self.counts = Counter[str]()
        self.wishes = {NODE: Wish(START, "up")}
        self.serving = Serving(self.counts, self.wishes, START)
        self._now: Portrait | None = None

    def is_now(self, portrait: Portrait | None, seconds: int) -> None:
        self.serving.hear(Change(at(seconds), "vm", self._now, portrait))
        self._now = portrait


def test_the_time_that_a_node_is_wished_up_and_is_not_counts_as_down() -> None:
    told = Told()
    told.is_now(RUNS, 50)
    told.is_now(DEALLOCATED, 100)
    told.is_now(RUNS, 130)
    told.is_now(None, 200)
    told.serving.end(at(210))

    assert told.counts[DOWN] == 50 + 30 + 10


def test_rest_that_its_owner_wished_is_not_down_time_and_what_follows_is() -> None:
    told = Told()
    told.is_now(RUNS, 0)
    told.wishes[NODE] = Wish(at(10), "down")
    told.is_now(DEALLOCATED, 20)
    told.wishes[NODE] = Wish(at(100), "up")
    told.is_now(RUNS, 140)
    told.wishes[NODE] = Wish(at(150), "down")
    told.is_now(DEALLOCATED, 160)
    told.serving.end(at(900))

    assert told.counts[DOWN] == 40


def test_only_vms_at_the_full_price_and_only_while_they_are_on_a_host_count() -> None:
    told = Told()
    full = replace(RUNS, spot=False)
    told.is_now(RUNS, 0)
    told.is_now(DEALLOCATED, 10)
    told.is_now(full, 20)
    told.is_now(replace(full, power="deallocated", allocated=False), 50)
    told.is_now(full, 80)
    told.serving.end(at(100))

    assert told.counts[ON_DEMAND] == 30 + 20
