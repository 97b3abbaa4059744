"""What a person writes into a document, seen in Azure over a node's life, in whole worlds."""

from typing import Any

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, Answer, InProcess
from tests.virtual.disks import COMPUTE, idle, run_of, there, turned
from tests.virtual.support import active_node, document, evict, reach, tell

OURS = f"{COMPUTE}/capacityReservationGroups/ours"
RULE = f"{GROUP}/providers/Microsoft.Insights/dataCollectionRules/fleet"
WINDOWS = {
    "publisher": "MicrosoftWindowsServer",
    "offer": "WindowsServer",
    "sku": "2022-datacenter-azure-edition",
    "version": "latest",
}
NO_ROOM = {"rules": [{"room": 0, "when": "accept"}]}
RESERVING = {"shouldUtilize": True, "utilizationStrategy": "utilizeOverOD"}


async def edit(world: InProcess, node_id: str, change: dict[str, Any]) -> Answer:
    answer = await world.api("PUT", f"{NODES}/{node_id}", {"statefulNode": change})
    assert answer.status == 200, answer.body
    return answer


def launch(**parts: Any) -> dict[str, Any]:
    return {"compute": {"launchSpecification": parts}}


async def created(world: InProcess, whole: dict[str, Any]) -> str:
    answer = await world.api("POST", NODES, whole)
    assert answer.status == 200, answer.body
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    return node_id


def test_a_disk_size_of_an_edit_is_there_after_the_next_recycle_on_the_same_disk() -> None:
    """S98: and a type likewise; nothing happens to the VM that runs."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        before = run_of(world, node_id)
        await edit(world, node_id, launch(osDisk={"sizeGB": 128, "type": "StandardSSD_LRS"}))
        first = run_of(world, node_id).data_disks[0].name
        edited = there(world, "disks")[before.os_disk.name].properties["diskSizeGB"]  # type: ignore[union-attr]
        await turned(world, node_id, "recycle", "ACTIVE")
        return before, edited, run_of(world, node_id), there(world, "disks"), first

    before, edited, after, disks, first = tell(story)

    disk = disks[before.os_disk.name]
    assert edited == 64
    assert (disk.properties["diskSizeGB"], disk.body["sku"]["name"]) == (128, "StandardSSD_LRS")
    assert after.os_disk.id == before.os_disk.id
    assert (after.os_disk.size_gib, after.os_disk.sku) == (128, "StandardSSD_LRS")
    assert disks[first].properties["diskSizeGB"] == 32


def test_where_there_is_no_room_at_all_a_node_lives_on_what_is_reserved_for_it() -> None:
    """R71."""

    async def story(world: InProcess) -> Any:
        await world.azure.ask("PUT", OURS, {"location": "eastus", "zones": ["1"]})
        sku = {"name": "Standard_D2s_v5", "capacity": 1}
        body = {"location": "eastus", "zones": ["1"], "sku": sku}
        await world.azure.ask("PUT", f"{OURS}/capacityReservations/one", body)
        whole = document()
        whole["statefulNode"]["strategy"]["capacityReservation"] = RESERVING
        node_id = await created(world, whole)
        spot = run_of(world, node_id).vm
        await world.azure.ask("PUT", "/_world/capacity", NO_ROOM)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        (vm,) = there(world, "virtualmachines").values()
        return spot, run_of(world, node_id).vm, vm, world.arm.calls.unknown

    spot, after, vm, unknown = tell(story)

    assert (spot.lifecycle.value, after.lifecycle.value) == ("SPOT", "OD")
    assert vm.properties["capacityReservation"]["capacityReservationGroup"]["id"] == OURS
    assert not unknown


def test_each_vm_of_a_node_is_observed_by_the_rule_of_its_document() -> None:
    """S107."""

    async def story(world: InProcess) -> tuple[list[str], Any]:
        await world.azure.ask("PUT", RULE, {"location": "eastus"})
        whole = document()
        insights = {"isEnabled": True, "dataCollectionRuleId": RULE}
        whole["statefulNode"]["integrations"] = {"insights": insights}
        node_id = await created(world, whole)
        await turned(world, node_id, "recycle", "ACTIVE")
        kind = "datacollectionruleassociations"
        found = there(world, kind).values()
        return [one.properties["dataCollectionRuleId"] for one in found], world.arm.calls.unknown

    rules, unknown = tell(story)

    assert rules == [RULE]
    assert not unknown


def unpersisted() -> dict[str, Any]:
    whole = document()
    keeps = dict.fromkeys(("OsDisk", "DataDisks", "Network"), False)
    whole["statefulNode"]["persistence"] = {
        f"shouldPersist{name}": no for name, no in keeps.items()
    }
    return whole


async def name_of(world: InProcess, node_id: str) -> str:
    await idle(world, node_id)
    return str((await world.api("GET", f"{NODES}/{node_id}/status")).items[0]["vmName"])


def test_a_fixed_name_is_that_of_each_vm_and_a_prefix_begins_the_name_of_each() -> None:
    """R5, R37, R38: through a recycle, an eviction and an edit, whatever else persists."""

    async def story(world: InProcess) -> list[str]:
        whole = unpersisted()
        whole["statefulNode"]["compute"]["launchSpecification"]["vmName"] = "only"
        node_id = await created(world, whole)
        names = [await name_of(world, node_id)]
        await turned(world, node_id, "recycle", "ACTIVE")
        names.append(await name_of(world, node_id))
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        names.append(await name_of(world, node_id))
        await edit(world, node_id, launch(vmName=None, vmNamePrefix="web"))
        for _ in range(2):
            await turned(world, node_id, "recycle", "ACTIVE")
            names.append(await name_of(world, node_id))
        return names

    names = tell(story)

    assert names[:3] == ["only"] * 3
    assert all(name.startswith("web-") for name in names[3:])
    assert len(set(names)) == 3


def test_a_node_without_zones_is_regional_with_all_that_it_has() -> None:
    """R9: neither VM nor disks are in a zone, before and after an eviction with no room for it."""

    async def story(world: InProcess) -> list[set[tuple[str, ...]]]:
        whole = document()
        del whole["statefulNode"]["compute"]["zones"]
        node_id = await created(world, whole)
        seen = [zones_in(world)]
        full = {"rules": [{"room": 0, "lifecycle": "SPOT"}]}
        await world.azure.ask("PUT", "/_world/capacity", full)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return [*seen, zones_in(world)]

    assert tell(story) == [{()}, {()}]


def zones_in(world: InProcess) -> set[tuple[str, ...]]:
    """Return the zones of the VM and the disks that there are, each resource's own."""
    found = there(world, "virtualmachines", "disks").values()
    return {tuple(one.body.get("zones") or ()) for one in found}


def test_tags_of_the_document_are_on_all_that_is_made_and_an_edit_of_them_on_the_next_vm() -> None:
    """R98, R100."""

    async def story(world: InProcess) -> tuple[dict[str, Any], dict[str, Any]]:
        whole = document()
        tags = [{"tagKey": "team", "tagValue": "blue"}, {"tagKey": "bare"}]
        whole["statefulNode"]["compute"]["launchSpecification"]["tags"] = tags
        node_id = await created(world, whole)
        first = {name: one.body["tags"] for name, one in there(world).items()}
        await edit(world, node_id, launch(tags=[{"tagKey": "team", "tagValue": "red"}]))
        await turned(world, node_id, "recycle", "ACTIVE")
        (vm,) = there(world, "virtualmachines").values()
        return first, vm.body["tags"]

    first, after = tell(story)

    assert len(first) == 6
    assert all((tags["team"], tags["bare"]) == ("blue", "") for tags in first.values())
    assert (after["team"], "bare" in after) == ("red", False)


def test_a_windows_vm_of_a_long_name_has_a_host_name_that_fits_and_its_password() -> None:
    """R37, R51: fifteen characters, by Azure's rule; each VM from the image is told anew."""

    async def story(world: InProcess) -> tuple[list[Any], Any]:
        whole = unpersisted()
        compute = whole["statefulNode"]["compute"]
        compute["os"] = "Windows"
        compute["launchSpecification"] |= {
            "vmName": "a-very-long-windows-name-1",
            "image": {"marketplace": WINDOWS},
            "login": {"userName": "ada", "password": "Correct-Horse-7x"},
            "osDisk": {"type": "Premium_LRS", "sizeGB": 128},
        }
        node_id = await created(world, whole)
        names = []
        for _ in range(2):
            await idle(world, node_id)
            (vm,) = there(world, "virtualmachines").values()
            names.append((vm.body["name"], vm.properties["osProfile"]["computerName"]))
            await turned(world, node_id, "recycle", "ACTIVE")
        return names, vm.properties["osProfile"]["adminUsername"]

    names, user = tell(story)

    assert names == [("a-very-long-windows-name-1", "a-very-s-name-1")] * 2
    assert user == "ada"


def test_an_image_that_azure_does_not_have_is_refused_before_anything_is_made() -> None:
    async def story(world: InProcess) -> tuple[Answer, dict[str, Any]]:
        whole = document()
        image = {"resourceGroupName": GROUP.rsplit("/", 1)[-1], "name": "gone"}
        whole["statefulNode"]["compute"]["launchSpecification"]["image"] = {"custom": image}
        return await world.api("POST", NODES, whole), there(world)

    answer, left = tell(story)

    (error,) = answer.body["response"]["errors"]
    assert answer.status == 400
    assert error["field"] == "statefulNode.compute.launchSpecification.image.custom.name"
    assert left == {}
