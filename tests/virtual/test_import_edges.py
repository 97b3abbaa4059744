"""Imports that cannot be, or that only one place allows: refused before the source is touched."""

from typing import Any

import pytest

from local.worlds.inprocess import NODES, Answer, InProcess
from tests.virtual import sources
from tests.virtual.disks import deleted, deletion
from tests.virtual.import_guard import Guard
from tests.virtual.support import document, tell
from tests.virtual.test_import import (
    KEEP_NETWORK,
    NO_SPOT,
    SPOT_ALONE,
    ended,
    ours,
    shown,
)

Json = dict[str, Any]


def error(answer: Answer) -> tuple[int, str, str]:
    (one,) = answer.body["response"]["errors"]
    return answer.status, one["field"], one["message"]


async def zonal_source(world: InProcess) -> None:
    """A VM in zone 1 whose public address serves that zone alone."""
    address = {"sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}
    await sources.lay(world, sources.ADDRESS, {**address, "zones": ["1"]})
    await sources.lay(world, sources.NIC, sources.nic_body())
    await sources.lay(world, sources.VM, sources.vm_body())


def test_a_node_that_keeps_a_zonal_address_comes_up_in_its_zone_whatever_it_prefers() -> None:
    """S71, S89."""

    async def story(world: InProcess) -> Any:
        await zonal_source(world)
        public = sources.there(world, sources.ADDRESS).properties["ipAddress"]
        compute = {"zones": ["1", "2"], "preferredZone": "2"}
        node_id = await sources.imported(world, KEEP_NETWORK | {"compute": compute})
        return public, await ended(world, node_id), await shown(world, node_id)

    public, state, node = tell(story)

    assert (state, node["status"]) == ("ImportCompleted", "ACTIVE")
    assert (node["zone"], node["publicIp"]) == ("1", public)


def test_a_zonal_address_that_no_zone_of_the_node_serves_is_refused_unless_it_stays_behind() -> (
    None
):
    """S71."""

    async def story(world: InProcess) -> Any:
        await zonal_source(world)
        guard = Guard.over(world, network_kept=True)
        elsewhere = {"compute": {"zones": ["2", "3"]}}
        keeping = sources.call(KEEP_NETWORK | elsewhere)
        refused = await world.api("POST", sources.IMPORT, keeping)
        untouched = guard.changed(world), await sources.power(world)
        node_id = await sources.imported(world, elsewhere)
        return refused, untouched, await ended(world, node_id), await shown(world, node_id)

    refused, untouched, state, node = tell(story)

    assert error(refused) == (
        400,
        "statefulNodeImport.node.compute.zones",
        "must name zone 1: the VM's public address, which is kept, serves that zone alone",
    )
    assert untouched == ([], "running")
    assert (state, node["zone"] in ("2", "3")) == ("ImportCompleted", True)


def test_a_resource_group_that_is_not_there_is_refused_in_a_create_and_an_import() -> None:
    """R7: the source is not even stopped."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, network_kept=True)
        said = {"resourceGroupName": "nowhere"}
        imports = await world.api("POST", sources.IMPORT, sources.call(said))
        node = document()
        node["statefulNode"] |= said
        created = await world.api("POST", NODES, node)
        return imports, created, guard.changed(world), ours(world)

    imports, created, changed, made = tell(story)

    told = "names no resource group of the subscription"
    assert error(imports) == (400, "statefulNodeImport.node.resourceGroupName", told)
    assert error(created) == (400, "statefulNode.resourceGroupName", told)
    assert (changed, made) == ([], [])


def test_a_node_whose_import_failed_has_nothing_to_bring_up_and_goes_without_a_trace() -> None:
    """S17: it allows its deletion alone, and says so."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        await world.azure.ask("PUT", "/_world/capacity", NO_SPOT)
        node_id = await sources.imported(world, SPOT_ALONE)
        state = await ended(world, node_id)
        await world.azure.ask("DELETE", "/_world/capacity")
        path = f"{NODES}/{node_id}/state"
        asked = [
            await world.api("PUT", path, {"state": word}) for word in ("resume", "recycle", "start")
        ]
        await deleted(world, node_id, deletion(disk=0, network=0, publicIp=0, snapshot=0))
        return state, asked, ours(world), await sources.power(world)

    state, asked, left, power = tell(story)

    assert state == "ImportFailed"
    assert [one.status for one in asked] == [400, 400, 400]
    (why,) = asked[0].body["response"]["errors"]
    assert why["message"].endswith("its import having failed; allowed now: delete")
    assert (left, power) == ([], "running")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("virtualMachineScaleSet", "cannot be imported: it is part of a scale set"),
        ("host", "cannot be imported: it is part of a dedicated host"),
        ("hostGroup", "cannot be imported: it is part of a dedicated host"),
    ],
)
def test_a_vm_that_is_part_of_something_larger_is_not_taken_out_of_it(name: str, told: str) -> None:
    """S68."""

    async def story(world: InProcess) -> Answer:
        await sources.source(world)
        larger = {"id": f"{sources.COMPUTE}/{name}s/larger"}
        sources.there(world, sources.VM).properties[name] = larger
        return await world.api("POST", sources.IMPORT, sources.call())

    assert error(tell(story)) == (400, "statefulNodeImport.originalVmName", told)
