"""Health from the fleet list and from reads: what is written, what is read, what is replaced."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from services.health import CALM_MIN, LOOKS_A_MINUTE, Health, chosen
from services.tick import Act
from shared.model.ids import NodeKey, node_key
from shared.model.run import DueItem, DueKind, OperationKind, Status
from shared.model.seen import VmHealth
from shared.policy.health import VM_AGENT, VM_STATE, HealthRules
from store.node_rows import NodeRecord
from store.summary import NodeSummary
from tests.services.house import House, opened_house
from tests.store.worlds import NOON

GOOD, ILL, UNKNOWN = VmHealth.HEALTHY, VmHealth.UNHEALTHY, VmHealth.UNKNOWN
STATE_ONLY = {"healthCheckTypes": ["vmState"], "gracePeriod": 0}
AGENT = {
    "healthCheckTypes": ["vmAgent"],
    "gracePeriod": 0,
    "autoHealing": True,
    "unhealthyDuration": 120,
}


@dataclass
class Ward:
    """A house whose nodes are watched."""

    house: House
    agents: dict[NodeKey, VmHealth] = field(default_factory=dict)
    reads: int = 0
    deaf: bool = False

    def __post_init__(self) -> None:
        house = self.house
        self.health = Health(house.stores, house.operations, house.azure.ask, self.check)
        acts: dict[str, Act] = {DueKind.HEALTH: self.health.act}
        house.fleet = replace(house.fleet, watches=(self.health.watch,))
        house.tick_work = replace(house.tick_work, acts=acts)

    async def check(self, record: NodeRecord, _rules: HealthRules) -> dict[str, VmHealth]:
        self.reads += 1
        if self.deaf:
            raise HttpResponseError("(ServiceUnavailable) not now")
        return {VM_STATE: GOOD, VM_AGENT: self.agents.get(record.key, GOOD)}

    async def lives(self, number: int, health: dict[str, Any], **run: Any) -> NodeKey:
        key = await self.house.lives(number, **run)
        record = await self.house.node(key)
        document = record.document | {"health": health}
        await self.house.stores.nodes.put_document(record, document)
        return key

    async def minutes(self, number: int = 1) -> None:
        """Let minutes pass: a tick at each full one, a look at the fleet at each half."""
        for _ in range(number):
            await self.house.ticks()
            self.house.clock.moment += timedelta(seconds=30)
            await self.house.looks()

    async def shows(self, key: NodeKey) -> str:
        return (await self.house.node(key)).run.vm_health


@pytest.fixture
async def ward() -> AsyncIterator[Ward]:
    async with opened_house() as house:
        yield Ward(house)


async def operations_of(ward: Ward) -> list[str]:
    return [one.split("-")[2] for one in ward.house.starts.ids]


async def test_the_list_of_the_fleet_is_all_that_the_vm_state_needs(ward: Ward) -> None:
    key = await ward.lives(1, STATE_ONLY)

    await ward.minutes(5)

    assert await ward.shows(key) == GOOD
    assert ward.reads == 0
    assert await ward.house.told(key) == ["the VM is HEALTHY: every check is good"]
    assert await ward.house.due() == 0 or not ward.house.starts.ids


async def test_what_stays_as_it_is_is_written_once(ward: Ward) -> None:
    key = await ward.lives(1, AGENT)
    await ward.minutes(5)
    before = await ward.house.node(key)

    await ward.minutes(20)

    after = await ward.house.node(key)
    assert after.operation == before.operation
    assert after.run == before.run


async def test_a_vm_that_is_well_is_read_each_third_minute_and_one_that_is_not_each(
    ward: Ward,
) -> None:
    key = await ward.lives(1, AGENT | {"autoHealing": False})
    await ward.minutes(5)
    ward.reads = 0
    await ward.minutes(30)
    calm = ward.reads
    ward.agents[key] = ILL
    await ward.minutes(5)
    ward.reads = 0
    await ward.minutes(30)

    assert calm == 30 // CALM_MIN
    assert ward.reads == 30
    assert await ward.shows(key) == ILL


async def test_an_unhealthy_vm_is_recycled_once(ward: Ward) -> None:
    """S65."""
    key = await ward.lives(1, AGENT)
    await ward.minutes(5)
    ward.agents[key] = ILL

    await ward.minutes(15)

    held = await ward.house.held_by(key)
    assert held is not None
    assert (held.kind, held.orchestrator) == (OperationKind.RECYCLE, "recycle")
    assert await operations_of(ward) == ["recycle"]
    assert any("unhealthy, replacing the VM: vmAgent" in one for one in await ward.house.told(key))


async def test_nothing_is_replaced_on_an_old_look(ward: Ward) -> None:
    key = await ward.lives(1, AGENT)
    await ward.minutes(5)
    ward.agents[key] = ILL
    while await ward.shows(key) != ILL:
        await ward.minutes()
    ward.house.clock.moment += timedelta(minutes=10)
    ward.agents[key] = GOOD

    await ward.house.looks()

    assert await ward.house.held_by(key) is None
    assert await ward.shows(key) == GOOD


async def test_a_vm_that_is_down_is_a_matter_of_verdicts(ward: Ward) -> None:
    key = await ward.lives(1, AGENT | {"healthCheckTypes": ["vmState"]})
    await ward.minutes(3)
    vm = await ward.house.vm(key)
    ward.house.azure.listed[vm.id.lower()] = "stopping"
    ward.house.azure.read[vm.id.lower()] = "stopping"

    await ward.minutes(30)

    assert await ward.shows(key) == ILL
    assert ward.house.starts.ids == []


async def test_while_azure_does_not_answer_nothing_changes(ward: Ward) -> None:
    key = await ward.lives(1, AGENT)
    await ward.minutes(5)
    ward.agents[key], ward.deaf = ILL, True

    await ward.minutes(10)

    assert await ward.shows(key) == GOOD


async def test_a_node_that_is_held_is_left_alone(ward: Ward) -> None:
    key = await ward.lives(1, AGENT)
    record = await ward.house.node(key)
    other = ward.house.operations.make(key, OperationKind.STOP)
    assert await ward.house.stores.nodes.lock(record, other)

    await ward.minutes(5)

    assert ward.reads == 0
    assert await ward.shows(key) == UNKNOWN


async def test_an_observation_that_was_cut_short_is_made_up_for(ward: Ward) -> None:
    key = await ward.lives(1, STATE_ONLY)
    record = await ward.house.node(key)
    cut = ward.house.operations.make(key, OperationKind.OBSERVE)
    await ward.house.operations.watch(key, cut)
    assert await ward.house.stores.nodes.lock(record, cut)

    await ward.minutes(5)

    assert await ward.shows(key) == GOOD


async def test_nobody_looks_before_the_grace_period_is_over(ward: Ward) -> None:
    key = await ward.lives(1, AGENT | {"gracePeriod": 600})

    await ward.minutes(8)
    early = ward.reads, await ward.shows(key)
    await ward.minutes(6)

    assert early == (0, UNKNOWN)
    assert await ward.shows(key) == GOOD


async def test_one_nodes_failure_is_its_own(ward: Ward) -> None:
    keys = [await ward.lives(number, AGENT) for number in range(1, 4)]
    broken = keys[0]
    whole = ward.check

    async def check(record: NodeRecord, rules: HealthRules) -> dict[str, VmHealth]:
        if record.key == broken:
            raise ValueError("a bug of ours")
        return await whole(record, rules)

    ward.house.tick_work = replace(
        ward.house.tick_work,
        acts={DueKind.HEALTH: replace(ward.health, check=check).act},
    )
    await ward.minutes(6)

    assert [await ward.shows(key) for key in keys] == [UNKNOWN, GOOD, GOOD]


async def test_checks_that_nobody_asks_for_any_more_say_nothing(ward: Ward) -> None:
    key = await ward.lives(1, AGENT | {"autoHealing": False})
    ward.agents[key] = ILL
    await ward.minutes(5)
    record = await ward.house.node(key)
    await ward.house.stores.nodes.put_document(record, record.document | {"health": None})

    await ward.minutes(2)

    assert await ward.shows(key) == UNKNOWN
    assert (await ward.house.node(key)).run.health_seen is None


async def test_a_due_row_of_a_node_that_is_gone_is_over(ward: Ward) -> None:
    item = DueItem(account_id="act-1", node_id="ssn-1", kind=DueKind.HEALTH, due_at=NOON)

    assert await ward.health.act(item, ward.house.starts)


# -- how reads are spread -----------------------------------------------------------------------


def summaries(number: int, health: VmHealth = GOOD) -> list[NodeSummary]:
    return [
        NodeSummary(key=node_key("act-1", f"ssn-{one:08x}"), status=Status.ACTIVE, vm_health=health)
        for one in range(number)
    ]


@pytest.mark.parametrize("number", [1, 100, 5_000])
def test_each_vm_that_is_well_is_read_once_in_its_period(number: int) -> None:
    nodes = summaries(number)
    period = max(CALM_MIN, -(-number // LOOKS_A_MINUTE))
    read = count()

    for minute in range(period):
        found = chosen(nodes, NOON + timedelta(minutes=minute))
        assert len(found) <= 2 * LOOKS_A_MINUTE
        for _ in found:
            next(read)

    assert next(read) == number


def test_vms_that_are_not_well_come_first_and_leave_the_others_their_turn() -> None:
    ill, well = summaries(50, ILL), summaries(600)

    seen = [chosen([*ill, *well], NOON + timedelta(minutes=one)) for one in range(CALM_MIN)]

    assert all(one[:50] == ill for one in seen)
    assert sum(len(one) for one in seen) == 50 * CALM_MIN + 600
