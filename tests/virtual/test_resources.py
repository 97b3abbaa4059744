"""What a node has in Azure, as the API shows it."""

from typing import Any

from local.worlds.faults import Call, Fault, LostReply, Refused
from local.worlds.inprocess import NODES, InProcess
from tests.virtual.disks import GROUP_NAME, run_of, turned
from tests.virtual.support import active_node, evict, reach, tell


async def resources(world: InProcess, node_id: str) -> Any:
    answer = await world.api("GET", f"{NODES}/{node_id}/resources")
    assert answer.status == 200, answer.body
    assert answer.body["response"]["kind"] == "spotinst:azure:statefulNode:resources"
    return answer.items[0]


def test_a_nodes_network_and_storage_are_told_as_azure_has_them() -> None:
    """S50."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        return await resources(world, node_id), run_of(world, node_id), node_id, world

    shown, run, node_id, world = tell(story)

    (nic,) = shown["network"]["networkInterfaces"]
    (address,) = nic["ipConfigurations"]
    assert (shown["id"], shown["resourceGroupName"]) == (node_id, GROUP_NAME)
    assert shown["network"]["virtualNetwork"]["name"] == "mooring-vnet"
    assert (nic["name"], nic["isPrimary"]) == (run.nics[0].name, True)
    assert nic["networkSecurityGroup"]["name"] == "mooring-nsg"
    assert nic["macAddress"]
    assert address["privateIpAddress"] == run.private_ip
    assert address["publicIp"]["ipAddress"] == run.public_ip
    assert address["publicIp"]["skuName"] == "Standard"
    assert (address["isPrimary"], address["primary"]) == (True, True)
    assert address["subnet"]["addressPrefix"]
    assert address["privateIPAddressVersion"] == "IPv4"
    os_disk, data = shown["storage"]["osDisk"], shown["storage"]["dataDisks"]
    assert (os_disk["name"], os_disk["osType"], os_disk["sizeGB"]) == (
        run.os_disk.name,
        "Linux",
        64,
    )
    assert [(one["lun"], one["storageAccountType"]) for one in data] == [
        (0, "Premium_LRS"),
        (1, "StandardSSD_LRS"),
    ]
    assert os_disk["lastCompletedSnapshot"] is None
    assert not world.arm.calls.unknown


def test_the_newest_snapshot_of_a_disk_is_told_with_its_moment() -> None:
    """S4."""

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        answer = await world.api(
            "PUT",
            f"{NODES}/{node_id}",
            {"statefulNode": {"compute": {"zones": ["1", "2"]}}},
        )
        assert answer.status == 200, answer.body
        full = {"rules": [{"location": "eastus", "zone": "1", "room": 0}]}
        await world.azure.ask("PUT", "/_world/capacity", full)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        run = run_of(world, node_id)
        snapshots = {one.rsplit("/", 1)[-1] for one in run.snapshots}
        return await resources(world, node_id), run, snapshots

    shown, run, snapshots = tell(story)

    assert run.vm.zone == "2"
    disks = [shown["storage"]["osDisk"], *shown["storage"]["dataDisks"]]
    assert len(snapshots) == 3
    assert {one["snapshot"] for one in disks} == snapshots
    assert all(one["lastCompletedSnapshot"].endswith("Z") for one in disks)


def test_of_a_paused_node_the_disks_and_interfaces_that_it_keeps_are_told() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await active_node(world)
        await turned(world, node_id, "pause", "PAUSED")
        return await resources(world, node_id)

    shown = tell(story)

    assert len(shown["network"]["networkInterfaces"]) == 1
    assert len(shown["storage"]["dataDisks"]) == 2


def test_what_azure_does_not_tell_is_told_as_last_known() -> None:
    def hook(call: Call) -> Fault | None:
        if call.method != "GET":
            return None
        if "networkinterfaces" in call.path.lower():
            return Refused(403, "AuthorizationFailed", "no role here")
        return LostReply() if "/disks/" in call.path.lower() else None

    async def story(world: InProcess) -> tuple[Any, ...]:
        node_id = await active_node(world)
        world.wire.hook = hook
        return await resources(world, node_id), run_of(world, node_id)

    shown, run = tell(story)

    (nic,) = shown["network"]["networkInterfaces"]
    (address,) = nic["ipConfigurations"]
    assert (address["privateIpAddress"], address["subnet"]) == (run.private_ip, None)
    assert address["publicIp"]["ipAddress"] == run.public_ip
    assert (nic["macAddress"], nic["enableIpForwarding"]) == (None, None)
    assert shown["storage"]["osDisk"]["sizeGB"] == 64


def test_an_unknown_node_has_no_resources() -> None:
    async def story(world: InProcess) -> Any:
        return await world.api("GET", f"{NODES}/ssn-00000000/resources")

    answer = tell(story)

    assert answer.status == 400
    assert answer.body["response"]["errors"][0]["code"] == "GROUP_DOESNT_EXIST"
