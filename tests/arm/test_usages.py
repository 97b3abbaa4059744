"""Quota: what counts against which pool, and the words of the refusal."""

from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient

from local.arm.sku.state import Size, size
from local.arm.usage import state
from local.arm.wire import ArmProblem
from local.arm.world import Resource, World
from tests.arm.compute import sync
from tests.simulator import SUBSCRIPTION, Azure

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"


def add_vm(world: World, name: str, vm_size: str, priority: str | None = None) -> None:
    vm_id = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/{name}"
    properties: dict[str, Any] = {"hardwareProfile": {"vmSize": vm_size}}
    if priority:
        properties["priority"] = priority
    body = {"location": "eastus", "properties": properties}
    world.save(Resource(vm_id, state.VIRTUAL_MACHINES, body))


def the(world: World, name: str) -> Size:
    found = size(world, name)
    assert found is not None
    return found


async def test_spot_vms_draw_on_one_pool_and_regular_ones_on_two(azure: Azure) -> None:
    add_vm(azure.world, "spot", "Standard_D4s_v5", "Spot")
    add_vm(azure.world, "regular", "standard_d8s_v5")

    def work(client: ComputeManagementClient) -> dict[str, tuple[int, int]]:
        rows = client.usage.list("eastus")
        return {str(row.name.value): (row.current_value, row.limit) for row in rows}

    used = await sync(azure, work)

    assert used["lowPriorityCores"] == (4, 350)
    assert used["cores"] == (8, 350)
    assert used["standardDSv5Family"] == (8, 350)
    assert used["standardDASv5Family"] == (0, 350)
    assert used["virtualMachines"] == (2, 25_000)
    assert used["StandardNCADSA100v4Family"] == (0, 0)


async def test_a_name_is_spelled_out_for_people(azure: Azure) -> None:
    path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/locations/eastus/usages"

    _, body, _ = await azure.arm("GET", path)

    names = {row["name"]["value"]: row["name"]["localizedValue"] for row in body["value"]}
    assert names["standardDSv3Family"] == "Standard DSv3 Family vCPUs"
    assert names["lowPriorityCores"] == "Total Regional Low-priority vCPUs"


@pytest.mark.parametrize(
    ("pool", "priority", "called"),
    [
        ("lowPriorityCores", "Spot", "LowPriorityCores"),
        ("cores", "Regular", "Total Regional Cores"),
        ("standardDSv5Family", None, "standardDSv5Family Cores"),
    ],
)
async def test_a_vm_too_many_is_refused_with_the_figures(
    azure: Azure, pool: str, priority: str | None, called: str
) -> None:
    world = azure.world
    add_vm(world, "one", "Standard_D2s_v5", priority)
    state.set_limit(world, "*", "eastus", pool, 3)
    wanted = the(world, "Standard_D4s_v5")

    with pytest.raises(ArmProblem) as refused:
        state.check(
            world, subscription=SUBSCRIPTION, location="eastus", size=wanted, priority=priority
        )

    assert (refused.value.status, refused.value.error["code"]) == (409, "OperationNotAllowed")
    assert refused.value.error["message"].startswith(
        "Operation could not be completed as it results in exceeding approved "
        f"{called} quota. Additional details - Deployment Model: Resource Manager, "
        "Location: eastus, Current Limit: 3, Current Usage: 2, Additional Required: 4, "
        "(Minimum) New Limit Required: 6."
    )


async def test_a_vm_of_the_same_size_needs_no_more(azure: Azure) -> None:
    world = azure.world
    add_vm(world, "one", "Standard_D2s_v5", "Spot")
    state.set_limit(world, SUBSCRIPTION, "eastus", "lowPriorityCores", 2)

    state.check(
        world,
        subscription=SUBSCRIPTION,
        location="eastus",
        size=the(world, "Standard_D2as_v5"),
        priority="Spot",
        less=2,
    )


async def test_disks_and_snapshots_are_counted_by_kind(azure: Azure) -> None:
    path = f"{GROUP}/providers/Microsoft.Compute/disks/d1"
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
    await azure.put(path, {"location": "eastus", "properties": properties})

    used = state.used(azure.world, SUBSCRIPTION, "eastus")

    assert used["StandardDiskCount"] == 1
    assert state.used(azure.world, SUBSCRIPTION, "westeurope").total() == 0
