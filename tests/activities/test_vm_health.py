"""How a VM is, by its agent and by the gateways that it stands behind: through the real SDKs."""

import asyncio
from typing import Any

import pytest
from azure.core.exceptions import AzureError

from activities.azure.clients import Azure
from activities.gateway_health import KEEP_S, Gateways, NotSeenYetError
from activities.vm_health import agent_state, read_health
from shared.model.run import NicRef, Vm
from shared.model.seen import VmHealth
from shared.policy.backends import Pool
from shared.policy.health import VM_AGENT, VM_STATE
from tests.activities.acts import VM_ID, launched
from tests.activities.balancers import GATEWAY, SITE, gateway
from tests.activities.nic_acts import pooled
from tests.activities.scenes import Scenery, left_by, played
from tests.activities.stage import Stage

GOOD, ILL, UNKNOWN = VmHealth.HEALTHY, VmHealth.UNHEALTHY, VmHealth.UNKNOWN
BEHIND = [Pool(balancer_id=GATEWAY.upper(), name="SITE", gateway=True)]
SCENERIES: dict[Any, Scenery] = {}


def scenery(situation: Any) -> Scenery:
    if situation not in SCENERIES:
        SCENERIES[situation] = left_by(situation)
    return SCENERIES[situation]


async def azure_of(stage: Stage) -> Azure:
    return await stage.ports.azure_of(stage.work())


async def vm_of(stage: Stage) -> Vm:
    vm = (await stage.record()).run.vm
    assert vm is not None
    return vm


async def look(stage: Stage) -> Any:
    return await read_health(await azure_of(stage), await vm_of(stage), stage.ports.clock)


async def agent(stage: Stage, *, ready: bool) -> None:
    await stage.arm("PUT", "/_world/agents", {"vm": VM_ID, "ready": ready})


# -- the VM and its agent ---------------------------------------------------------------------


def test_a_vm_that_runs_with_its_agent_is_healthy() -> None:
    async def scene(stage: Stage) -> Any:
        await stage.ports.clock.sleep(300)
        return await look(stage)

    assert played(scene, scenery(launched)) == {VM_STATE: GOOD, VM_AGENT: GOOD}


def test_an_agent_that_falls_silent_is_unhealthy_until_it_reports_again() -> None:
    async def scene(stage: Stage) -> list[Any]:
        await stage.ports.clock.sleep(300)
        await agent(stage, ready=False)
        silent = await look(stage)
        await agent(stage, ready=True)
        return [silent, await look(stage)]

    silent, again = played(scene, scenery(launched))

    assert silent == {VM_STATE: GOOD, VM_AGENT: ILL}
    assert again == {VM_STATE: GOOD, VM_AGENT: GOOD}


def test_a_vm_that_is_down_has_no_agent() -> None:
    async def scene(stage: Stage) -> Any:
        await stage.evict(VM_ID)
        return await look(stage)

    assert played(scene, scenery(launched)) == {VM_STATE: ILL, VM_AGENT: UNKNOWN}


def test_a_vm_that_is_gone_is_not_well_and_another_of_its_name_is_not_judged() -> None:
    async def scene(stage: Stage) -> list[Any]:
        vm, azure = await vm_of(stage), await azure_of(stage)
        other = vm.model_copy(update={"vm_id": "an-earlier-one"})
        gone = vm.model_copy(update={"id": f"{vm.id}-no-more"})
        clock = stage.ports.clock
        return [await read_health(azure, one, clock) for one in (other, gone)]

    other, gone = played(scene, scenery(launched))

    assert other == {}
    assert gone == {VM_STATE: ILL, VM_AGENT: UNKNOWN}


def test_without_an_instance_view_nothing_is_known_of_the_agent() -> None:
    assert agent_state(None) is UNKNOWN


# -- gateways ---------------------------------------------------------------------------------


def with_rules() -> dict[str, Any]:
    """Return the gateway with what its probes need: a rule from a listener to the pool."""
    body = gateway()
    own, properties = GATEWAY, body["properties"]
    listener = {
        "frontendIPConfiguration": {"id": f"{own}/frontendIPConfigurations/f"},
        "frontendPort": {"id": f"{own}/frontendPorts/p80"},
        "protocol": "Http",
    }
    settings = f"{own}/backendHttpSettingsCollection/http"
    rule = {
        "ruleType": "Basic",
        "priority": 10,
        "httpListener": {"id": f"{own}/httpListeners/all"},
        "backendAddressPool": {"id": SITE},
        "backendHttpSettings": {"id": settings},
    }
    http = {"port": 80, "protocol": "Http"}
    properties["frontendPorts"] = [{"name": "p80", "properties": {"port": 80}}]
    properties["backendHttpSettingsCollection"] = [{"name": "http", "properties": http}]
    properties["httpListeners"] = [{"name": "all", "properties": listener}]
    properties["requestRoutingRules"] = [{"name": "r", "properties": rule}]
    return body


async def served(stage: Stage) -> None:
    """Its VM is in the pool of a gateway that serves."""
    await pooled(stage)
    await stage.arm("PUT", GATEWAY, with_rules())
    await stage.ports.clock.sleep(3_600)


async def found(stage: Stage, word: str | None) -> None:
    (nic,) = (await stage.record()).run.nics
    await stage.arm("PUT", "/_world/backends", {"nic": nic.id, "health": word})


async def ask(stage: Stage, gateways: Gateways, nics: Any = None) -> VmHealth:
    nics = (await stage.record()).run.nics if nics is None else nics
    return await gateways.health(await azure_of(stage), BEHIND, nics)


def questions(stage: Stage) -> int:
    return sum("backendhealth" in call["operation"].lower() for call in stage.world.calls.since(0))


@pytest.mark.parametrize(
    ("word", "state"),
    [
        (None, GOOD),
        ("Unhealthy", ILL),
        ("Up", GOOD),
        ("Down", ILL),
        ("Partial", UNKNOWN),
        ("Draining", UNKNOWN),
        ("Unknown", UNKNOWN),
    ],
)
def test_a_gateway_says_how_the_server_behind_its_nic_is(word: Any, state: VmHealth) -> None:
    """S63: the gateway's own probe, of either generation."""

    async def scene(stage: Stage) -> Any:
        await found(stage, word)
        return await ask(stage, Gateways(stage.ports.clock)), stage.world.calls.unknown

    told, unknown = played(scene, scenery(served))

    assert told is state
    assert not unknown


def test_a_nic_that_the_gateway_does_not_know_is_unknown() -> None:
    async def scene(stage: Stage) -> VmHealth:
        stranger = NicRef(id=f"{VM_ID}/another", name="another", is_primary=True)
        return await ask(stage, Gateways(stage.ports.clock), [stranger])

    assert played(scene, scenery(served)) is UNKNOWN


def test_many_nodes_behind_one_gateway_ask_it_once_a_minute() -> None:
    async def scene(stage: Stage) -> Any:
        gateways = Gateways(stage.ports.clock)
        await asyncio.gather(*(ask(stage, gateways) for _ in range(20)))
        first = questions(stage)
        await stage.ports.clock.sleep(KEEP_S)
        await found(stage, "Unhealthy")
        return first, await ask(stage, gateways), questions(stage)

    assert played(scene, scenery(served)) == (1, ILL, 2)


def test_a_gateway_that_takes_long_is_asked_once_and_heard_by_a_later_look() -> None:
    async def scene(stage: Stage) -> Any:
        gateways = Gateways(stage.ports.clock)
        stage.world.facts["settings"]["latency_of"] = {"gateway.health": 15.0}
        with pytest.raises(NotSeenYetError):
            await ask(stage, gateways)
        await stage.ports.clock.sleep(60)
        return await ask(stage, gateways), questions(stage)

    assert played(scene, scenery(served)) == (GOOD, 1)


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"kind": "refuse", "status": 403, "code": "AuthorizationFailed"}, UNKNOWN),
        ({"kind": "refuse", "status": 404, "code": "ResourceNotFound"}, UNKNOWN),
        ({"kind": "refuse", "status": 503}, None),
        ({"kind": "refuse", "status": 429, "code": "TooManyRequests"}, None),
    ],
    ids=str,
)
def test_a_refusal_is_unknown_and_trouble_says_nothing(fault: Any, state: Any) -> None:
    async def scene(stage: Stage) -> Any:
        stage.fault(operation="*backendhealth*", **fault)
        try:
            return await ask(stage, Gateways(stage.ports.clock))
        except AzureError:
            return None

    assert played(scene, scenery(served)) is state
