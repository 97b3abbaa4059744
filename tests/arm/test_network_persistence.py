from pathlib import Path

from local.arm.nic import state as nics
from local.arm.persistence import SqliteJournal
from tests.arm import networks
from tests.arm.networks import NETWORK, SUBNET, VM, VNET
from tests.simulator import start

POOL = f"{NETWORK}/loadBalancers/lb/backendAddressPools/pool"


async def test_addresses_owners_and_references_outlive_the_simulator(tmp_path: Path) -> None:
    """The network of a killed stack is the same when it comes back."""
    paths = [VNET, f"{NETWORK}/networkInterfaces/n1", f"{NETWORK}/publicIPAddresses/p1", POOL]
    front = {"name": "front", "properties": {"subnet": {"id": SUBNET}}}
    balancer = networks.located(
        {"frontendIPConfigurations": [front], "backendAddressPools": [{"name": "pool"}]},
        sku={"name": "Standard"},
    )
    async with start(journal=SqliteJournal(tmp_path / "world")) as azure:
        await azure.arm("PUT", networks.GROUP, {"location": "eastus"})
        await networks.put_network(azure)
        address = await networks.put_address(azure)
        await azure.put(f"{NETWORK}/loadBalancers/lb", balancer)
        public = {"publicIPAddress": {"id": address["id"]}}
        pools = {"loadBalancerBackendAddressPools": [{"id": POOL}]}
        nic = await networks.put_interface(azure, "n1", {**public, **pools})
        nics.claim(azure.world, nic["id"], VM)
        before = [(await azure.arm("GET", path))[1] for path in paths]

    async with start(journal=SqliteJournal(tmp_path / "world")) as azure:
        after = [(await azure.arm("GET", path))[1] for path in paths]
        refusal = await networks.refused(azure, "DELETE", nic["id"])
        next_one = await networks.put_interface(azure, "n2")

    assert after == before
    assert refusal[1] == "NicInUse"
    held = next_one["properties"]["ipConfigurations"][0]["properties"]
    assert held["privateIPAddress"] == "10.0.0.6"


async def test_a_write_that_is_under_way_ends_after_a_restart(tmp_path: Path) -> None:
    slow = {"latency_scale": 60}
    async with start(journal=SqliteJournal(tmp_path / "world"), settings=slow) as azure:
        await azure.arm("PUT", networks.GROUP, {"location": "eastus"})
        _, made, headers = await azure.arm("PUT", VNET, networks.network())
        path = headers["azure-asyncoperation"].removeprefix(azure.url)

    async with start(journal=SqliteJournal(tmp_path / "world")) as azure:
        end = await azure.finish({"azure-asyncoperation": azure.url + path})
        _, vnet, _ = await azure.arm("GET", VNET)

    assert made["properties"]["provisioningState"] == "Updating"
    assert end["status"] == "Succeeded"
    assert vnet["properties"]["provisioningState"] == "Succeeded"


async def test_a_write_that_fails_at_its_end_leaves_the_resource_failed() -> None:
    async with start() as azure:
        await azure.arm("PUT", networks.GROUP, {"location": "eastus"})
        fault = {"kind": "fail", "operation": "Microsoft.Network/virtualNetworks/write"}
        status, told, _ = await azure.send("POST", "/_world/faults", {**fault, "times": 1})
        assert status < 300, told
        _, _, headers = await azure.arm("PUT", VNET, networks.network())
        end = await azure.finish(headers)
        _, vnet, _ = await azure.arm("GET", VNET)
        again = await azure.put(VNET, networks.network())

    assert (end["status"], end["error"]["code"]) == ("Failed", "InternalExecutionError")
    assert vnet["properties"]["provisioningState"] == "Failed"
    assert again["properties"]["provisioningState"] == "Succeeded"
