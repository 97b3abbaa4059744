"""Reserved capacity: who may have it, and what it is good for."""

from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from tests.arm.compute import sync
from tests.arm.machines import (
    COMPUTE,
    SIZE,
    VM,
    Json,
    act,
    fill,
    from_image,
    read,
    refused,
    vm_id,
    want,
    world,
)
from tests.simulator import SUBSCRIPTION, Azure

GROUP = f"{COMPUTE}/capacityReservationGroups/ours"
ONE = f"{GROUP}/capacityReservations/two"
JOINED: Json = {"capacityReservation": {"capacityReservationGroup": {"id": GROUP}}}


async def reserve(azure: Azure, capacity: int = 1, *, zone: str = "1", size: str = SIZE) -> Json:
    await azure.arm("PUT", GROUP, {"location": "eastus", "zones": ["1", "2"]})
    sku = {"name": size, "capacity": capacity}
    status, made, _ = await azure.arm(
        "PUT", ONE, {"location": "eastus", "zones": [zone], "sku": sku}
    )
    assert status in (200, 201), made
    return dict(made)


def regular(*, spot: bool = False, **more: Any) -> Json:
    return from_image(spot=spot, **JOINED, **more)


async def in_use(azure: Azure) -> list[str]:
    view = (await read(azure, f"{ONE}?$expand=instanceView"))["properties"]["instanceView"]
    return [one["id"].split("/")[-1] for one in view["utilizationInfo"]["virtualMachinesAllocated"]]


async def test_the_client_reserves_reads_and_gives_back() -> None:
    async with world() as azure:
        await reserve(azure, 2)
        await azure.put(VM, regular())

        def work(client: ComputeManagementClient) -> list[Any]:
            group = client.capacity_reservation_groups.get("rg", "ours", expand="instanceView")
            (listed,) = client.capacity_reservations.list_by_capacity_reservation_group(
                "rg", "ours"
            )
            return [group, listed]

        group, listed = await sync(azure, work)

        assert isinstance(group, m.CapacityReservationGroup)
        (view,) = group.instance_view.capacity_reservations
        assert (view.name, len(view.utilization_info.virtual_machines_allocated)) == ("two", 1)
        assert (listed.sku.name, listed.sku.capacity, listed.zones) == (SIZE, 2, ["1"])


async def test_where_there_is_no_room_left_a_reserved_place_is_kept() -> None:
    async with world() as azure:
        await reserve(azure)
        await fill(azure, lifecycle="OD", when="accept")

        elsewhere = await refused(azure, "PUT", vm_id("vm2"), from_image(spot=False, nic="nic2"))
        await azure.put(VM, regular())

        assert elsewhere["code"] == "AllocationFailed"
        assert await in_use(azure) == ["vm1"]


async def test_more_vms_than_places_stand_on_what_room_there_is() -> None:
    async with world() as azure:
        await reserve(azure)
        await azure.put(VM, regular())
        body = regular(nic="nic2")
        body["properties"]["storageProfile"]["osDisk"]["name"] = "os2"
        await fill(azure, lifecycle="OD", when="accept")

        error = await refused(azure, "PUT", vm_id("vm2"), body)

        assert error["code"] == "AllocationFailed"


async def test_a_vm_that_is_deallocated_gives_its_place_back_and_stays_associated() -> None:
    async with world() as azure:
        await reserve(azure)
        await azure.put(VM, regular())
        await act(azure, "deallocate")

        assert await in_use(azure) == []
        error = await refused(azure, "DELETE", ONE)
        assert error["http"] == 409


@pytest.mark.parametrize(
    "body",
    [regular(size="Standard_D4s_v5"), regular(zone="2"), regular(spot=True)],
    ids=["another size", "another zone", "a Spot VM"],
)
async def test_a_vm_must_be_what_is_reserved(body: Json) -> None:
    async with world() as azure:
        await reserve(azure)

        error = await refused(azure, "PUT", VM, body)

        assert (error["http"], error["target"]) == (409, "capacityReservation")


async def test_a_group_goes_when_it_is_empty() -> None:
    async with world() as azure:
        await reserve(azure)
        held = await refused(azure, "DELETE", GROUP)

        first, _, _ = await azure.arm("DELETE", ONE)
        again, _, _ = await azure.arm("DELETE", ONE)
        group, _, _ = await azure.arm("DELETE", GROUP)

        assert (held["http"], first, again, group) == (409, 200, 204, 200)


async def test_what_is_reserved_is_paid_from_the_quota_once() -> None:
    async with world() as azure:
        await reserve(azure, 2)
        await azure.put(VM, regular())

        path = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Compute/locations/eastus/usages"
        rows = (await read(azure, path))["value"]

        used = {row["name"]["value"]: row["currentValue"] for row in rows}
        assert (used["cores"], used["virtualMachines"]) == (4, 1)


async def test_with_a_quota_that_is_used_up_a_reserved_place_can_be_taken() -> None:
    async with world() as azure:
        await reserve(azure)
        limit = {"location": "eastus", "name": "cores", "limit": 2}
        await want(azure, "PUT", "/quota", {"limits": [limit]})

        await azure.put(VM, regular())

        assert await in_use(azure) == ["vm1"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"sku": {"name": SIZE, "capacity": 1}, "zones": ["3"]}, 400),
        ({"sku": {"name": SIZE, "capacity": 1}, "location": "westus"}, 400),
        ({"sku": {}}, 400),
    ],
)
async def test_a_reservation_is_in_the_place_of_its_group(changes: Json, status: int) -> None:
    async with world() as azure:
        missing = await refused(azure, "PUT", ONE, {"location": "eastus"})
        await azure.put(GROUP, {"location": "eastus", "zones": ["1"]})

        error = await refused(azure, "PUT", ONE, {"location": "eastus", **changes})

        assert (missing["http"], error["http"]) == (404, status)
