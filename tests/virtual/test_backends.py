"""A node behind a load balancer and an application gateway, through what befalls it."""

from datetime import datetime
from typing import Any

import pytest

from local.worlds.ground import GROUP, NETWORK
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.virtual.support import document, evict, reach, tell, vm_path

BALANCER = f"{NETWORK}/loadBalancers/front"
GATEWAY = f"{NETWORK}/applicationGateways/gate"
POOLS = {f"{BALANCER}/backendAddressPools/web", f"{GATEWAY}/backendAddressPools/site"}
SUBNETS = f"{NETWORK}/virtualNetworks/mooring-vnet/subnets"
DRAINING_S = 300
QUICK = Options(settings={"latency_of": {"gateway.*": 0.01}})
"""No test waits the ten minutes that Azure builds a gateway."""


async def build(world: InProcess) -> None:
    subnet = {"properties": {"addressPrefix": "10.60.32.0/24"}}
    await world.azure.ask("PUT", f"{SUBNETS}/gateways", subnet)
    await world.sleep(60)
    front = {"name": "f", "properties": {"subnet": {"id": f"{SUBNETS}/default"}}}
    parts: dict[str, Any] = {"frontendIPConfigurations": [front]}
    balancer = {**parts, "backendAddressPools": [{"name": "web"}]}
    await world.azure.ask(
        "PUT",
        BALANCER,
        {"location": "eastus", "sku": {"name": "Standard"}, "properties": balancer},
    )
    inside = {"subnet": {"id": f"{SUBNETS}/gateways"}}
    gateway = {
        "sku": {"name": "Standard_v2", "tier": "Standard_v2", "capacity": 1},
        "gatewayIPConfigurations": [{"name": "g", "properties": inside}],
        "frontendIPConfigurations": [{"name": "f", "properties": inside}],
        "backendAddressPools": [{"name": "site"}],
    }
    await world.azure.ask("PUT", GATEWAY, {"location": "eastus", "properties": gateway})
    await world.sleep(60)


def balanced(*, keeps_network: bool) -> dict[str, Any]:
    body = document()
    node = body["statefulNode"]
    node["strategy"]["drainingTimeout"] = DRAINING_S
    node["persistence"]["shouldPersistNetwork"] = keeps_network
    node["compute"]["launchSpecification"]["loadBalancersConfig"] = {
        "loadBalancers": [
            {
                "type": "loadBalancer",
                "resourceGroupName": GROUP.rsplit("/", 1)[-1],
                "name": "front",
                "backendPoolNames": ["web"],
                "loadBalancerSku": "Standard",
            },
            {
                "type": "applicationGateway",
                "resourceGroupName": GROUP.rsplit("/", 1)[-1],
                "name": "gate",
                "backendPoolNames": ["site"],
            },
        ]
    }
    return body


async def behind(world: InProcess, *, keeps_network: bool) -> str:
    """Build both, create the node; return its id once it is ACTIVE."""
    await build(world)
    answer = await world.api("POST", NODES, balanced(keeps_network=keeps_network))
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    return node_id


async def nic_of(world: InProcess, node_id: str) -> Any:
    vm = await world.azure.ask("GET", await vm_path(world, node_id))
    nic_id = vm["properties"]["networkProfile"]["networkInterfaces"][0]["id"]
    return await world.azure.ask("GET", nic_id)


def pools_of(nic: Any) -> set[str]:
    properties = nic["properties"]["ipConfigurations"][0]["properties"]
    held = [
        *properties.get("loadBalancerBackendAddressPools", []),
        *properties.get("applicationGatewayBackendAddressPools", []),
    ]
    return {one["id"] for one in held}


async def members(world: InProcess) -> set[str]:
    """Return the ids of the NICs that the balancer and the gateway know of."""
    found = set()
    for owner in (BALANCER, GATEWAY):
        for pool in (await world.azure.ask("GET", owner))["properties"]["backendAddressPools"]:
            for one in pool["properties"].get("backendIPConfigurations", []):
                found.add(f"{owner.rsplit('/', 1)[-1]} {one['id'].split('/')[8]}")
    return found


def nic_writes(world: InProcess) -> int:
    counts = world.arm.calls.counts.items()
    return sum(count for call, count in counts if "networkInterfaces/write" in call)


def test_an_evicted_vm_that_starts_in_place_never_leaves_its_pools() -> None:
    """S90: membership is the NIC's; it outlives the eviction, and nothing is written for it."""

    async def story(world: InProcess) -> Any:
        node_id = await behind(world, keeps_network=True)
        before, writes = await nic_of(world, node_id), nic_writes(world)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return before, await nic_of(world, node_id), nic_writes(world) - writes

    before, after, writes = tell(story, options=QUICK)

    assert pools_of(before) == pools_of(after) == POOLS
    assert before["id"] == after["id"]
    assert writes == 0


@pytest.mark.parametrize("keeps_network", [True, False])
def test_a_vm_created_anew_is_in_its_pools_and_the_nic_before_it_in_none(
    keeps_network: bool,  # noqa: FBT001
) -> None:
    """R64, S90: registered once it is up; what is not kept leaves no trace in any pool."""

    async def story(world: InProcess) -> Any:
        node_id = await behind(world, keeps_network=keeps_network)
        before = await nic_of(world, node_id)
        full = {"rules": [{"lifecycle": "SPOT", "room": 0}]}
        await world.azure.ask("PUT", "/_world/capacity", full)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        await world.sleep(120)
        return before, await nic_of(world, node_id), await members(world)

    before, after, known = tell(story, options=QUICK)

    assert pools_of(after) == POOLS
    assert (before["id"] == after["id"]) is keeps_network
    assert known == {f"front {after['name']}", f"gate {after['name']}"}


@pytest.mark.parametrize("keeps_network", [True, False])
def test_a_paused_node_is_drained_first_and_registered_again_when_resumed(
    keeps_network: bool,  # noqa: FBT001
) -> None:
    """R64, S19: deregistered, drained, then deallocated; in its pools again once it is back."""

    async def story(world: InProcess) -> Any:
        node_id = await behind(world, keeps_network=keeps_network)
        answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "pause"})
        assert answer.status == 200, answer
        await reach(world, node_id, "PAUSED")
        out = await members(world)
        left, taken = moments(world)
        answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "resume"})
        assert answer.status == 200, answer
        await reach(world, node_id, "ACTIVE")
        return out, taken - left, await nic_of(world, node_id), world.arm.calls.unknown

    out, drained_s, nic, unknown = tell(story, options=QUICK)

    assert out == set()
    assert DRAINING_S <= drained_s < DRAINING_S + 60
    assert pools_of(nic) == POOLS
    assert not unknown


def moments(world: InProcess) -> tuple[float, float]:
    """Return when the NIC last left its pools, and when the VM was deallocated."""

    def last(operation: str) -> float:
        calls = [one for one in world.arm.calls.since(0) if one["operation"] == operation]
        return datetime.fromisoformat(calls[-1]["at"]).timestamp()

    return (
        last("Microsoft.Network/networkInterfaces/write"),
        last("Microsoft.Compute/virtualMachines/deallocate/action"),
    )


def test_a_balancer_that_an_edit_took_away_knows_nothing_of_the_next_vm() -> None:
    """S42, S90: the edit takes effect with the next VM, on a NIC that is kept."""

    async def story(world: InProcess) -> Any:
        node_id = await behind(world, keeps_network=True)
        path = ["compute", "launchSpecification", "loadBalancersConfig"]
        edit: Any = None
        for name in reversed(path):
            edit = {name: edit}
        answer = await world.api("PUT", f"{NODES}/{node_id}", {"statefulNode": edit})
        assert answer.status == 200, answer
        before = await members(world)
        answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "recycle"})
        assert answer.status == 200, answer
        await world.sleep(5)
        await reach(world, node_id, "ACTIVE")
        return before, await members(world)

    before, after = tell(story, options=QUICK)

    assert len(before) == 2
    assert after == set()
