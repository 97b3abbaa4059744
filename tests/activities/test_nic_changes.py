"""NICs that are there already: brought up to the document, fitted to the market, or left alone."""

import asyncio
from typing import Any

import pytest

from shared.contracts.vm import CREATE_VM, DELETE_VM, START_VM, StartVm
from shared.model.market import Market
from shared.model.run import Lifecycle
from tests.activities import balancers
from tests.activities.acts import LARGER, VM_ID, evicted, next_vm, scenery, vm_gone, with_nics
from tests.activities.nic_scenes import FIRST, ask, configurations, dual, interfaces, named, shown
from tests.activities.scenes import played
from tests.activities.stage import NETWORK, Stage
from tests.unit.model.documents import put

SLOW = Market(size="Standard_DS1_v2", zone="1", lifecycle=Lifecycle.SPOT)
"""A size without accelerated networking."""


async def edit(stage: Stage, *wanted: dict[str, Any]) -> None:
    """Change the document's NICs, as its user does while the node waits for room."""
    record = await stage.record()
    document = record.document
    put(document, "compute.launchSpecification.network.networkInterfaces", list(wanted))
    await stage.ports.stores.nodes.put_document(record, document)


async def furnished(stage: Stage) -> None:
    await dual(stage)
    body = {"location": "eastus", "properties": {}}
    await stage.arm("PUT", f"{NETWORK}/networkSecurityGroups/guard", body)
    await stage.arm("PUT", f"{NETWORK}/applicationSecurityGroups/web", body)
    await stage.ports.clock.sleep(60)


EDITS: dict[str, dict[str, Any]] = {
    "another subnet": {"isPrimary": True, "subnetName": "back"},
    "a guard": {**FIRST, "networkSecurityGroup": named("guard")[0]},
    "a group": {**FIRST, "applicationSecurityGroups": named("web")},
    "forwarding": {**FIRST, "enableIpForwarding": True},
    "one more configuration": {**FIRST, "additionalIpConfigurations": [{"name": "more"}]},
    "a public address": {**FIRST, "assignPublicIp": True, "publicIpSku": "Standard"},
    "a pool": {**FIRST, "privateIpAddresses": ["10.0.1.77"]},
}


@pytest.mark.parametrize("wanted", EDITS.values(), ids=EDITS)
def test_a_nic_of_a_node_that_waits_follows_an_edit_of_its_document(wanted: dict[str, Any]) -> None:
    """A NIC that a failed launch left is not taken for what the document asks for now."""

    async def scene(stage: Stage) -> tuple[Any, Any, int]:
        await furnished(stage)
        await stage.node(**interfaces(wanted))
        asked = await ask(stage)
        fresh = shown(stage)
        await stage.arm("DELETE", asked.nics[0].id)
        await stage.ports.clock.sleep(30)
        await edit(stage, FIRST)
        await ask(stage)
        await edit(stage, wanted)
        await ask(stage)
        writes = len(stage.written())
        await ask(stage)
        return fresh, shown(stage), len(stage.written()) - writes

    fresh, edited, more = played(scene)

    if wanted != EDITS["a pool"]:  # a dynamic address stays where it is: the NIC has one
        assert comparable(edited) == comparable(fresh)
    assert more == 0


def comparable(nic: dict[str, Any]) -> Any:
    """Return what does not differ between one NIC and its like."""
    held = [one["properties"] for one in nic["ipConfigurations"]]
    keys = ("subnet", "applicationSecurityGroups", "privateIPAddressVersion", "primary")
    return (
        [{key: one.get(key) for key in keys} | {"p": "publicIPAddress" in one} for one in held],
        nic.get("networkSecurityGroup"),
        nic["enableIPForwarding"],
    )


def test_a_public_address_that_is_no_longer_wanted_is_let_go() -> None:
    async def scene(stage: Stage) -> tuple[Any, Any]:
        await furnished(stage)
        await stage.node(**interfaces(EDITS["a public address"]))
        first = await ask(stage)
        await edit(stage, FIRST)
        return first.nics[0].public_ip_id, await ask(stage)

    had, answer = played(scene)

    assert had
    assert answer.nics[0].public_ip_id is None


def test_a_nic_that_is_changed_stays_in_its_backend_pools() -> None:
    async def scene(stage: Stage) -> set[str]:
        await furnished(stage)
        await stage.arm("PUT", balancers.BALANCER, balancers.balancer())
        await stage.node(**interfaces(FIRST))
        (nic,) = (await ask(stage)).nics
        body = await stage.arm("GET", nic.id)
        pools = [{"id": balancers.ADMIN}]
        body["properties"]["ipConfigurations"][0]["properties"] |= {
            "loadBalancerBackendAddressPools": pools
        }
        await stage.arm("PUT", nic.id, body)
        await edit(stage, EDITS["forwarding"])
        await ask(stage)
        return balancers.pools_of(stage, nic.id)

    assert played(scene) == {balancers.ADMIN}


# -- the market -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_a_free_nic_is_as_fast_as_the_next_size(
    before: bool,  # noqa: FBT001
    after: bool,  # noqa: FBT001
) -> None:
    """A persisted NIC outlives sizes: its speed follows each VM, all else of it stays."""

    async def scene(stage: Stage) -> tuple[Any, Any, Any]:
        await dual(stage)
        await stage.node(**interfaces(FIRST))
        first = await ask(stage, accelerated=before)
        was = configurations(stage)
        answer = await ask(stage, generation=2, accelerated=after, existing=first.nics)
        return answer, was == configurations(stage), shown(stage)["enableAcceleratedNetworking"]

    answer, same, speed = played(scene)

    assert [nic.accelerated for nic in answer.nics] == [after]
    assert speed is after
    assert same


def test_a_fast_nic_would_be_refused_on_a_slow_size_and_is_slowed_down_first() -> None:
    """Azure refuses the size; fitted to it, the VM comes up with the same NIC."""

    async def scene(stage: Stage) -> tuple[Any, Any, Any]:
        nics = (await stage.record()).run.nics
        fast = await ask(stage, generation=2, accelerated=True, existing=nics)
        await stage.ask(DELETE_VM, await vm_gone(stage))
        fast = await ask(stage, generation=2, accelerated=True, existing=nics)
        request = (await next_vm(stage)).model_copy(update={"market": SLOW, "nics": fast.nics})
        refused = await stage.ask(CREATE_VM, request)
        slow = await ask(stage, generation=2, accelerated=False, existing=fast.nics)
        up = await stage.ask(CREATE_VM, request.model_copy(update={"nics": slow.nics}))
        return fast, refused, up

    fast, refused, up = played(scene, scenery(evicted))

    assert fast.nics[0].accelerated
    assert refused.code == "VMSizeIsNotPermittedToEnableAcceleratedNetworking"
    assert up.kind == "vm_up"
    assert up.nics[0].id == fast.nics[0].id
    assert up.nics[0].private_ip == fast.nics[0].private_ip


def test_a_nic_that_a_vm_has_is_slowed_for_a_resize_and_never_hurried() -> None:
    """In place only what would be refused is changed: one write less on the way back."""

    async def scene(stage: Stage) -> tuple[Any, Any, Any, Any]:
        nics = (await stage.record()).run.nics
        untouched = await ask(stage, generation=2, accelerated=True, existing=nics)
        nic = stage.find(nics[0].id)
        nic.properties["enableAcceleratedNetworking"] = True
        slowed = await ask(stage, generation=2, accelerated=False, existing=nics)
        start = StartVm(work=stage.work("start"), vm_resource_id=VM_ID, market=LARGER)
        return untouched, slowed, await stage.ask(START_VM, start), nic.id

    untouched, slowed, up, nic_id = played(scene, scenery(evicted))

    assert [nic.accelerated for nic in untouched.nics] == [False]
    assert [nic.accelerated for nic in slowed.nics] == [False]
    assert up.nics[0].id == nic_id


def test_a_kept_nic_that_somebody_deleted_is_told_by_name() -> None:
    async def scene(stage: Stage) -> tuple[Any, Any]:
        nics = (await stage.record()).run.nics
        await stage.arm("DELETE", nics[0].id)
        await stage.ports.clock.sleep(60)
        return nics[0], await ask(stage, generation=2, accelerated=False, existing=nics)

    nic, answer = played(scene, scenery(with_nics))

    assert (answer.kind, answer.code) == ("refused", "NicGone")
    assert nic.name in answer.message


def test_what_has_the_nics_name_and_is_somebody_elses_is_left_alone() -> None:
    async def scene(stage: Stage) -> tuple[Any, int]:
        await dual(stage)
        await stage.node(**interfaces({**FIRST, "enableIpForwarding": True}))
        first = await ask(stage)
        nic = stage.find(first.nics[0].id)
        nic.body["tags"] = {}
        nic.properties["enableIPForwarding"] = False
        writes = len(stage.written())
        return await ask(stage), len(stage.written()) - writes

    answer, more = played(scene)

    assert (answer.kind, answer.code) == ("refused", "NotOurs")
    assert more == 0


def test_two_runs_of_the_step_agree_on_one_nic_and_one_address_of_the_pool() -> None:
    """The slower one meets a NIC where there was none, and takes it as it is."""

    async def scene(stage: Stage) -> tuple[Any, Any, int]:
        await dual(stage)
        await stage.node(**interfaces({**FIRST, "privateIpAddresses": ["10.0.1.50", "10.0.1.51"]}))
        one, two = await asyncio.gather(ask(stage), ask(stage))
        return one, two, len(stage.written("networkInterfaces"))

    one, two, writes = played(scene)

    assert one == two
    assert one.nics[0].private_ip == "10.0.1.50"
    assert writes == 1
