"""Imports while all else goes on: the whole product on virtual time."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from local.worlds.faults import Call, Fault, Killed, LostReply, Moment, Reset
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.virtual import sources
from tests.virtual.import_guard import Guard, portraits
from tests.virtual.support import evict, reach, tell

Json = dict[str, Any]
KEEP_NETWORK: Json = {"persistence": {"shouldPersistNetwork": True}}
NO_SPOT = {"rules": [{"room": 0, "lifecycle": "SPOT"}]}
SPOT_ALONE: Json = {"strategy": {"fallbackToOd": False}}
IDLE = Options(lull_s=900.0)
HOUR_S = 3_600.0


async def ended(world: InProcess, node_id: str) -> str:
    """Wait until an import is over and nobody works on the node; return how it ended."""
    state = ""

    async def over() -> bool:
        nonlocal state
        state = await sources.state(world, node_id)
        status = await shown(world, node_id)
        return state in ("ImportCompleted", "ImportFailed") and status["status"] != "IMPORTING"

    await world.run_until(over, 3_600)
    await world.sleep(15)
    return state


async def shown(world: InProcess, node_id: str) -> Json:
    return dict((await world.api("GET", f"{NODES}/{node_id}/status")).items[0])


async def lines(world: InProcess, node_id: str) -> str:
    """Return the node's log as one text, oldest line first."""
    path = f"{NODES}/{node_id}/log?fromDate=2020-01-01&toDate=2040-01-01&limit=1000"
    told = await world.api("GET", path)
    return "\n".join(one["message"] for one in reversed(told.items))


def left(world: InProcess, guard: Guard) -> list[str]:
    """Return the names of what is still there of the source."""
    there = [one.id for one in portraits(world) if one.born in guard.own]
    return sorted(one.rsplit("/", 1)[-1] for one in there)


def ours(world: InProcess) -> list[str]:
    """Return the ids of all that carries a tag of the product's."""
    return [one.id for one in portraits(world) if any("mooring" in name for name in one.tags)]


WHOLE = ["legacy", "legacy-data", "legacy-ip", "legacy-nic", "legacy-os"]


def test_an_imported_vm_becomes_a_node_and_is_itself_only_stopped() -> None:
    """S70: a new VM with copies of its disks; the source waits 96 hours, as it was."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, network_kept=False)
        node_id = await sources.imported(world)
        begun = await sources.state(world, node_id)
        seen = await ended(world, node_id), await shown(world, node_id)
        await world.sleep(2 * HOUR_S)
        return (
            (begun, *seen),
            (left(world, guard), await sources.power(world), guard.wrong),
            await lines(world, node_id),
            world.arm.calls.unknown,
        )

    (begun, state, node), (there, power, wrong), told, unknown = tell(story, options=IDLE)

    assert begun in ("ImportStart", "ImportInProgress")
    assert (state, node["status"]) == ("ImportCompleted", "ACTIVE")
    assert (there, power, wrong) == (WHOLE, "deallocated", [])
    assert "kept until 2026-03-05" in told
    assert not unknown


def test_the_state_of_an_import_is_in_progress_until_it_is_completed() -> None:
    """And completed from then on, whatever the node does."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        node_id = await sources.imported(world)
        seen = []

        async def over() -> bool:
            seen.append(await sources.state(world, node_id))
            return seen[-1] == "ImportCompleted"

        await world.run_until(over, 1_200)
        await evict(world, node_id)
        seen.append(await sources.state(world, node_id))
        return list(dict.fromkeys(seen))

    assert tell(story) == ["ImportInProgress", "ImportCompleted"]


def test_a_node_that_keeps_the_network_has_the_sources_addresses_and_keeps_them() -> None:
    """S71: its NIC and public IP move to the new VM; after an eviction they are there again."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, 1, network_kept=True)
        nic, address = sources.there(world, sources.NIC), sources.there(world, sources.ADDRESS)
        private = nic.properties["ipConfigurations"][0]["properties"]["privateIPAddress"]
        public = address.properties["ipAddress"]
        node_id = await sources.imported(world, KEEP_NETWORK, resourcesRetentionTime=1)
        await ended(world, node_id)
        first = await shown(world, node_id)
        before = left(world, guard)
        await world.sleep(HOUR_S + 1_000)
        after = left(world, guard)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        nodes = first, await shown(world, node_id)
        return (private, public), nodes, (before, after, guard.wrong)

    addresses, nodes, (before, after, wrong) = tell(story)

    for node in nodes:
        assert (node["status"], node["privateIp"], node["publicIp"]) == ("ACTIVE", *addresses)
    assert before == WHOLE
    assert after == ["legacy-ip", "legacy-nic"]
    assert wrong == []


def test_what_the_source_leaves_is_deleted_when_its_time_is_over_and_the_node_lives_on() -> None:
    """S72: not an hour earlier."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, 3, network_kept=False)
        node_id = await sources.imported(world, resourcesRetentionTime=3)
        await ended(world, node_id)
        await world.sleep(3 * HOUR_S - 300)
        early = left(world, guard)
        await world.sleep(1_500)
        late = left(world, guard)
        await evict(world, node_id)
        await reach(world, node_id, "ACTIVE")
        return early, late, guard.wrong, len(ours(world))

    early, late, wrong, count = tell(story, options=Options(lull_s=300.0))

    assert early == WHOLE
    assert late == wrong == []
    assert count > 0


def test_a_stopped_vm_becomes_a_stopped_node_whose_vm_has_run() -> None:
    """S73: and with a retention of nothing the source goes at once after that."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        await sources.act(world, "deallocate")
        guard = Guard.over(world, 0, network_kept=False)
        node_id = await sources.imported(world, resourceRetentionTime=0)
        state, node = await ended(world, node_id), await shown(world, node_id)
        await world.sleep(600)
        gone = left(world, guard)
        await world.api("PUT", f"{NODES}/{node_id}/state", {"state": "start"})
        await reach(world, node_id, "ACTIVE")
        return state, node["status"], gone, guard.up_at is not None, guard.wrong

    assert tell(story) == ("ImportCompleted", "STOPPED", [], True, [])


def test_unmanaged_disks_are_converted_where_their_user_allows_it() -> None:
    """S76."""

    async def story(world: InProcess) -> Any:
        await sources.unmanaged(world)
        refused = await world.api("POST", sources.IMPORT, sources.call())
        node_id = await sources.imported(world, convertUnmanagedDisks=True)
        state, node = await ended(world, node_id), await shown(world, node_id)
        vm = sources.there(world, sources.VM).properties["storageProfile"]
        kinds = ["managedDisk" in one for one in (vm["osDisk"], *vm["dataDisks"])]
        return refused.status, state, node["status"], kinds, await sources.power(world)

    assert tell(story) == (400, "ImportCompleted", "ACTIVE", [True, True], "deallocated")


@pytest.mark.parametrize("node", [SPOT_ALONE, SPOT_ALONE | KEEP_NETWORK])
def test_where_no_vm_comes_up_the_source_runs_again_and_nothing_else_is_left(node: Json) -> None:
    """The node says why it is in ERROR, and what became of the VM."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, network_kept=True)
        await world.azure.ask("PUT", "/_world/capacity", NO_SPOT)
        node_id = await sources.imported(world, node)
        state = await ended(world, node_id)
        seen = await shown(world, node_id)
        harm = ours(world), guard.changed(world), guard.wrong
        await world.azure.ask("DELETE", "/_world/capacity")
        await world.sleep(HOUR_S)
        second = await sources.imported(world, node)
        return state, seen, harm, await ended(world, second)

    state, seen, harm, second = tell(story, options=IDLE)

    assert (state, seen["status"]) == ("ImportFailed", "ERROR")
    assert seen["errorReason"].startswith("Import failed. ")
    told = "Failed to launch virtual machine in Azure. The virtual machine runs again."
    assert seen["rollbackReason"] == told
    assert harm == ([], [], [])
    assert second == "ImportCompleted"


def test_a_source_is_not_even_stopped_where_no_market_is_open() -> None:
    """What a market has just refused is not asked again at its cost."""

    one_size = SPOT_ALONE | {"compute": {"vmSizes": {"spotSizes": ["standard_d2s_v5"]}}}

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, network_kept=True)
        await world.azure.ask("PUT", "/_world/capacity", NO_SPOT)
        await ended(world, await sources.imported(world, one_size))
        stops: list[object] = []
        world.log.watchers.append(
            lambda entry: stops.append(entry) if "/deallocate" in entry.text else None
        )
        node_id = await sources.imported(world, one_size)
        state, seen = await ended(world, node_id), await shown(world, node_id)
        return state, seen, stops, guard.changed(world)

    state, seen, stops, changed = tell(story)

    assert (state, seen["status"]) == ("ImportFailed", "ERROR")
    assert seen["rollbackReason"].endswith("The virtual machine is as it was.")
    assert (stops, changed) == ([], [])


def test_a_stopped_source_stays_stopped_where_no_vm_comes_up() -> None:
    async def story(world: InProcess) -> Any:
        await sources.source(world)
        await sources.act(world, "deallocate")
        guard = Guard.over(world, network_kept=True)
        await world.azure.ask("PUT", "/_world/capacity", NO_SPOT)
        node_id = await sources.imported(world, SPOT_ALONE | KEEP_NETWORK)
        return await ended(world, node_id), guard.changed(world)

    assert tell(story) == ("ImportFailed", [])


def test_of_two_imports_at_once_one_is_refused() -> None:
    async def story(world: InProcess) -> Any:
        await sources.source(world)
        both = [world.api("POST", sources.IMPORT, sources.call()) for _ in range(2)]
        answers = await asyncio.gather(*both)
        (won,) = [one for one in answers if one.status == 200]
        (lost,) = [one for one in answers if one.status == 400]
        node_id = won.items[0]["node"]["id"]
        state = await ended(world, node_id)
        late = await world.api("POST", sources.IMPORT, sources.call())
        found = await world.api("GET", NODES)
        errors = [one.body["response"]["errors"][0]["code"] for one in (lost, late)]
        return state, errors, len(found.items)

    assert tell(story) == ("ImportCompleted", ["VM_NOT_IMPORTABLE"] * 2, 1)


def test_a_source_that_its_user_starts_again_is_left_to_them_when_its_time_is_over() -> None:
    """What runs, somebody uses."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        node_id = await sources.imported(world, resourcesRetentionTime=1)
        guard = Guard.over(world, 1, network_kept=False)
        await ended(world, node_id)
        await sources.act(world, "start")
        await world.sleep(3 * HOUR_S)
        return await sources.power(world), set(WHOLE) - set(left(world, guard))

    assert tell(story, options=IDLE) == ("running", set())


def test_a_node_that_is_deleted_before_the_time_is_over_leaves_nothing_of_the_source() -> None:
    """What was kept for the node is the node's: it goes when its time has come."""

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, 2, network_kept=False)
        node_id = await sources.imported(world, resourcesRetentionTime=2)
        await ended(world, node_id)
        answer = await world.api("DELETE", f"{NODES}/{node_id}", DELETE_ALL)
        await world.sleep(900)
        early = left(world, guard)
        await world.sleep(2 * HOUR_S + 1_800)
        return answer.status, early, left(world, guard), guard.wrong, ours(world)

    assert tell(story, options=IDLE) == (200, WHOLE, [], [], [])


DELETE_ALL: Json = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        **{
            f"{kind}DeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0}
            for kind in ("network", "disk", "snapshot", "publicIp")
        },
    }
}


STEPS = (
    ("PATCH", "/virtualMachines/legacy"),
    ("POST", "/virtualMachines/legacy/deallocate"),
    ("PUT", "/snapshots/"),
    ("PUT", "/disks/"),
    ("PUT", "-import-nic"),
    ("PATCH", "/networkInterfaces/legacy-nic"),
    ("PUT", "/networkInterfaces/legacy-nic"),
    ("PUT", "/virtualMachines/"),
    ("PATCH", "/disks/legacy-os"),
    ("DELETE", "/virtualMachines/legacy"),
    ("DELETE", "/disks/legacy-os"),
)
"""Writes of an import that keeps the network, and of its retention's end."""
FAULTS: dict[str, Fault] = {
    **{f"killed {moment}": Killed(moment) for moment in Moment},
    "lost reply": LostReply(),
    "reset": Reset(),
}


class AtEach:
    """A fault for the first write of each kind."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.ahead = set(STEPS)

    def __call__(self, call: Call) -> Fault | None:
        for method, part in self.ahead:
            if call.method == method and part.lower() in call.path.lower():
                self.ahead.remove((method, part))
                return self.fault
        return None


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_every_write_of_an_import_changes_nothing_of_how_it_ends(fault: str) -> None:
    async def story(world: InProcess) -> Any:
        await sources.source(world)
        guard = Guard.over(world, 0, network_kept=True)
        world.wire.hook = strike = AtEach(FAULTS[fault])
        node_id = await sources.imported(world, KEEP_NETWORK, resourcesRetentionTime=0)
        state = ""
        for _ in range(40):
            await world.sleep(60)
            with suppress(ConnectionError):
                state = await sources.state(world, node_id)
        return strike.ahead, state, guard.wrong, left(world, guard)

    told = tell(story)

    assert told == (set(), "ImportCompleted", [], ["legacy-ip", "legacy-nic"])
