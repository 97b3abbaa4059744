"""Pools of private and public addresses: who takes which, and what happens when they run dry."""

from typing import Any

from local.worlds.faults import Call, Refused
from tests.activities.nic_scenes import (
    FIRST,
    PUBLIC,
    ask,
    configurations,
    dual,
    held,
    interfaces,
    ip_of,
    named,
    put_address,
    put_nic,
    shown,
    told,
)
from tests.activities.scenes import played
from tests.activities.stage import KEY, NETWORK, Stage


def private(*pool: str, **more: Any) -> dict[str, Any]:
    return {**FIRST, "privateIpAddresses": list(pool), **more}


def public(*pool: str) -> dict[str, Any]:
    return {**PUBLIC, "publicIps": named(*pool)}


def name_of(answer: Any) -> str:
    assert answer.kind == "nics_ready", answer
    return str(answer.nics[0].public_ip_id).rsplit("/", 1)[-1]


# -- private --------------------------------------------------------------------------------------


def test_the_first_free_private_address_of_the_pool_is_taken_for_good() -> None:
    """S88: a free address of the pool is taken, static."""

    async def scene(stage: Stage) -> tuple[str, Any]:
        await dual(stage)
        await put_nic(stage, "other", **held("10.0.1.50"))
        await stage.node(**interfaces(private("10.0.1.50", "10.0.1.51", "10.0.1.52")))
        return ip_of(await ask(stage)), configurations(stage)["primary"]

    address, primary = played(scene)

    assert address == "10.0.1.51"
    assert primary["privateIPAllocationMethod"] == "Static"


def test_an_exhausted_private_pool_gives_way_to_a_dynamic_address_and_says_so() -> None:
    """S88: with no free address in the pool, Azure chooses one."""

    async def scene(stage: Stage) -> tuple[str, Any, list[str]]:
        await dual(stage)
        await put_nic(stage, "other", **held("10.0.1.50"))
        await stage.node(**interfaces(private("10.0.1.50")))
        answer = await ask(stage)
        return ip_of(answer), configurations(stage)["primary"], await told(stage)

    address, primary, warnings = played(scene)

    assert address == "10.0.1.4"
    assert primary["privateIPAllocationMethod"] == "Dynamic"
    assert any("no private address of the pool is free: 10.0.1.50" in one for one in warnings)


def test_an_address_that_another_takes_meanwhile_is_passed_over() -> None:
    """S88: that an address is free is believed only once it is ours."""

    async def scene(stage: Stage) -> str:
        await dual(stage)
        await stage.node(**interfaces(private("10.0.1.50", "10.0.1.51")))
        taken = False

        def hook(call: Call) -> Refused | None:
            nonlocal taken
            if call.operation.endswith("networkInterfaces/write") and not taken:
                taken = True
                text = "IP configuration c is using the private IP address 10.0.1.50 which is"
                return Refused(400, "PrivateIPAddressIsAllocated", f"{text} already allocated")
            return None

        stage.wire.hook = hook
        return ip_of(await ask(stage))

    assert played(scene) == "10.0.1.51"


def test_addresses_of_ipv6_in_the_pool_are_for_the_configuration_of_that_version() -> None:
    async def scene(stage: Stage) -> dict[str, Any]:
        await dual(stage)
        six = [{"name": "six", "privateIpAddressVersion": "IPv6"}]
        pool = private("fd00:1::99", "10.0.1.50", additionalIpConfigurations=six)
        await stage.node(**interfaces(pool))
        await ask(stage)
        return configurations(stage)

    made = played(scene)

    assert made["primary"]["privateIPAddress"] == "10.0.1.50"
    assert made["six"]["privateIPAddress"] == "fd00:1::99"


def test_a_private_address_outside_the_subnet_is_refused_in_azures_words() -> None:
    async def scene(stage: Stage) -> Any:
        await dual(stage)
        await stage.node(**interfaces(private("10.0.2.50")))
        return await ask(stage)

    answer = played(scene)

    assert (answer.kind, answer.code) == ("refused", "PrivateIPAddressNotInSubnet")
    assert answer.made


# -- public ---------------------------------------------------------------------------------------


def test_the_first_public_address_of_the_pool_that_fits_is_bound() -> None:
    """S89: addresses of the pool are validated: there, of the SKU, of the region, not in use."""

    async def scene(stage: Stage) -> tuple[str, list[str]]:
        await dual(stage)
        used = await put_address(stage, "used")
        await put_nic(stage, "other", publicIPAddress={"id": used})
        await put_address(stage, "basic", "Basic")
        west = {"location": "westeurope", "sku": {"name": "Standard"}}
        west |= {"properties": {"publicIPAllocationMethod": "Static"}}
        await stage.arm("PUT", f"{NETWORK}/publicIPAddresses/west", west)
        await put_address(stage, "good")
        await stage.node(**interfaces(public("missing", "used", "basic", "west", "good")))
        return name_of(await ask(stage)), list(stage.there("publicIPAddresses"))

    bound, there = played(scene)

    assert bound == "good"
    assert set(there) == {"used", "basic", "west", "good"}


def test_an_exhausted_public_pool_gives_way_to_a_new_address_and_says_why() -> None:
    """S89: with no usable address in the pool, a new one is made, and is ours."""

    async def scene(stage: Stage) -> tuple[Any, Any, list[str]]:
        await dual(stage)
        used = await put_address(stage, "used")
        await put_nic(stage, "other", publicIPAddress={"id": used})
        await stage.node(**interfaces(public("used", "missing")))
        answer = await ask(stage)
        return answer, stage.find(answer.nics[0].public_ip_id), await told(stage)

    answer, address, warnings = played(scene)

    assert name_of(answer) == f"mooring-{KEY.node_id[4:]}-ip0-g1"
    assert address.body["tags"]["mooring-node"] == KEY.node_id
    assert any("used (in use), missing (not there)" in one for one in warnings)


def test_a_public_address_that_another_takes_meanwhile_is_passed_over() -> None:
    async def scene(stage: Stage) -> str:
        await dual(stage)
        await put_address(stage, "a")
        await put_address(stage, "b")
        await stage.node(**interfaces(public("a", "b")))
        taken = False

        def hook(call: Call) -> Refused | None:
            nonlocal taken
            if call.operation.endswith("networkInterfaces/write") and not taken:
                taken = True
                text = "Resource x is referencing public IP address a that is already allocated to"
                return Refused(400, "PublicIPAddressInUse", f"{text} resource y.")
            return None

        stage.wire.hook = hook
        return name_of(await ask(stage))

    assert played(scene) == "b"


def test_a_zonal_address_is_used_only_where_the_vm_lands_in_its_zone() -> None:
    """S89: an address of zone 2 is not for a VM in zone 1."""

    async def scene(stage: Stage) -> tuple[str, Any]:
        await dual(stage)
        await put_address(stage, "two", "Standard", "2")
        await put_address(stage, "one", "Standard", "1")
        await stage.node(**interfaces(public("two", "one")))
        answer = await ask(stage, zone="1")
        return name_of(answer), answer.nics[0].public_ip_zone

    assert played(scene) == ("one", "1")


def test_a_launch_that_goes_on_in_another_zone_swaps_a_zonal_address() -> None:
    """S89: what was bound for zone 1 is free again once the launch goes on to zone 2."""

    async def scene(stage: Stage) -> tuple[str, str, Any]:
        await dual(stage)
        await put_address(stage, "one", "Standard", "1")
        await put_address(stage, "two", "Standard", "2")
        await stage.node(**interfaces(public("one", "two")))
        first = await ask(stage, zone="1")
        second = await ask(stage, zone="2", existing=first.nics)
        freed = stage.find(f"{NETWORK}/publicIPAddresses/one").sim["users"]
        return name_of(first), name_of(second), freed

    first, second, freed = played(scene)

    assert (first, second) == ("one", "two")
    assert not any(ids for uses in freed.values() for ids in uses.values())


def test_an_address_once_made_for_a_nic_stays_its_own_whatever_becomes_free() -> None:
    """Nothing is made twice, and nothing that was made is forgotten."""

    async def scene(stage: Stage) -> tuple[str, str]:
        await dual(stage)
        await stage.node(**interfaces(public("late")))
        first = await ask(stage)
        await put_address(stage, "late")
        stage.world.drop(stage.find(f"{NETWORK}/networkInterfaces/{first.nics[0].name}"))
        return name_of(first), name_of(await ask(stage))

    first, second = played(scene)

    assert first == second != "late"


def test_nics_with_everything_are_made_once() -> None:
    """I6: a repeat writes nothing, whatever the document asks for."""

    async def scene(stage: Stage) -> tuple[Any, Any, int, Any]:
        await dual(stage)
        await put_address(stage, "lent", "Standard", "1")
        six = [{"name": "six", "privateIpAddressVersion": "IPv6"}, {"name": "more"}]
        pools = {"privateIpAddresses": ["fd00:1::99", "10.0.1.50"], "publicIps": named("lent")}
        await stage.node(**interfaces({**PUBLIC, **pools, "additionalIpConfigurations": six}))
        first = await ask(stage, accelerated=True)
        writes = len(stage.written())
        second = await ask(stage, accelerated=True)
        third = await ask(stage, accelerated=True, existing=second.nics)
        assert third == second
        return first, second, len(stage.written()) - writes, shown(stage)

    first, second, more, nic = played(scene)

    assert first == second
    assert more == 0
    assert nic["enableAcceleratedNetworking"] is True
