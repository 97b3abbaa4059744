"""Networks through whole lives: several NICs, pools of addresses, speeds of sizes."""

from typing import Any

from local.worlds.faults import Call, Fault, Refused
from local.worlds.ground import GROUP, NETWORK
from local.worlds.inprocess import NODES, InProcess
from tests.virtual.support import document, evict, reach, status, tell, vm_path

FULL = {"lifecycle": "SPOT", "room": 0}
RG = GROUP.rsplit("/", 1)[-1]


def wanted(*nics: dict[str, Any], keeps_network: bool) -> dict[str, Any]:
    body = document()
    node = body["statefulNode"]
    node["persistence"]["shouldPersistNetwork"] = keeps_network
    network = node["compute"]["launchSpecification"]["network"]
    first = {key: network["networkInterfaces"][0][key] for key in ("isPrimary", "subnetName")}
    network["networkInterfaces"] = [first | nics[0], *nics[1:]]
    return body


async def created(world: InProcess, body: dict[str, Any]) -> str:
    answer = await world.api("POST", NODES, body)
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    return node_id


async def nics_of(world: InProcess, node_id: str) -> list[dict[str, Any]]:
    """Return the NICs of the node's VM, as Azure shows them."""
    vm = await world.azure.ask("GET", await vm_path(world, node_id))
    listed = vm["properties"]["networkProfile"]["networkInterfaces"]
    return [await world.azure.ask("GET", one["id"]) for one in listed]


async def put_address(world: InProcess, name: str, *zones: str) -> str:
    properties = {"publicIPAllocationMethod": "Static"}
    body: dict[str, Any] = {"location": "eastus", "properties": properties}
    body |= {"sku": {"name": "Standard"}} | ({"zones": list(zones)} if zones else {})
    await world.azure.ask("PUT", f"{NETWORK}/publicIPAddresses/{name}", body)
    await world.sleep(30)
    return f"{NETWORK}/publicIPAddresses/{name}"


async def fill(world: InProcess, **where: Any) -> None:
    await world.azure.ask("PUT", "/_world/capacity", {"rules": [FULL | where]})


def primary(nic: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = nic["properties"]["ipConfigurations"][0]["properties"]
    return properties


async def shown(world: InProcess, node_id: str) -> tuple[str, str]:
    item = (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]
    return item.get("privateIp") or "", item.get("publicIp") or ""


def test_a_vm_has_all_its_interfaces_again_after_it_was_made_anew() -> None:
    """R21, R77, S10: every NIC with its addresses, in their order."""

    async def story(world: InProcess) -> Any:
        second = {"isPrimary": False, "subnetName": "default"}
        public = {"assignPublicIp": True, "publicIpSku": "Standard"}
        node_id = await created(world, wanted(public, second, keeps_network=True))
        before = await nics_of(world, node_id)
        await fill(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return before, await nics_of(world, node_id)

    before, after = tell(story)

    assert len(before) == 2
    assert [one["id"] for one in before] == [one["id"] for one in after]
    assert [primary(one) for one in before] == [primary(one) for one in after]


def test_an_unpersisted_nic_hands_its_pool_addresses_to_the_next() -> None:
    """S88, S89: the NIC goes with its VM, so the same addresses of the pools serve the next one."""

    async def story(world: InProcess) -> Any:
        await put_address(world, "lent")
        pools = {
            "privateIpAddresses": ["10.60.0.200"],
            "assignPublicIp": True,
            "publicIpSku": "Standard",
            "publicIps": [{"name": "lent", "resourceGroupName": RG}],
        }
        node_id = await created(world, wanted(pools, keeps_network=False))
        before = await shown(world, node_id), (await nics_of(world, node_id))[0]["id"]
        await fill(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        await world.sleep(60)
        after = await shown(world, node_id), (await nics_of(world, node_id))[0]["id"]
        left = await world.azure.ask("GET", f"{NETWORK}/networkInterfaces")
        return before, after, [one["id"] for one in left["value"]]

    before, after, left = tell(story)

    assert before[0] == after[0]
    assert before[0][0] == "10.60.0.200"
    assert before[1] != after[1]
    assert left == [after[1]]


def test_a_kept_address_of_one_zone_keeps_its_node_there() -> None:
    """S89, I3: a full zone is waited for; the address is never given up for another zone."""

    async def story(world: InProcess) -> Any:
        await put_address(world, "one", "1")
        pool = {
            "assignPublicIp": True,
            "publicIpSku": "Standard",
            "publicIps": [{"name": "one", "resourceGroupName": RG}],
        }
        body = wanted(pool, keeps_network=True)
        body["statefulNode"]["compute"] |= {"zones": ["1", "2"], "preferredZone": "1"}
        node_id = await created(world, body)
        before = await shown(world, node_id)
        for lifecycle in ("SPOT", "OD"):
            await world.azure.ask(
                "PUT",
                "/_world/capacity",
                {"rules": [{"lifecycle": lifecycle, "zone": "1", "room": 0}]},
            )
        await evict(world, node_id)
        await world.sleep(1_800)
        waiting = await status(world, node_id)
        await world.azure.ask("DELETE", "/_world/capacity")
        await reach(world, node_id, "ACTIVE")
        return before, waiting, await shown(world, node_id)

    before, waiting, after = tell(story)

    assert waiting == "RESUMING"
    assert before == after
    assert all(before)


def test_a_first_launch_that_lands_elsewhere_has_the_address_of_that_zone() -> None:
    """S89: an address that was bound before a market refused is exchanged, and free again."""

    async def story(world: InProcess) -> Any:
        one = await put_address(world, "one", "1")
        await put_address(world, "two", "2")
        pool = {
            "assignPublicIp": True,
            "publicIpSku": "Standard",
            "publicIps": [{"name": name, "resourceGroupName": RG} for name in ("one", "two")],
        }
        body = wanted(pool, keeps_network=True)
        body["statefulNode"]["compute"] |= {"zones": ["1", "2"], "preferredZone": "1"}
        await world.azure.ask("PUT", "/_world/capacity", {"rules": [{"zone": "1", "room": 0}]})
        node_id = await created(world, body)
        (nic,) = await nics_of(world, node_id)
        return primary(nic), await world.azure.ask("GET", one)

    has, one = tell(story)

    assert has["publicIPAddress"]["id"].endswith("/two")
    assert "ipConfiguration" not in one["properties"]


def test_a_kept_nic_follows_the_speed_of_the_sizes_that_it_serves() -> None:
    """A size without accelerated networking takes the NIC all the same; its address stays."""

    async def story(world: InProcess) -> Any:
        body = wanted({}, keeps_network=True)
        body["statefulNode"]["compute"]["vmSizes"] = {
            "spotSizes": ["standard_d2ds_v5"],
            "odSizes": ["standard_ds1_v2"],
        }
        node_id = await created(world, body)
        (before,) = await nics_of(world, node_id)
        await fill(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        (after,) = await nics_of(world, node_id)
        return before, after, (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]

    before, after, item = tell(story)

    assert before["properties"]["enableAcceleratedNetworking"] is True
    assert after["properties"]["enableAcceleratedNetworking"] is False
    assert before["id"] == after["id"]
    assert primary(before) == primary(after)
    assert item["vmSize"].lower() == "standard_ds1_v2"


def test_a_network_that_azure_does_not_have_is_refused_when_the_node_is_made() -> None:
    """R78: 400 with the field, and nothing is made."""

    async def story(world: InProcess) -> Any:
        body = wanted({"subnetName": "nowhere"}, keeps_network=True)
        answer = await world.api("POST", NODES, body)
        return answer, (await world.api("GET", NODES)).items

    answer, nodes = tell(story)

    (error,) = answer.body["response"]["errors"]
    assert answer.status == 400
    assert error["field"].endswith("networkInterfaces[0].subnetName")
    assert nodes == []


def behind(name: str) -> dict[str, Any]:
    one = {"type": "loadBalancer", "resourceGroupName": RG, "name": name}
    config = {"loadBalancers": [{**one, "backendPoolNames": ["web"]}]}
    return {"statefulNode": {"compute": {"launchSpecification": {"loadBalancersConfig": config}}}}


def test_an_edit_is_looked_up_too_and_an_outage_of_azure_refuses_nothing() -> None:
    """S90: a balancer that is not there is a 400; one that nobody can look up is taken."""

    async def story(world: InProcess) -> Any:
        node_id = await created(world, wanted({}, keeps_network=True))
        refused = await world.api("PUT", f"{NODES}/{node_id}", behind("none"))

        def outage(call: Call) -> Fault | None:
            return Refused(503, "ServerBusy", "busy") if "/loadBalancers/" in call.path else None

        world.wire.hook = outage
        taken = await world.api("PUT", f"{NODES}/{node_id}", behind("none"))
        world.wire.hook = None
        log = f"{NODES}/{node_id}/log?fromDate=0&toDate=4102444800000"
        answer = await world.api("GET", log)
        return refused, taken, [line["message"] for line in answer.items]

    refused, taken, lines = tell(story)

    assert (refused.status, taken.status) == (400, 200)
    (error,) = refused.body["response"]["errors"]
    assert error["field"].endswith("loadBalancers[0].name")
    assert any(line.startswith("The network could not be looked up (") for line in lines)
