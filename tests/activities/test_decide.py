"""The decision, its facts read over HTTP from the simulator with the product's own clients."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from activities.azure.clients import AzureClients
from activities.azure.errors import Transient
from activities.catalogue import Catalogue
from activities.market import decide_move
from activities.ports import Ports
from activities.prices import RetailPrices
from local.arm.sku import state as sku
from local.arm.usage import state as usage
from shared.contracts.base import Refused, Throttled, Work
from shared.contracts.market import Decide, Decided, Nowhere
from shared.contracts.vm import VmFacts
from shared.model.facts import Decision, DecisionInputs
from shared.model.ids import NodeKey, node_key
from shared.model.market import MarketMemory, Rung
from shared.model.run import (
    DiskRef,
    Lifecycle,
    LogEntry,
    Operation,
    OperationKind,
    RunState,
    Vm,
    Waiting,
)
from shared.model.wire import from_stored, launch_digest
from shared.policy.decide import decide
from shared.settings import Settings
from store.stores import Stores
from tests.simulator import SUBSCRIPTION, Azure, start
from tests.store.worlds import NOON, HandClock, after
from tests.unit.model.documents import node

NUMBERS = count(1)
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
VM_ID = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
DISK_ID = f"{GROUP}/providers/Microsoft.Compute/disks/web-os"
D2, D4, V6 = "Standard_D2s_v5", "Standard_D4s_v5", "Standard_D2as_v6"
IMAGE = {
    "publisher": "Canonical",
    "offer": "ubuntu-24_04-lts",
    "sku": "server",
    "version": "latest",
}


@dataclass
class Place:
    """A simulator, a store, and what the activity works with."""

    azure: Azure
    ports: Ports
    prices: RetailPrices
    catalogue: Catalogue
    clock: HandClock
    key: NodeKey

    async def node(self, run: RunState | None = None, **changes: Any) -> None:
        sizes = ["standard_d2s_v5", "standard_d4s_v5"]
        wanted = {"compute__vmSizes__spotSizes": sizes, "compute__zones": ["1"], **changes}
        document = node(**wanted)
        digest = launch_digest(from_stored(document))
        run = (run or RunState()).model_copy(update={"launched_digest": digest})
        operation = Operation(
            id="op-1", kind=OperationKind.CREATE, orchestrator="create", locked_at=NOON
        )
        await self.ports.stores.nodes.create(self.key, document, run, operation)

    async def evicted(self, zone: str = "1", **changes: Any) -> VmFacts:
        """Store a node whose VM is deallocated, on an OS disk that exists; return its VM."""
        await self.azure.put(
            DISK_ID,
            {
                "location": "eastus",
                "zones": [zone],
                "sku": {"name": "Premium_LRS"},
                "properties": {
                    "osType": "Linux",
                    "hyperVGeneration": "V2",
                    "diskSizeGB": 64,
                    "creationData": {"createOption": "Empty"},
                },
            },
        )
        vm = Vm(id=VM_ID, name="web", vm_id="body-1", size=D2, zone=zone, lifecycle=Lifecycle.SPOT)
        disk = DiskRef(id=DISK_ID, name="web-os")
        await self.node(RunState(generation=1, vm=vm, os_disk=disk), **changes)
        return VmFacts(
            exists=True,
            id=VM_ID,
            vm_id="body-1",
            power="deallocated",
            size=D2,
            zone=zone,
            spot=True,
            controller="SCSI",
        )

    async def ask(self, vm: VmFacts | None = None) -> object:
        work = Work(
            key=self.key,
            operation_id="op-1",
            subscription_id=SUBSCRIPTION,
            region="eastus",
            step="decide-0",
        )
        return await decide_move(
            Decide(work=work, why="evicted", vm=vm),
            ports=self.ports,
            prices=self.prices,
            catalogue=self.catalogue,
        )

    async def log(self) -> list[LogEntry]:
        return await self.ports.stores.log.read(self.key, after(-9_999), after(99_999))

    async def decision(self) -> tuple[Decision, DecisionInputs]:
        (entry,) = await self.log()
        data: Any = entry.data
        return (
            Decision.model_validate(data["decision"]),
            DecisionInputs.model_validate(data["inputs"]),
        )

    def calls(self, part: str) -> int:
        counts = self.azure.world.calls.counts.items()
        return sum(times for name, times in counts if part.lower() in name.lower())

    async def fault(self, kind: str, operation: str, **how: Any) -> None:
        fault = {"kind": kind, "operation": f"*{operation}*", "times": 9, **how}
        status, told, _ = await self.azure.send("POST", "/_world/faults", fault)
        assert status < 300, told


@pytest.fixture
async def place(azurite_connection: str) -> AsyncIterator[Place]:
    clock = HandClock(NOON)
    prefix = f"decide{next(NUMBERS)}"
    async with start() as azure, Stores.open(azurite_connection, clock, prefix=prefix) as stores:
        await azure.arm("PUT", GROUP, {"location": "eastus"})
        settings = Settings(
            tables=azurite_connection,
            arm_endpoint=azure.url,
            prices_endpoint=azure.url,
            credential="tests.simulator:AioNoCredential",
        )
        clients = AzureClients(settings)
        prices = RetailPrices(settings.prices_endpoint, clock)
        ports = Ports(stores, clients, clock)
        key = node_key("act-0000beef", "ssn-00000001")
        yield Place(azure, ports, prices, Catalogue(clock), clock, key)
        await prices.close()
        of_subscription = await clients.of(SUBSCRIPTION)
        await of_subscription.compute.close()
        await of_subscription.network.close()


def markets(answer: object) -> list[tuple[str, str | None, Rung]]:
    assert isinstance(answer, Decided)
    return [(move.market.size, move.market.zone, move.rung) for move in answer.moves]


async def test_a_new_node_gets_its_markets_with_their_prices(place: Place) -> None:
    await place.node()

    answer = await place.ask()

    assert isinstance(answer, Decided)
    assert [market[2] for market in markets(answer)] == [Rung.LAUNCH] * 3
    assert all(move.market.usd_per_hour for move in answer.moves)
    spot, on_demand = answer.moves[0].market, answer.moves[-1].market
    assert (spot.lifecycle, on_demand.lifecycle) == (Lifecycle.SPOT, Lifecycle.OD)
    assert (spot.usd_per_hour or 9) < (on_demand.usd_per_hour or 0)


async def test_an_evicted_vm_is_to_be_started_in_place(place: Place) -> None:
    vm = await place.evicted()

    assert markets(await place.ask(vm))[0] == (D2, "1", Rung.START)


async def test_the_disk_as_it_is_decides_where_the_node_can_go(place: Place) -> None:
    """The run row knew neither zone nor type of the disk: Azure does."""
    vm = await place.evicted(zone="2", compute__zones=["3"])

    assert markets(await place.ask(vm))[0] == (D2, "3", Rung.COPY)
    _, inputs = await place.decision()
    assert inputs.os_disk is not None
    assert (inputs.os_disk.zone, inputs.os_disk.sku) == ("2", "Premium_LRS")


async def test_a_controller_that_the_os_disk_does_not_know_is_left_out(place: Place) -> None:
    sizes = ["standard_d2as_v6", "standard_d2s_v5"]
    vm = await place.evicted(compute__vmSizes__spotSizes=sizes)

    await place.ask(vm)

    decision, _ = await place.decision()
    assert [(one.market.size, one.code.value) for one in decision.exclusions] == [
        (V6, "CONTROLLER")
    ]


async def test_a_first_launch_knows_its_image(place: Place) -> None:
    await place.node(compute__launchSpecification__image={"marketplace": IMAGE})

    await place.ask()

    _, inputs = await place.decision()
    assert (inputs.os.generation, inputs.os.architecture) == ("V2", "x64")


async def test_an_image_that_cannot_be_read_excludes_nothing(place: Place) -> None:
    image = {"custom": {"resourceGroupName": "fleet", "name": "missing"}}
    await place.node(compute__launchSpecification__image=image)

    assert markets(await place.ask())[0][0] == D2


async def test_spot_quota_that_is_used_up_leaves_on_demand(place: Place) -> None:
    await place.node()
    usage.set_limit(place.azure.world, "*", "eastus", "lowPriorityCores", 1)

    answer = await place.ask()

    assert isinstance(answer, Decided)
    assert {move.market.lifecycle for move in answer.moves} == {Lifecycle.OD}


async def test_a_restricted_zone_is_left_out_with_its_reason(place: Place) -> None:
    await place.node(strategy__fallbackToOd=False, compute__zones=["1", "2"])
    sku.restrict(place.azure.world, D2, "eastus", zones="1", whole=False)

    assert (D2, "1") not in {market[:2] for market in markets(await place.ask())}
    decision, _ = await place.decision()
    assert "RESTRICTED" in {one.code.value for one in decision.exclusions}


async def test_with_no_market_open_the_node_hears_why_and_when_to_ask_again(place: Place) -> None:
    await place.node(strategy__fallbackToOd=False)
    usage.set_limit(place.azure.world, "*", "eastus", "lowPriorityCores", 0)

    answer = await place.ask()

    assert answer == Nowhere(
        reason="no market is open: 1 OD_NOT_ALLOWED, 2 QUOTA_SPOT; "
        "lowPriorityCores: 0 of 0 vCPUs free, 2 needed",
        until=after(30),
    )
    (entry,) = await place.log()
    assert entry.severity == "WARN"


async def test_a_refused_market_is_remembered_and_tried_again_after_a_wait(place: Place) -> None:
    run = RunState(waiting=Waiting(reason="full", until=NOON, attempt=2))
    await place.node(run, strategy__fallbackToOd=False)
    for size in (D2, D4):
        memory = MarketMemory(
            region="eastus",
            size=size,
            zone="1",
            lifecycle=Lifecycle.SPOT,
            shunned_until=after(3_000),
            last_failure_at=after(-90),
            reason="ZonalAllocationFailed",
        )
        await place.ports.stores.markets.remember(memory)

    assert {market[0] for market in markets(await place.ask())} == {D2, D4}
    decision, _ = await place.decision()
    assert len(decision.probes) == 2


async def test_a_decision_is_kept_with_all_it_was_made_from(place: Place) -> None:
    vm = await place.evicted()

    answer = await place.ask(vm)

    kept, inputs = await place.decision()
    assert decide(inputs).model_dump_json() == kept.model_dump_json()
    assert isinstance(answer, Decided)
    assert answer.moves == kept.moves
    assert kept.inputs_digest.startswith(answer.decision_id)
    (entry,) = await place.log()
    assert entry.message.startswith(f"evicted: first SPOT {D2} in zone 1: start it in place")


async def test_facts_that_cannot_matter_are_not_kept(place: Place) -> None:
    await place.node()

    await place.ask()

    _, inputs = await place.decision()
    assert {size.name for size in inputs.sizes} == {D2, D4}
    assert {price.size for price in inputs.prices} == {D2, D4}
    assert {quota.name.lower() for quota in inputs.quotas} == {
        "cores",
        "lowprioritycores",
        "standarddsv5family",
    }


async def test_a_persisted_disk_that_is_gone_is_named(place: Place) -> None:
    disk = DiskRef(id=DISK_ID, name="web-os")
    await place.node(RunState(generation=1, os_disk=disk))

    answer = await place.ask()

    assert isinstance(answer, Refused)
    assert answer.message == f"the persisted disk web-os is not there any more: {DISK_ID}"


async def test_a_deleted_node_goes_nowhere(place: Place) -> None:
    assert isinstance(await place.ask(), Nowhere)


async def test_the_catalogue_is_asked_for_once_in_six_hours_and_quotas_once_in_five_seconds(
    place: Place,
) -> None:
    await place.node()

    for _ in range(3):
        await place.ask()
    images = place.calls("publishers")
    assert (place.calls("compute/skus"), place.calls("usages"), images) == (1, 1, 2)

    await place.clock.sleep(6)
    await place.ask()
    assert (place.calls("compute/skus"), place.calls("usages")) == (1, 2)

    await place.clock.sleep(6 * 3_600)
    await place.ask()
    assert place.calls("compute/skus") == 2


async def test_an_old_catalogue_is_better_than_none(place: Place) -> None:
    await place.node()
    await place.ask()
    await place.clock.sleep(7 * 3_600)
    await place.fault("refuse", "compute/skus", status=503)
    await place.fault("refuse", "usages", status=503)

    assert markets(await place.ask())[0][0] == D2


async def test_without_prices_and_quotas_a_node_is_placed_all_the_same(place: Place) -> None:
    await place.node()
    await place.fault("refuse", "usages", status=503)
    prices = RetailPrices("http://127.0.0.1:9", place.clock)
    place.prices, unused = prices, place.prices

    answer = await place.ask()

    assert markets(answer)[0][0] == D2
    await prices.close()
    await unused.close()


async def test_a_throttled_catalogue_is_waited_for_as_long_as_azure_says(place: Place) -> None:
    await place.node()
    await place.fault("throttle", "compute/skus", retry_after_s=17)

    assert await place.ask() == Throttled(retry_after_s=17)


@pytest.mark.parametrize("kind", ["lose_request", "refuse"])
async def test_an_azure_that_does_not_answer_is_asked_again_by_the_durable_retry(
    place: Place, kind: str
) -> None:
    await place.node()
    await place.fault(kind, "compute/skus", status=500)

    with pytest.raises(Transient):
        await place.ask()


async def test_a_missing_role_is_told_in_azures_words(place: Place) -> None:
    await place.node()
    await place.fault(
        "refuse", "compute/skus", status=403, code="AuthorizationFailed", message="no role"
    )

    answer = await place.ask()

    assert isinstance(answer, Nowhere)
    assert answer.reason == "AuthorizationFailed: no role"
    assert answer.until == after(30)
