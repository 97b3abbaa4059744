"""Reserved capacity on the simulated Azure: read, ranked, and taken by a VM."""

from datetime import timedelta
from typing import Any

from activities.reservations import Reserved
from shared.contracts.market import DECIDE, Decide, Decided, Nowhere
from shared.contracts.vm import VmUp
from shared.model.facts import Reservation
from shared.model.market import Market
from shared.model.run import Lifecycle
from tests.activities.acts import SETUP, VM_ID
from tests.activities.image_scenes import launch
from tests.activities.scenes import played
from tests.activities.stage import COMPUTE, KEY, Stage

SIZE = "Standard_D2s_v5"
GROUPS = f"{COMPUTE}/capacityReservationGroups"
OURS = f"{GROUPS}/ours"


async def reserve(stage: Stage, name: str = "ours", places: int = 1, size: str = SIZE) -> None:
    group = f"{GROUPS}/{name}"
    await stage.arm("PUT", group, {"location": "eastus", "zones": ["1"]})
    sku = {"name": size, "capacity": places}
    body = {"location": "eastus", "zones": ["1"], "sku": sku}
    await stage.arm("PUT", f"{group}/capacityReservations/{size}", body)


async def wanting(stage: Stage, *names: str) -> None:
    """Store a node that uses reserved capacity: of these groups, or of any."""
    wanted: dict[str, Any] = {"shouldUtilize": True, "utilizationStrategy": "utilizeOverSpot"}
    if names:
        wanted["capacityReservationGroups"] = [
            {"name": name, "resourceGroupName": "fleet"} for name in names
        ]
    document: dict[str, Any] = {
        "compute__zones": ["1"],
        "strategy__capacityReservation": wanted,
    }
    await stage.node(**document)


async def decided(stage: Stage) -> Any:
    return await stage.ask(DECIDE, Decide(work=stage.work("decide", SETUP), why="launch"))


def groups_of(answer: Decided | Nowhere) -> list[str]:
    assert isinstance(answer, Decided)
    return [one.market.reservation for one in answer.moves]


async def taken(stage: Stage) -> Any:
    """Launch a VM in the reserved place."""
    market = Market(size=SIZE, zone="1", lifecycle=Lifecycle.OD, reservation=OURS)
    return await launch(stage, market=market)


def test_the_place_that_a_group_keeps_is_the_first_market() -> None:
    """R71: read through the SDK; the VM is Regular and says whose place it takes."""

    async def scene(stage: Stage) -> tuple[Any, Any, Any]:
        await reserve(stage)
        await wanting(stage, "ours")
        answer = await decided(stage)
        up = await launch(stage, market=answer.moves[0].market)
        return answer, up, stage.find(VM_ID)

    answer, up, vm = played(scene)

    assert groups_of(answer)[0] == OURS
    assert isinstance(up, VmUp)
    assert up.vm.lifecycle is Lifecycle.OD
    group = vm.properties["capacityReservation"]["capacityReservationGroup"]
    assert group["id"] == OURS


def test_without_names_every_group_of_the_region_is_looked_into() -> None:
    """R75."""

    async def scene(stage: Stage) -> Any:
        await reserve(stage, "zulu")
        await reserve(stage, "alpha", size="Standard_D4s_v5")
        await wanting(stage)
        return await decided(stage)

    assert groups_of(played(scene))[0] == f"{GROUPS}/zulu"


def test_a_place_that_another_vm_holds_is_not_free() -> None:
    async def scene(stage: Stage) -> Any:
        await reserve(stage)
        await wanting(stage, "ours")
        assert isinstance(await taken(stage), VmUp)
        return await decided(stage)

    assert OURS not in groups_of(played(scene))


def test_a_group_that_is_not_there_is_told_and_waited_for_by_nobody() -> None:
    async def scene(stage: Stage) -> tuple[Any, str]:
        await wanting(stage, "gone")
        answer = await decided(stage)
        day = timedelta(days=1)
        now = stage.ports.clock.now()
        return answer, str(await stage.ports.stores.log.read(KEY, now - day, now + day))

    answer, log = played(scene)

    assert set(groups_of(answer)) == {""}
    assert f"{GROUPS}/gone cannot be read" in log


def test_an_outage_of_the_groups_does_not_keep_a_node_down() -> None:
    async def scene(stage: Stage) -> Any:
        await reserve(stage)
        await wanting(stage, "ours")
        stage.fault("refuse", "*capacityReservationGroups/read", status=503, times=50)
        return await decided(stage)

    assert set(groups_of(played(scene))) == {""}


def test_the_place_that_the_nodes_own_vm_holds_counts_as_free_for_it() -> None:
    held = Reserved(OURS, SIZE, "1", 1, (VM_ID.upper(),))

    assert held.for_vm(VM_ID) == Reservation(group_id=OURS, size=SIZE, zone="1", free=1)
    assert held.for_vm("").free == 0
