"""Scenes: what plays on a stage of its own, in virtual time; at its end it can be left as it is."""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random
from typing import TypeVar

from activities.azure.clients import AzureClients
from activities.azure.polling import LOOKS
from activities.ports import Ports
from activities.vm_read import READS
from local.arm.app import Simulator
from local.arm.persistence import NoJournal
from local.arm.world import Saved, World
from local.clock import START, VirtualClock
from local.worlds.faults import Killed
from local.worlds.logbook import Logbook
from local.worlds.loop import in_virtual_time
from local.worlds.transport import Answer, InProcessTransport, Sent
from local.worlds.wire import Wire
from shared.model.ids import AccountId
from shared.settings import Settings
from store.accounts import Account
from store.memory import Database
from store.stores import Stores
from tests.activities.stage import GROUP, KEY, NETWORK, ORIGIN, Stage
from tests.simulator import SUBSCRIPTION

T = TypeVar("T")


class Way:
    """The way from the SDKs to the simulator of the scene that plays now."""

    def __init__(self) -> None:
        self.wire: Wire | None = None

    async def send(self, sent: Sent) -> Answer:
        """Pass a request on."""
        assert self.wire is not None, "no scene plays"
        return await self.wire.send(sent)


WAY = Way()


async def killed(_fault: Killed) -> None:
    """Never go on: the host is dead."""
    await asyncio.get_running_loop().create_future()


@cache
def clients() -> AzureClients:
    """Build the product's clients once a process: they belong to no loop."""
    settings = Settings(
        tables="memory:unused",
        arm_endpoint=ORIGIN,
        prices_endpoint=ORIGIN,
        credential="tests.simulator:AioNoCredential",
    )
    return AzureClients(settings, InProcessTransport(WAY.send))


@dataclass(frozen=True)
class Scenery:
    """A stage as it was left, for any number of scenes to go on from."""

    now: datetime
    world: Saved
    database: Database


class Given(NoJournal):
    """Gives the simulator what a scenery holds; keeps nothing."""

    def __init__(self, saved: Saved) -> None:
        self._saved = saved

    def load(self) -> Saved:
        return self._saved


def played(scene: Callable[[Stage], Awaitable[T]], scenery: Scenery | None = None) -> T:
    """Play a scene, on a new stage or where a scenery left off; return what it returns."""

    async def play() -> T:
        clock = VirtualClock(scenery.now if scenery else START)
        saved = copy.deepcopy(scenery.world) if scenery else Saved()
        database = copy.deepcopy(scenery.database) if scenery else Database()
        simulator = Simulator(World(clock, 1, Given(saved)))
        log = Logbook(asyncio.get_running_loop().time)
        wire = WAY.wire = Wire(simulator, log, Random(1), (0.0, 0.0), killed)  # noqa: S311 - unused
        for buckets in (LOOKS, READS):
            buckets._used.clear()
        await simulator.start()
        stores = Stores(database.table, clock, database.secrets)
        ports = Ports(stores, clients(), clock)
        stage = Stage(simulator, ports, InProcessTransport(WAY.send), database, wire)
        if not scenery:
            await _furnish(stage)
        try:
            return await scene(stage)
        finally:
            wire.hook = None
            await simulator.stop()

    return in_virtual_time(play())


def left_by(scene: Callable[[Stage], Awaitable[None]]) -> Scenery:
    """Play a scene on a new stage; return what it leaves."""

    async def play(stage: Stage) -> Scenery:
        await scene(stage)
        world = stage.world
        shelves = {name: shelf.entries for name, shelf in world.shelves.items()}
        saved = Saved([*world.resources.values()], world.agenda, world.facts, shelves)
        return Scenery(stage.ports.clock.now(), copy.deepcopy(saved), stage.database)

    return played(play)


async def _furnish(stage: Stage) -> None:
    """Make the group and the network that documents name, and connect the account."""
    world = stage.world
    world.facts["settings"] = {"throttle": False, "latency": "median"}
    world.facts["callers"] = {"person": {"upn": "ada@example.org", "name": "Ada"}}
    account = Account(id=AccountId(KEY.account_id), name="a", subscription_id=SUBSCRIPTION)
    await stage.ports.stores.accounts.put(account)
    await stage.arm("PUT", GROUP, {"location": "eastus"})
    subnet = {"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}
    space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]}
    await stage.arm(
        "PUT", f"{NETWORK}/virtualNetworks/vnet", {"location": "eastus", "properties": space}
    )
    await stage.ports.clock.sleep(10)
