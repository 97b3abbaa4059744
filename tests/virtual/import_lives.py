"""Lives of imports, each drawn whole from one seed: a VM, its import, and what befalls both."""

import random
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from local.worlds.boot import HostDownError
from local.worlds.inprocess import NODES, InProcess
from local.worlds.invariants import Promise, Watch, Wish
from local.worlds.loop import in_virtual_time
from local.worlds.options import Options
from tests.fuzz.ambush import AZURE, DOWN_S, TABLES, Ambush
from tests.fuzz.draws import WRITES
from tests.fuzz.records import nodes, records
from tests.virtual import sources
from tests.virtual.import_guard import Guard, portraits

Json = dict[str, Any]

ENDED: Final = frozenset({"ImportCompleted", "ImportFailed"})
WITHIN_S: Final = 7_200.0
LOOK_S: Final = 60.0
CALLS_MAX: Final = 170
"""An import makes about so many calls to Azure."""


@dataclass(frozen=True)
class ImportLife:
    """One import, before it begins."""

    seed: int
    running: bool
    unmanaged: bool
    network_kept: bool
    retention_h: int
    os_kept: bool
    data_kept: bool
    room: bool
    """Azure has room for the node's VM; without, the import fails."""
    troubles: tuple[tuple[str, int, int], ...]
    """Kind, at which call from the import's beginning, how many."""
    faults: tuple[Json, ...]
    """Of Azure's: it refuses, fails, is slow."""
    repeats: float
    """Part of the activities that run twice."""


def draw(seed: int) -> ImportLife:
    """Draw the life of a seed."""
    dice = random.Random(f"import/{seed}")  # noqa: S311 - chance, not secrecy
    kinds = [*AZURE, *TABLES]
    return ImportLife(
        seed=seed,
        running=dice.random() < 0.7,
        unmanaged=dice.random() < 0.15,
        network_kept=dice.random() < 0.5,
        retention_h=dice.choice((0, 0, 1)),
        os_kept=dice.random() < 0.85,
        data_kept=dice.random() < 0.85,
        room=dice.random() < 0.75,
        troubles=tuple(
            (dice.choice(kinds), dice.randint(1, CALLS_MAX), dice.choice((1, 1, 1, 3)))
            for _ in range(dice.randint(0, 5))
        ),
        faults=tuple(_fault(dice) for _ in range(dice.choice((0, 0, 0, 1, 2)))),
        repeats=dice.choice((0.0, 0.0, 0.15)),
    )


def _fault(dice: random.Random) -> Json:
    kind = dice.choice(("refuse", "fail", "lose_reply", "lose_request", "slow", "throttle"))
    details: dict[str, Json] = {
        "refuse": {"status": dice.choice((500, 503, 409, 429))},
        "fail": {"code": "InternalExecutionError"},
        "slow": {"slow_s": dice.choice((30.0, 400.0))},
    }
    return {
        "kind": kind,
        "operation": dice.choice(WRITES),
        "skip": dice.choice((0, 0, 1, 2)),
        "times": dice.choice((1, 1, 2, 4)),
        **details.get(kind, {}),
    }


class Play:
    """One such life under way. `wrong` tells what was not as it must be."""

    def __init__(self, life: ImportLife) -> None:
        self.wrong: list[str] = []
        self.state = ""
        self._life = life
        self._watch = Watch()
        self._azure, self._tables = Ambush(AZURE), Ambush(TABLES)
        self._node_id = ""

    async def run(self) -> None:
        """Live it."""
        dice = random.Random(f"{self._life.seed}/repeats")  # noqa: S311 - chance
        host = {"repeat_activity": lambda *_: dice.random() < self._life.repeats}
        options = Options(host=host, lull_s=300.0)
        ambush = self._azure.strike, self._tables.strike
        async with InProcess(self._life.seed, options, *ambush) as world:
            self._world = world
            world.arm.chronicle.listeners.append(self._watch.hear)
            await self._furnish()
            self._guard = Guard.over(
                world, self._life.retention_h, network_kept=self._life.network_kept
            )
            await self._lay_troubles()
            await self._import()
            await self._end()
            if self.state == "ImportCompleted":
                await self._live_on()
            elif self.state == "ImportFailed":
                await self._judge_failure()
            self._judge()

    async def _furnish(self) -> None:
        life, world = self._life, self._world
        await (sources.unmanaged(world) if life.unmanaged else sources.source(world))
        if not life.running:
            await sources.act(world, "deallocate")
        if not life.room:
            await world.azure.ask("PUT", "/_world/capacity", {"rules": [NO_SPOT]})

    async def _lay_troubles(self) -> None:
        for kind, at_call, times in self._life.troubles:
            ambush = self._azure if kind in AZURE else self._tables
            ambush.lay(kind, at_call, times)
        for fault in self._life.faults:
            await self._world.azure.ask("POST", "/_world/faults", fault)

    async def _import(self) -> None:
        """Ask for it, and again if nobody answered: a second one is refused."""
        node = _node(self._life)
        asked = {
            "resourcesRetentionTime": self._life.retention_h,
            "convertUnmanagedDisks": self._life.unmanaged,
        }
        for _ in range(20):
            try:
                await self._world.api("POST", sources.IMPORT, sources.call(node, **asked))
            except HostDownError:
                await self._world.sleep(DOWN_S)
                continue
            if nodes(self._world.tables.rows()):
                break
            await self._world.sleep(DOWN_S)
        (record,) = nodes(self._world.tables.rows()).values()
        self._node_id = record.key.node_id
        self._watch.promise(self._node_id, _promise(record.document))
        self._watch.wish(self._node_id, Wish(self._world.clock.now(), "up"))

    async def _end(self) -> None:
        async def ended() -> bool:
            self._reckon()
            await self._world.restart()
            with suppress(HostDownError):
                self.state = await sources.state(self._world, self._node_id)
            return self.state in ENDED and not self._busy()

        try:
            await self._world.run_until(ended, WITHIN_S, LOOK_S)
        except TimeoutError:
            self.wrong.append(f"the import does not end: {self._view()}")
        self._azure.lift()
        self._tables.lift()
        await self._world.azure.ask("DELETE", "/_world/faults")

    async def _live_on(self) -> None:
        """See the source go in its time, and the node come back from an eviction."""
        wanted = "ACTIVE" if self._life.running else "STOPPED"
        if self._view().status != wanted:
            self.wrong.append(f"after its import the node is {self._view()}")
            return
        if not self._life.running:
            await self._world.api("PUT", f"{NODES}/{self._node_id}/state", {"state": "start"})
        else:
            vm_id = (self._view().told or _NOBODY).vm
            await self._world.azure.ask("POST", f"{vm_id}/simulateEviction")
            await self._world.sleep(120)
        await self._reach("ACTIVE")
        await self._world.sleep(self._life.retention_h * 3_600 + 1_200)
        await self._reach("ACTIVE")
        left = [
            one.id
            for one in portraits(self._world)
            if one.born in self._guard.own and one.id not in self._kept()
        ]
        if left:
            self.wrong.append(f"its time is over, and there is still {left}")

    def _kept(self) -> frozenset[str]:
        return frozenset(self._view().holds) if self._life.network_kept else frozenset()

    async def _judge_failure(self) -> None:
        """The source is as it was, the node is in ERROR, and nothing of it is left."""
        if self._life.room and not self._life.faults:
            self.wrong.append(f"it failed for no reason: {self._view()}")
        if not self._life.unmanaged:
            self.wrong += self._guard.changed(self._world)
        if self._view().status != "ERROR":
            self.wrong.append(f"after an import in vain the node is {self._view()}")
        await self._world.sleep(1_200)
        own = self._guard.own
        left = [one.id for one in portraits(self._world) if _tagged(one) and one.born not in own]
        if left:
            self.wrong.append(f"an import in vain has left {left}")

    async def _reach(self, status: str) -> None:
        def reached() -> bool:
            self._reckon()
            return self._view().status == status and not self._busy()

        try:
            await self._world.run_until(reached, WITHIN_S, LOOK_S)
        except TimeoutError:
            self.wrong.append(f"the node is not {status}: {self._view()}")

    # -- judging ------------------------------------------------------------------------------

    def _reckon(self) -> None:
        self._watch.reckon(self._world.clock.now(), records(self._world.tables.rows()))

    def _judge(self) -> None:
        self._reckon()
        self.wrong += self._guard.wrong
        self.wrong += [str(one) for one in self._watch.breaches]
        self.wrong += [f"unknown call: {one}" for one in self._world.arm.calls.unknown]

    def _view(self) -> Any:
        return records(self._world.tables.rows()).nodes[self._node_id]

    def _busy(self) -> bool:
        return bool(self._view().operation)


def _node(life: ImportLife) -> Json:
    """Return what is asked for, beside what the VM says itself."""
    node: Json = {
        "persistence": {
            "shouldPersistNetwork": life.network_kept,
            "shouldPersistOsDisk": life.os_kept,
            "shouldPersistDataDisks": life.data_kept,
        },
        "strategy": {"fallbackToOd": False},
    }
    if not life.os_kept:
        login = {"userName": "azureuser", "password": "Correct-Horse-7"}
        node["compute"] = {"launchSpecification": {"login": login}}
    return node


NO_SPOT: Final = {"room": 0, "lifecycle": "SPOT"}


@dataclass(frozen=True)
class _Nobody:
    vm: str = ""


_NOBODY: Final = _Nobody()


def _promise(document: Json) -> Promise:
    """Return what the node promises; its VM's data disks, the imported VM's, it does not name."""
    promise = Promise.of(document)
    return Promise(
        os_disk=promise.os_disk,
        data_disks=promise.data_disks,
        network=promise.network,
        name=promise.name,
    )


def _tagged(portrait: Any) -> bool:
    return any(name.startswith("mooring") for name in portrait.tags)


def play(seed: int) -> Play:
    """Play the life of a seed to its end."""
    played = Play(draw(seed))
    in_virtual_time(played.run())
    return played


def main(first: int, last: int) -> int:
    """Play the lives of some seeds; tell of each that went wrong. Return how many did."""
    ill = 0
    for seed in range(first, last):
        played = play(seed)
        ill += bool(played.wrong)
        print(seed, played.state, *played.wrong, sep="\n    " if played.wrong else " ")  # noqa: T201
    return ill


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
