"""Whole stories of VMs that are not well, in one process on virtual time."""

from typing import Any

import pytest

from local.worlds.ground import GROUP
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.virtual.support import BOUND_S, document, evict, reach, tell, vm_path

WATCHED = {
    "healthCheckTypes": ["vmAgent", "vmState"],
    "gracePeriod": 120,
    "autoHealing": True,
    "unhealthyDuration": 300,
}
QUIET = Options(events=False)
SIGNAL = "/azure/compute/vm/signal"


async def created(world: InProcess, health: dict[str, Any] | None, **strategy: Any) -> str:
    body = document()
    if health:
        body["statefulNode"]["health"] = health
    body["statefulNode"]["strategy"] |= strategy
    answer = await world.api("POST", NODES, body)
    assert answer.status == 200, answer
    return str(answer.items[0]["id"])


async def watched(world: InProcess, **changes: Any) -> str:
    """Create a node whose VM is watched; return its id once the VM is healthy."""
    node_id = await created(world, WATCHED | changes)
    await reach(world, node_id, "ACTIVE")
    await shows(world, node_id, "HEALTHY")
    return node_id


async def shown(world: InProcess, node_id: str) -> dict[str, Any]:
    return (await world.api("GET", f"{NODES}/{node_id}/status")).items[0]


async def shows(world: InProcess, node_id: str, health: str) -> float:
    async def there() -> bool:
        return bool((await shown(world, node_id))["vmHealthStatus"] == health)

    return await world.run_until(there, BOUND_S)


async def agent(world: InProcess, vm: str, *, ready: bool) -> None:
    await world.azure.ask("PUT", "/_world/agents", {"vm": vm, "ready": ready})


async def body_of(world: InProcess, vm: str) -> str:
    return str((await world.azure.ask("GET", vm))["properties"]["vmId"])


async def disks_of(world: InProcess, vm: str) -> list[str]:
    storage = (await world.azure.ask("GET", vm))["properties"]["storageProfile"]
    return [part["managedDisk"]["id"] for part in (storage["osDisk"], *storage["dataDisks"])]


async def lines(world: InProcess, node_id: str) -> list[str]:
    url = f"{NODES}/{node_id}/log?fromDate=2020-01-01&toDate=2099-01-01"
    return [str(one["message"]) for one in (await world.api("GET", url)).items]


async def replaced(world: InProcess, node_id: str, before: str) -> float:
    """Wait until another VM runs the node; return the seconds it took."""
    vm = await vm_path(world, node_id)

    async def there() -> bool:
        status = await shown(world, node_id)
        if status["status"] != "ACTIVE":
            return False
        return await body_of(world, vm) != before

    return await world.run_until(there, BOUND_S)


def test_a_vm_whose_agent_falls_silent_is_replaced_after_its_time() -> None:
    """S65: replaced after the unhealthy duration, for it had been healthy."""

    async def story(world: InProcess) -> Any:
        node_id = await watched(world)
        vm = await vm_path(world, node_id)
        before, disks = await body_of(world, vm), await disks_of(world, vm)
        await agent(world, vm, ready=False)
        noticed_s = await shows(world, node_id, "UNHEALTHY")
        healed_s = await replaced(world, node_id, before)
        await shows(world, node_id, "HEALTHY")
        same = await disks_of(world, vm) == disks
        return noticed_s, healed_s, same, await lines(world, node_id), world.arm.calls.unknown

    noticed_s, healed_s, same, told, unknown = tell(story, options=QUIET)

    assert noticed_s <= 300
    assert 290 <= healed_s <= 600
    assert same
    assert sum("unhealthy, replacing the VM: vmAgent UNHEALTHY" in line for line in told) == 1
    assert not any("evict" in line or "replacing the VM: eviction" in line for line in told)
    assert not unknown


def test_an_agent_that_comes_and_goes_is_left_alone() -> None:
    """S65: it was never unhealthy for its whole time."""

    async def story(world: InProcess) -> Any:
        node_id = await watched(world)
        vm = await vm_path(world, node_id)
        before = await body_of(world, vm)
        seen = set()
        for _ in range(8):
            await agent(world, vm, ready=False)
            await world.sleep(240)
            seen.add((await shown(world, node_id))["vmHealthStatus"])
            await agent(world, vm, ready=True)
            await world.sleep(180)
            seen.add((await shown(world, node_id))["vmHealthStatus"])
        return before == await body_of(world, vm), seen, (await shown(world, node_id))["status"]

    assert tell(story, options=QUIET) == (True, {"HEALTHY", "UNHEALTHY"}, "ACTIVE")


def test_a_vm_that_never_was_healthy_is_not_replaced() -> None:
    """S65: its successor would do no better."""

    async def story(world: InProcess) -> Any:
        node_id = await created(world, WATCHED)
        await reach(world, node_id, "ACTIVE")
        vm = await vm_path(world, node_id)
        before = await body_of(world, vm)
        await agent(world, vm, ready=False)
        await shows(world, node_id, "UNHEALTHY")
        await world.sleep(3_600)
        return before == await body_of(world, vm), (await shown(world, node_id))["vmHealthStatus"]

    assert tell(story, options=QUIET) == (True, "UNHEALTHY")


def test_without_auto_healing_an_unhealthy_vm_is_shown_and_left() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await watched(world, autoHealing=False)
        vm = await vm_path(world, node_id)
        before = await body_of(world, vm)
        await agent(world, vm, ready=False)
        await shows(world, node_id, "UNHEALTHY")
        await world.sleep(1_800)
        return before == await body_of(world, vm), (await shown(world, node_id))["status"]

    assert tell(story, options=QUIET) == (True, "ACTIVE")


def test_nothing_is_said_of_a_vm_before_its_grace_period_is_over() -> None:
    """S64."""

    async def story(world: InProcess) -> Any:
        node_id = await created(world, WATCHED | {"gracePeriod": 900})
        await reach(world, node_id, "ACTIVE")
        early = set()
        for _ in range(10):
            early.add((await shown(world, node_id))["vmHealthStatus"])
            await world.sleep(60)
        return early, await shows(world, node_id, "HEALTHY")

    early, took_s = tell(story, options=QUIET)

    assert early == {"UNKNOWN"}
    assert took_s < 600


def test_an_eviction_of_an_unhealthy_vm_is_an_eviction() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await watched(world, unhealthyDuration=600)
        vm = await vm_path(world, node_id)
        await agent(world, vm, ready=False)
        await shows(world, node_id, "UNHEALTHY")
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        early = (await shown(world, node_id))["vmHealthStatus"]
        await shows(world, node_id, "HEALTHY")
        await world.sleep(1_800)
        return early, await lines(world, node_id)

    early, told = tell(story)

    assert early == "UNKNOWN"
    assert sum("replacing the VM: eviction" in line for line in told) == 1
    assert not any("unhealthy, replacing" in line for line in told)


def test_a_check_that_is_taken_out_of_the_document_says_nothing_any_more() -> None:
    async def story(world: InProcess) -> Any:
        node_id = await watched(world)
        await agent(world, await vm_path(world, node_id), ready=False)
        await shows(world, node_id, "UNHEALTHY")
        change = {"statefulNode": {"health": None}}
        assert (await world.api("PUT", f"{NODES}/{node_id}", change)).status == 200
        return await shows(world, node_id, "UNKNOWN")

    assert tell(story, options=QUIET) < 180


def test_a_vm_ready_that_never_comes_replaces_the_vm() -> None:
    async def story(world: InProcess) -> Any:
        signals = [{"type": "vmReady", "timeout": 300}]
        node_id = await created(world, None, signals=signals)
        bodies: list[str] = []

        async def vms() -> list[Any]:
            found = await world.azure.ask(
                "GET", f"{GROUP}/providers/Microsoft.Compute/virtualMachines"
            )
            return list(found["value"])

        async def another() -> bool:
            for vm in await vms():
                if vm["properties"]["vmId"] not in bodies:
                    bodies.append(vm["properties"]["vmId"])
            return len(bodies) == 2

        await world.run_until(another, BOUND_S)
        early = (await shown(world, node_id))["status"]

        async def heard() -> bool:
            call = {"vmName": (await vms())[0]["name"], "signalType": "vmReady"}
            call["resourceGroupName"] = GROUP.rpartition("/")[2]
            return (await world.api("POST", SIGNAL, call)).status == 200

        await world.run_until(heard, 300)
        await reach(world, node_id, "ACTIVE")
        return early, len(await vms()), await lines(world, node_id)

    early, vms, told = tell(story)

    assert early == "PENDING"
    assert vms == 1
    assert any("did not say that it is ready in its time" in line for line in told)
    assert any("says vmReady" in line for line in told)


@pytest.mark.parametrize("said", [True, False])
def test_a_release_waits_for_the_vms_word_and_no_longer_than_its_time(*, said: bool) -> None:
    async def story(world: InProcess) -> Any:
        signals = [{"type": "vmReadyToShutdown", "timeout": 600}]
        node_id = await created(world, None, signals=signals)
        await reach(world, node_id, "ACTIVE")
        name = (await vm_path(world, node_id)).rpartition("/")[2]
        call = {"vmName": name, "signalType": "vmReadyToShutdown"}
        call["resourceGroupName"] = GROUP.rpartition("/")[2]
        early = (await world.api("POST", SIGNAL, call)).status
        asked = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "pause"})
        assert asked.status == 200, asked
        if said:
            await world.sleep(60)
            assert (await world.api("POST", SIGNAL, call)).status == 200
        return early, await reach(world, node_id, "PAUSED")

    early, took_s = tell(story)

    assert early == 400
    assert took_s < 200 if said else 600 <= took_s < 800
