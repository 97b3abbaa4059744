"""A VM that was asked for and never seen: it failed late, or ran, and somebody deleted it."""

from typing import Any

import pytest

from local.worlds.faults import Call, Fault, LostReply, Refused
from local.worlds.inprocess import NODES, InProcess
from local.worlds.options import Options
from tests.fuzz.records import records
from tests.virtual.disks import run_of, there
from tests.virtual.support import document, reach, tell
from tests.virtual.test_actions import told

VM = "/virtualMachines/"
LATE = {"rules": [{"room": 0, "when": "completion"}]}
AT_ONCE = {"rules": [{"room": 0, "when": "accept"}]}


class Blind:
    """Loses the reply of the first create of a VM; from then on no look at a VM is answered."""

    def __init__(self) -> None:
        self.creates = 0
        self.sees_nothing = False

    def __call__(self, call: Call) -> Fault | None:
        if VM not in call.path:
            return None
        if call.method == "PUT":
            self.creates += 1
            self.sees_nothing = self.creates == 1
            return LostReply() if self.creates == 1 else None
        return Refused(503, "ServiceUnavailable", "busy") if self.sees_nothing else None


async def unseen(world: InProcess, blind: Blind) -> set[str]:
    """Have the VM that nobody has seen come to its end, deleted by a person; return its disks."""

    def settled() -> bool:
        found = there(world, "virtualmachines").values()
        return any(vm.properties["provisioningState"] in ("Failed", "Succeeded") for vm in found)

    await world.run_until(settled, 1_200)
    (vm,) = there(world, "virtualmachines").values()
    await world.azure.ask("DELETE", vm.id)
    await world.run_until(lambda: not there(world, "virtualmachines"), 600)
    blind.sees_nothing = False
    return set(there(world, "disks"))


def unnamed(world: InProcess) -> set[str]:
    """Return the disks that no node's row names."""
    held = set[str]()
    for view in records(world.tables.rows()).nodes.values():
        held |= view.holds
    return {one.id for one in there(world, "disks").values() if one.id.lower() not in held}


@pytest.mark.parametrize("weather", [LATE, {"rules": []}], ids=["failed late", "ran unseen"])
def test_the_disks_of_a_vm_that_was_never_seen_are_kept_and_are_in_nobodys_way(
    weather: dict[str, Any],
) -> None:
    """Whether they hold anything is not known: they are told, kept for a time, and passed by."""
    blind = Blind()

    async def story(world: InProcess) -> tuple[Any, ...]:
        await world.azure.ask("PUT", "/_world/capacity", weather)
        answer = await world.api("POST", NODES, document())
        node_id = str(answer.items[0]["id"])
        strays = await unseen(world, blind)
        await world.azure.ask("PUT", "/_world/capacity", AT_ONCE)
        await world.sleep(600)
        waits = unnamed(world), run_of(world, node_id)
        await world.azure.ask("DELETE", "/_world/capacity")
        await reach(world, node_id, "ACTIVE")
        await world.sleep(60)
        return (
            strays,
            waits,
            run_of(world, node_id),
            there(world, "disks"),
            unnamed(world),
            (await told(world, node_id)),
        )

    strays, waits, run, disks, left, lines = tell(story, hook=blind)

    assert len(strays) == 3
    assert waits[0] == left == set()
    assert strays < set(disks)
    assert {run.os_disk.name, *(one.name for one in run.data_disks)} == set(disks) - strays
    assert {one.id.rsplit("/", 1)[-1] for one in run.retained} == strays
    assert all(any(name in line and "kept until" in line for line in lines) for name in strays)


def test_a_disk_that_is_in_the_way_of_a_create_is_kept_and_passed_by() -> None:
    """One with our tag that our rows know nothing of, as after rows were lost."""
    seen: list[str] = []

    async def story(world: InProcess) -> tuple[Any, ...]:
        def hook(call: Call) -> Fault | None:
            if call.method == "PUT" and VM in call.path and not seen:
                seen.append(call.path)
                node_id = next(key for key in records(world.tables.rows()).nodes)
                root = f"mooring-{node_id.rsplit('-', 1)[-1]}"
                at = call.path.split("/providers/")[0]
                disk = f"{at}/providers/Microsoft.Compute/disks/{root}-data1-g1"
                body = {
                    "location": "eastus",
                    "zones": ["1"],
                    "tags": {"mooring-node": node_id, "mooring-op": "earlier"},
                    "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 8},
                }
                starts.append(world.azure.ask("PUT", disk, body))
                return Refused(503, "ServiceUnavailable", "busy")
            return None

        starts: list[Any] = []
        world.wire.hook = hook
        answer = await world.api("POST", NODES, document())
        node_id = str(answer.items[0]["id"])
        await world.run_until(lambda: bool(starts), 600, every_s=0.2)
        await starts[0]
        await reach(world, node_id, "ACTIVE")
        return run_of(world, node_id), set(there(world, "disks"))

    run, disks = tell(story)

    (kept,) = run.retained
    assert kept.id.endswith("-data1-g1")
    assert kept.id.rsplit("/", 1)[-1] in disks
    assert len(disks) == 4


def test_a_vm_that_azure_says_it_made_and_that_is_gone_leaves_its_disks_to_the_next() -> None:
    """I2: it has run, so what is on them is the node's."""
    looks: list[bool] = [False]

    def hook(call: Call) -> Fault | None:
        hidden = looks[0] and call.method == "GET" and "/operations/" in call.path
        looks[0] = looks[0] or (call.method == "PUT" and VM in call.path)
        return Refused(503, "ServiceUnavailable", "busy") if hidden else None

    async def story(world: InProcess) -> tuple[Any, ...]:
        answer = await world.api("POST", NODES, document())
        node_id = str(answer.items[0]["id"])
        await world.run_until(lambda: bool(there(world, "virtualmachines")), 600, every_s=1)
        (vm,) = there(world, "virtualmachines").values()
        await world.run_until(
            lambda: vm.properties["provisioningState"] == "Succeeded", 600, every_s=1
        )
        await world.azure.ask("DELETE", vm.id)
        await world.run_until(lambda: not there(world, "virtualmachines"), 600, every_s=1)
        looks[0] = False
        left = set(there(world, "disks"))

        def again() -> bool:
            run = run_of(world, node_id)
            return run.status == "ACTIVE" and bool(there(world, "virtualmachines"))

        await world.run_until(again, 2_400)
        await world.sleep(60)
        return left, run_of(world, node_id), set(there(world, "disks"))

    left, run, disks = tell(story, hook=hook, options=Options(settings={"latency_scale": 0.3}))

    assert {run.os_disk.name, *(one.name for one in run.data_disks)} == left == disks
    assert run.retained == ()
