"""Backend pools: who joins which, who leaves, and that all else of a NIC stays as it is."""

import copy
from typing import Any

import pytest

from local.worlds.faults import Call
from shared.contracts.backend import DEREGISTER_BACKENDS, REGISTER_BACKENDS
from tests.activities.acts import scenery
from tests.activities.balancers import ADMIN, BALANCER, CONFIG, SITE, WEB, balancer, pools_of
from tests.activities.nic_acts import balanced, join, leave, pooled
from tests.activities.scenes import played
from tests.activities.stage import Stage
from tests.unit.model.documents import put


async def register(stage: Stage) -> Any:
    return await stage.ask(REGISTER_BACKENDS, await join(stage))


async def deregister(stage: Stage) -> Any:
    return await stage.ask(DEREGISTER_BACKENDS, await leave(stage))


async def nic_of(stage: Stage) -> str:
    return (await stage.record()).run.nics[0].id


async def edit(stage: Stage, *balancers: dict[str, Any]) -> None:
    """Change the load balancers of the document."""
    record = await stage.record()
    config = {"loadBalancers": list(balancers)}
    put(record.document, "compute.launchSpecification.loadBalancersConfig", config)
    await stage.ports.stores.nodes.put_document(record, record.document)


async def by_hand(stage: Stage, *pools: str) -> None:
    """Put the NIC into pools as its user does in the portal."""
    nic_id = await nic_of(stage)
    body = await stage.arm("GET", nic_id)
    properties = body["properties"]["ipConfigurations"][0]["properties"]
    held = properties.setdefault("loadBalancerBackendAddressPools", [])
    held += [{"id": pool} for pool in pools]
    await stage.arm("PUT", nic_id, body)
    await stage.ports.clock.sleep(10)


def changed(**fields: Any) -> dict[str, Any]:
    return {**CONFIG["loadBalancers"][0], **fields}


def test_a_vm_joins_the_pools_of_balancer_and_gateway_and_nothing_else_changes() -> None:
    """S90: its NIC is put into every pool that the document names; addresses and all else stay."""

    async def scene(stage: Stage) -> tuple[Any, Any, Any, set[str]]:
        nic_id = await nic_of(stage)
        before = copy.deepcopy(await stage.arm("GET", nic_id))
        answer = await register(stage)
        return answer, before, await stage.arm("GET", nic_id), pools_of(stage, nic_id)

    answer, before, after, pools = played(scene, scenery(balanced))

    assert answer.kind == "done"
    assert pools == {WEB, SITE}
    assert bare(after) == bare(before)


def bare(nic: dict[str, Any]) -> dict[str, Any]:
    """Return a NIC without its pools, and what tells of them."""
    shown = copy.deepcopy(nic)
    del shown["etag"]
    shown["tags"].pop("mooring-pools", None)
    for one in shown["properties"]["ipConfigurations"]:
        del one["etag"]
        for name in ("loadBalancerBackendAddressPools", "applicationGatewayBackendAddressPools"):
            one["properties"].pop(name, None)
    return shown


def test_membership_as_wanted_costs_one_read_and_no_write() -> None:
    async def scene(stage: Stage) -> list[tuple[str, str]]:
        calls: list[tuple[str, str]] = []

        def hook(call: Call) -> None:
            calls.append((call.method, call.path.rsplit("/", 2)[-2]))

        stage.wire.hook = hook
        assert (await register(stage)).kind == "done"
        return calls

    assert played(scene, scenery(pooled)) == [("GET", "networkInterfaces")]


def test_a_vm_leaves_all_pools_that_it_was_put_into() -> None:
    async def scene(stage: Stage) -> tuple[Any, set[str], Any]:
        answer = await deregister(stage)
        nic_id = await nic_of(stage)
        return answer, pools_of(stage, nic_id), stage.find(nic_id).body["tags"]

    answer, pools, tags = played(scene, scenery(pooled))

    assert answer.kind == "done"
    assert pools == set()
    assert "mooring-pools" not in tags


def test_a_pool_that_its_user_joined_by_hand_stays_joined() -> None:
    async def scene(stage: Stage) -> tuple[set[str], set[str]]:
        await by_hand(stage, ADMIN)
        await register(stage)
        with_all = pools_of(stage, await nic_of(stage))
        await deregister(stage)
        return with_all, pools_of(stage, await nic_of(stage))

    with_all, left = played(scene, scenery(balanced))

    assert with_all == {ADMIN, WEB, SITE}
    assert left == {ADMIN}


@pytest.mark.parametrize("do", [register, deregister])
def test_a_pool_that_an_edit_took_out_of_the_document_is_left(do: Any) -> None:
    """What we joined the NIC itself remembers: a kept NIC does not serve an old balancer."""

    async def scene(stage: Stage) -> set[str]:
        await edit(stage, changed(backendPoolNames=["admin"]))
        assert (await do(stage)).kind == "done"
        return pools_of(stage, await nic_of(stage))

    assert played(scene, scenery(pooled)) == ({ADMIN} if do is register else set())


@pytest.mark.parametrize(
    ("config", "code", "named"),
    [
        (changed(backendPoolNames=["web", "api"]), "BackendPoolNotFound", "api"),
        (changed(name="rear"), "LoadBalancerNotFound", "load balancer rear"),
        (
            {**CONFIG["loadBalancers"][1], "name": "yard"},
            "LoadBalancerNotFound",
            "application gateway yard",
        ),
    ],
)
def test_a_pool_that_is_not_there_is_refused_by_its_name(
    config: dict[str, Any], code: str, named: str
) -> None:
    async def scene(stage: Stage) -> tuple[Any, int]:
        await edit(stage, config)
        writes = len(stage.written())
        return await register(stage), len(stage.written()) - writes

    answer, writes = played(scene, scenery(balanced))

    assert (answer.kind, answer.code) == ("refused", code)
    assert named in answer.message
    assert writes == 0


def test_a_basic_balancer_and_a_standard_address_are_told_apart() -> None:
    """R79, S87: the one SKU of the public addresses limits which balancers can be used."""

    async def scene(stage: Stage) -> Any:
        await stage.arm("PUT", f"{BALANCER}-basic", balancer("Basic"))
        await stage.ports.clock.sleep(10)
        await edit(stage, changed(name="front-basic"))
        return await register(stage)

    answer = played(scene, scenery(balanced))

    assert (answer.kind, answer.code) == ("refused", "LoadBalancerSkuMismatch")
    assert "front-basic is Basic, the node's public address is Standard" in answer.message


def test_a_nic_that_is_gone_is_in_no_pool() -> None:
    async def scene(stage: Stage) -> tuple[Any, Any]:
        stage.world.drop(stage.find(await nic_of(stage)))
        return await register(stage), await deregister(stage)

    registered, deregistered = played(scene, scenery(balanced))

    assert (registered.kind, registered.code) == ("changed", "NicGone")
    assert deregistered.kind == "done"


def test_what_somebody_changes_of_the_nic_meanwhile_is_kept() -> None:
    """The ETag of what was read goes with the write: no edit of the user's is lost."""

    async def scene(stage: Stage) -> tuple[Any, set[str]]:
        nic_id = await nic_of(stage)
        edits: list[str] = []

        def hook(call: Call) -> None:
            if call.operation.endswith("networkInterfaces/write") and not edits:
                nic = stage.find(nic_id)
                held = nic.properties["ipConfigurations"][0]["properties"]
                held["loadBalancerBackendAddressPools"] = [{"id": ADMIN}]
                nic.sim["version"] = "somebody-else"
                edits.append(ADMIN)

        stage.wire.hook = hook
        answer = await register(stage)
        return answer, pools_of(stage, nic_id)

    answer, pools = played(scene, scenery(balanced))

    assert answer.kind == "done"
    assert pools == {ADMIN, WEB, SITE}


@pytest.mark.parametrize("do", [register, deregister])
def test_a_nic_without_the_nodes_tag_is_left_alone(do: Any) -> None:
    async def scene(stage: Stage) -> Any:
        nic = stage.find(await nic_of(stage))
        nic.body["tags"] = {}
        if do is register:
            await by_hand_leave(stage)
        return await do(stage)

    answer = played(scene, scenery(pooled))

    assert (answer.kind, answer.code) == ("refused", "NotOurs")


async def by_hand_leave(stage: Stage) -> None:
    """Take the NIC out of its balancer's pool as its user does."""
    nic_id = await nic_of(stage)
    body = await stage.arm("GET", nic_id)
    properties = body["properties"]["ipConfigurations"][0]["properties"]
    properties["loadBalancerBackendAddressPools"] = []
    await stage.arm("PUT", nic_id, body)
    await stage.ports.clock.sleep(10)
