"""Groups that VMs are placed in: made, named, checked, kept while a VM names them."""

from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute import models as m

from tests.arm.compute import sync
from tests.arm.machines import COMPUTE, SIZE, VM, from_image, refused, world


async def test_the_client_makes_lists_and_deletes_each_kind_of_group() -> None:
    async with world() as azure:

        def work(client: ComputeManagementClient) -> list[str | None]:
            client.proximity_placement_groups.create_or_update(
                "rg", "p", m.ProximityPlacementGroup(location="eastus")
            )
            client.availability_sets.create_or_update(
                "rg", "a", m.AvailabilitySet(location="eastus")
            )
            client.capacity_reservation_groups.create_or_update(
                "rg", "c", m.CapacityReservationGroup(location="eastus")
            )
            client.proximity_placement_groups.delete("rg", "p")
            return [
                *(one.name for one in client.proximity_placement_groups.list_by_subscription()),
                *(one.name for one in client.availability_sets.list("rg")),
                *(one.name for one in client.capacity_reservation_groups.list_by_subscription()),
            ]

        assert await sync(azure, work) == ["a", "c"]


async def test_a_vm_must_fit_the_group_that_it_names() -> None:
    async with world() as azure:
        zonal = f"{COMPUTE}/proximityPlacementGroups/p"
        reserved = f"{COMPUTE}/capacityReservationGroups/c"
        await azure.put(zonal, {"location": "eastus", "zones": ["2"]})
        await azure.put(reserved, {"location": "eastus", "zones": ["1"]})
        kept = {"location": "eastus", "zones": ["1"], "sku": {"name": SIZE, "capacity": 1}}
        await azure.put(f"{reserved}/capacityReservations/r", kept)
        nearby = {"id": zonal}
        reservation = {"capacityReservationGroup": {"id": reserved}}

        zone = await refused(azure, "PUT", VM, from_image(proximityPlacementGroup=nearby))
        spot = await refused(azure, "PUT", VM, from_image(capacityReservation=reservation))
        regular = await azure.put(VM, from_image(spot=False, capacityReservation=reservation))

        in_use = await refused(azure, "DELETE", reserved)
        assert (zone["http"], spot["http"], in_use["http"]) == (409, 409, 409)
        assert regular["properties"]["capacityReservation"] == reservation
