"""Each situation does to a simulated Azure what its rules say. On virtual time, in this process."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Self

import pytest

from local.arm.app import Simulator
from local.arm.chronicle import Change
from local.arm.faults import ConnectionLostError
from local.arm.persistence import NoJournal
from local.arm.portrait import VM, Portrait
from local.arm.world import World
from local.clock import VirtualClock, seconds_between
from local.credential import TOKEN
from local.worlds.ground import NETWORK, Azure, lay_ground
from local.worlds.loop import in_virtual_time
from local.worlds.situations import SITUATIONS, InThisProcess, Situation, calm, named, play
from local.worlds.situations.weather import KillHost, Order

HOUR_S = 3_600.0
COMPUTE = NETWORK.replace("Network", "Compute")
ZONES = ("1", "2", "3")


@dataclass
class Sky:
    """A simulated Azure under one situation."""

    situation: Situation
    seed: int = 1
    kills: int = 0
    heard: list[Any] = field(default_factory=list)
    """Bodies of the events that arrived."""
    changes: list[Change] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self.clock = VirtualClock()
        self.world = World(self.clock, self.seed, NoJournal())
        self.world.chronicle.listeners.append(self._note)
        self.simulator = Simulator(self.world, self._post)
        self.azure = Azure(self.simulator)
        self.powers = InThisProcess(self.simulator, self._kill)
        await self.simulator.start()
        await lay_ground(self.azure, self.clock)
        await self.azure.ask("PUT", "/_world/subscribers/s", {"endpoint": "http://s/"})
        return self

    async def __aexit__(self, *_raised: object) -> None:
        self.playing.cancel()
        with suppress(asyncio.CancelledError):
            await self.playing
        await self.simulator.stop()

    def begins(self) -> None:
        told = play(self.situation, self.seed, self.powers, self.clock)
        self.playing = asyncio.create_task(told)

    async def ends(self) -> None:
        self.playing.cancel()
        await calm(self.powers)

    async def makes(self, name: str, zone: str, **more: Any) -> str:
        """Make a VM as a person does; return its id."""
        subnet = {"id": f"{NETWORK}/virtualNetworks/mooring-vnet/subnets/default"}
        parts = [{"name": "c", "properties": {"subnet": subnet}}]
        nic = f"{NETWORK}/networkInterfaces/{name}"
        await self.asks("PUT", nic, {"ipConfigurations": parts})
        await self.clock.sleep(60)
        image = {"publisher": "Canonical", "offer": "0001-com-ubuntu-server-jammy"}
        image |= {"sku": "22_04-lts-gen2", "version": "latest"}
        vm = {
            "hardwareProfile": {"vmSize": "Standard_D2s_v5"},
            "storageProfile": {
                "imageReference": image,
                "osDisk": {"createOption": "FromImage", "name": f"os-{name}"},
            },
            "osProfile": {
                "computerName": name,
                "adminUsername": "ada",
                "adminPassword": "Correct-Horse-7",
            },
            "networkProfile": {"networkInterfaces": [{"id": nic}]},
            "priority": "Spot",
            **more,
        }
        vm_id = f"{COMPUTE}/virtualMachines/{name}"
        await self.asks("PUT", vm_id, vm, zones=[zone])
        await self.clock.sleep(300)
        return vm_id

    async def asks(self, method: str, path: str, properties: Any = None, **more: Any) -> Any:
        """Send a request as a person: faults of the service do not strike it."""
        body = None if properties is None else {"location": "eastus", "properties": properties}
        return await self.azure.ask(method, path, body | more if body else None)

    async def keeps_up(self, hours: float) -> None:
        """Start again whatever is down, for so long: what a control plane would do."""
        for _ in range(int(hours * 60)):
            await self.clock.sleep(60)
            for vm in self.world.of_type("Microsoft.Compute/virtualMachines"):
                if vm.sim.get("power") == "deallocated":
                    with suppress(ValueError):
                        await self.azure.ask("POST", f"{vm.id}/start")

    def evictions(self) -> list[Change]:
        return [one for one in self.changes if _notice(one.after) and not _notice(one.before)]

    def lives_s(self) -> list[float]:
        """How long VMs were up, each from its start to its notice."""
        lives, began = [], {}
        for one in self.changes:
            if one.after and one.after.power == "running" and not _runs(one.before):
                began[one.id] = one.at
            if _notice(one.after) and not _notice(one.before) and one.id in began:
                lives.append(seconds_between(began.pop(one.id), one.at))
        return lives

    def _note(self, happening: Any) -> None:
        if isinstance(happening, Change) and VM in (
            _type(happening.before),
            _type(happening.after),
        ):
            self.changes.append(happening)

    async def _kill(self) -> None:
        self.kills += 1

    async def _post(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        assert (method, url) == ("POST", "http://s/")
        if headers.get("aeg-event-type") == "SubscriptionValidation":
            code = body.decode().split('"validationCode": "')[1].split('"')[0]
            return 200, {}, f'{{"validationResponse": "{code}"}}'.encode()
        self.heard.append((self.clock.now(), body))
        return 200, {}, b""


def _type(portrait: Portrait | None) -> str:
    return portrait.type if portrait else ""


def _notice(portrait: Portrait | None) -> bool:
    return bool(portrait and portrait.notice)


def _runs(portrait: Portrait | None) -> bool:
    return bool(portrait and portrait.power == "running")


def under(name: str, story: Callable[[Sky], Awaitable[None]]) -> Sky:
    """Tell a story under a situation that begins at once, after three Spot VMs were made."""

    async def told() -> Sky:
        async with Sky(named(name)) as sky:
            for zone in ZONES:
                await sky.makes(f"vm{zone}", zone)
            sky.changes.clear()
            sky.heard.clear()
            sky.begins()
            await story(sky)
            return sky

    return in_virtual_time(told())


async def _six_hours(sky: Sky) -> None:
    await sky.keeps_up(6)


def gaps_s(moments: list[Change]) -> list[float]:
    """Seconds between moments, those at one instant taken together."""
    times = sorted({one.at for one in moments})
    return [seconds_between(one, other) for one, other in pairwise(times)]


# -- what all have in common ----------------------------------------------------------------------


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_seed_decides_every_moment(name: str) -> None:
    situation = named(name)

    told = [list(islice(situation.schedule(seed), 50)) for seed in (7, 7, 8)]

    assert told[0] == told[1]
    assert told[0] != told[2] or name == "quiet"


@pytest.mark.parametrize("name", SITUATIONS)
def test_rules_fit_a_screen_and_stand_in_the_documentation(name: str) -> None:
    situation = named(name)
    text = Path("docs/testing.md").read_text(encoding="utf-8")

    assert 1 <= len(situation.rules.splitlines()) <= 10
    assert all(len(line) <= 100 for line in situation.rules.splitlines())
    assert f"`{name}`" in text
    assert situation.rules in text


@pytest.mark.parametrize("name", SITUATIONS)
def test_every_order_is_one_that_the_simulator_takes_and_calm_ends_all_of_it(name: str) -> None:
    async def hours(sky: Sky) -> None:
        await sky.keeps_up(3)
        await sky.ends()
        assert sky.world.facts.get("capacity", []) == []
        assert sky.world.facts.get("event_faults", {}) == {}
        assert sky.world.facts.get("quota", {}) == {}
        assert sky.world.facts["settings"].get("latency_of", {}) == {}
        assert sky.world.shelf("faults").entries == {}
        await sky.clock.sleep(HOUR_S)
        before = len(sky.evictions())
        await sky.keeps_up(12)
        assert len(sky.evictions()) == before

    under(name, hours)


def test_an_unknown_name_is_told_with_all_that_are_known() -> None:
    with pytest.raises(
        ValueError, match=r"named 'storm'\. Worlds: quiet, eviction_storm, .*restart\."
    ):
        named("storm")


# -- each one -------------------------------------------------------------------------------------


def test_quiet_is_quiet() -> None:
    sky = under("quiet", _six_hours)

    assert sky.changes == []


def test_a_storm_takes_many_at_once_every_few_minutes() -> None:
    sky = under("eviction_storm", _six_hours)

    evicted = sky.evictions()
    assert all(180 <= gap <= 1_200 for gap in gaps_s(evicted))
    assert max(Counter(one.at for one in evicted).values()) == 3
    assert len(evicted) > 30


def test_a_full_zone_evicts_and_refuses_there_and_nowhere_else() -> None:
    async def story(sky: Sky) -> None:
        await sky.clock.sleep(600)
        assert [one.id.rsplit("/", 1)[-1] for one in sky.evictions()] == ["vm1"]
        for zone, end in (("1", "deallocated"), ("2", "running")):
            with suppress(ValueError):
                await sky.azure.ask("POST", f"{COMPUTE}/virtualMachines/vm{zone}/start")
            await sky.clock.sleep(100)
            assert _power(sky, f"vm{zone}") == end
        await sky.makes("od", "1", priority="Regular")
        assert _power(sky, "od") == "running"
        await sky.keeps_up(10)

    sky = under("full_zone", story)

    assert {one.id.rsplit("/", 1)[-1] for one in sky.evictions()} == {"vm1", "vm2", "vm3"}


def _power(sky: Sky, name: str) -> str:
    vm = sky.world.find(f"{COMPUTE}/virtualMachines/{name}")
    return str(vm.sim.get("power")) if vm else "gone"


def test_a_full_region_takes_all_spot_vms_and_gives_them_back_in_an_hour() -> None:
    async def story(sky: Sky) -> None:
        await sky.clock.sleep(600)
        assert {_power(sky, f"vm{zone}") for zone in ZONES} == {"deallocated"}
        await sky.keeps_up(1.2)

    sky = under("full_region", story)

    up = {one.id for one in sky.changes if _runs(one.after) and not _runs(one.before)}
    assert len(up) == 3


def test_in_a_thin_market_vms_last_minutes_but_in_one_zone() -> None:
    lives_s = under("thin_market", _six_hours).lives_s()

    short = [life for life in lives_s if life < HOUR_S]
    minutes = [life for life in short if 60 <= life <= 301]
    assert len(minutes) > 30
    assert len(minutes) / len(short) > 0.9  # the others met a new draw


def test_behind_the_wall_new_vms_are_refused_for_quota_and_old_ones_start() -> None:
    async def story(sky: Sky) -> None:
        await sky.clock.sleep(120)
        with pytest.raises(ValueError, match="LowPriorityCores"):
            await sky.makes("more", "1")
        await sky.keeps_up(0.1)
        await sky.clock.sleep(60)
        assert {_power(sky, f"vm{zone}") for zone in ZONES} == {"running"}

    under("quota_wall", story)


async def _asks_often(sky: Sky, hours: float) -> Counter[int]:
    """Read and write as the product for some hours; return the statuses, 0 for broken calls."""
    counted: Counter[int] = Counter()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    path = f"{COMPUTE}/virtualMachines/vm1/start?api-version=2026-04-01"
    for _ in range(int(hours * 60)):
        await sky.clock.sleep(60)
        for method, url in (("GET", path.replace("/start", "")), ("POST", path)):
            try:
                status, _, _ = await sky.simulator.handle(method, url, headers, b"")
            except ConnectionLostError:
                status = 0
            counted[status] += 1
    return counted


def asked_under(name: str, hours: float = 6.0) -> tuple[Counter[int], Sky]:
    counted: Counter[int] = Counter()

    async def story(sky: Sky) -> None:
        counted.update(await _asks_often(sky, hours))

    return counted, under(name, story)


def test_throttled_calls_are_answered_429_for_some_of_the_time() -> None:
    counted, sky = asked_under("throttled")

    assert 0.05 <= counted[429] / counted.total() <= 0.4
    assert sky.evictions()


def test_flaky_calls_break_and_fail_a_little() -> None:
    counted, sky = asked_under("flaky_replies", 12.0)

    assert 0.05 <= counted[0] / counted.total() <= 0.16
    assert counted[500]
    assert counted[503]
    assert sky.evictions()


def test_faults_spare_people() -> None:
    async def story(sky: Sky) -> None:
        await sky.clock.sleep(1)
        for _ in range(300):
            await sky.clock.sleep(10)
            await sky.azure.ask("GET", f"{COMPUTE}/virtualMachines/vm1")

    under("flaky_replies", story)


def test_slow_disks_take_their_time() -> None:
    async def story(sky: Sky) -> None:
        await sky.clock.sleep(1)
        disk = f"{COMPUTE}/disks/new"
        await sky.asks("PUT", disk, {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8})
        await sky.clock.sleep(3)
        made = sky.world.find(disk)
        assert made
        assert made.sim.get("operation")
        await sky.clock.sleep(10)
        assert not made.sim.get("operation")

    under("slow_disks", story)


def test_the_deaf_hear_nothing() -> None:
    sky = under("deaf", _six_hours)

    assert sky.evictions()
    assert sky.heard == []


def test_stuttering_events_come_twice_and_late() -> None:
    sky = under("stuttering", _six_hours)

    times = Counter(body for _, body in sky.heard)
    delays = list(_delays_s(sky))
    assert 0.2 <= sum(count == 2 for count in times.values()) / len(times) <= 0.7
    assert max(delays) > 300
    assert delays != sorted(delays)


def _delays_s(sky: Sky) -> Iterator[float]:
    for at, body in sky.heard:
        told = body.decode().split('"eventTime": "')[1].split('"')[0].replace("Z", "+00:00")
        yield seconds_between(type(at).fromisoformat(told), at)


def test_the_host_is_killed_every_few_minutes_after_an_eviction() -> None:
    sky = under("restart", _six_hours)

    acts = [act for moment in islice(named("restart").schedule(1), 4) for act in moment.acts]
    assert 60 <= sky.kills <= 300
    assert [type(act) for act in acts] == [Order, KillHost, Order, KillHost]
