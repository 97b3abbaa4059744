"""An operation that a bug breaks off in the middle: what it had made is the node's all the same."""

from typing import Any

import pytest

from local.worlds.faults import Call, Fault
from local.worlds.inprocess import NODES, InProcess
from tests.fuzz.records import records
from tests.unit.model.documents import LS, put
from tests.virtual.disks import deletion, idle, run_of, there
from tests.virtual.support import document, evict, reach, tell
from tests.virtual.test_actions import told

GOES = deletion(network=0, disk=0, snapshot=0, publicIp=0)
PREFIX = "Microsoft.Compute/virtualMachines"
MOMENTS = {
    "nic": ("PUT", "Microsoft.Network/networkInterfaces/write", False),
    "create": ("PUT", f"{PREFIX}/write", False),
    "created": ("GET", f"{PREFIX}/read", True),
    "extension": ("PUT", f"{PREFIX}/extensions/write", True),
}


class Bug:
    """Breaks the product at one kind of call to Azure, while it is armed."""

    def __init__(self, moment: str) -> None:
        self.method, self.operation, self.after_create = MOMENTS[moment]
        self.is_armed, self.created, self.has_bitten = False, False, False

    def __call__(self, call: Call) -> Fault | None:
        fits = call.method == self.method and call.operation == self.operation
        if self.is_armed and fits and (self.created or not self.after_create):
            self.has_bitten = True
            raise ZeroDivisionError("a bug of ours")
        self.created = self.created or (
            call.method == "PUT" and call.operation == MOMENTS["create"][1]
        )
        return None


def extended(**persistence: bool) -> dict[str, Any]:
    whole = document()
    extension = {
        "name": "script",
        "type": "CustomScript",
        "publisher": "Microsoft.Azure.Extensions",
        "apiVersion": "2.1",
        "minorVersionAutoUpgrade": True,
    }
    put(whole["statefulNode"], f"{LS}.extensions", [extension])
    whole["statefulNode"]["persistence"] |= persistence
    return whole


def unnamed(world: InProcess) -> set[str]:
    """Return what carries a node's tag and no row of ours names."""
    held = set[str]()
    for view in records(world.tables.rows()).nodes.values():
        held |= view.holds
    return {one.body["name"] for one in there(world).values() if one.id.lower() not in held}


async def after(world: InProcess, node_id: str, deed: str) -> None:
    """Have the owner do something about a node in ERROR."""
    if deed == "delete":
        answer = await world.api("DELETE", f"{NODES}/{node_id}", GOES)
        assert answer.status == 200, answer
        await idle(world, node_id)
        return
    answer = await world.api("PUT", f"{NODES}/{node_id}/state", {"state": deed})
    assert answer.status == 200, answer
    await reach(world, node_id, "ACTIVE")
    await world.sleep(60)


@pytest.mark.parametrize("deed", ["resume", "recycle", "delete"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_a_first_launch_had_made_is_taken_in(moment: str, deed: str) -> None:
    bug = Bug(moment)
    bug.is_armed = True

    async def story(world: InProcess) -> tuple[Any, ...]:
        answer = await world.api("POST", NODES, extended())
        node_id = str(answer.items[0]["id"])
        await reach(world, node_id, "ERROR")
        bug.is_armed = False
        made, lost = set(there(world)), unnamed(world)
        await after(world, node_id, deed)
        if deed == "delete":
            return made, lost, None, there(world), set(), []
        left = unnamed(world)
        lines = await told(world, node_id)
        return made, lost, run_of(world, node_id), there(world), left, lines

    made, lost, run, left, unowned, _ = tell(story, hook=bug)

    assert bug.has_bitten
    assert lost == set()
    assert made
    assert unowned == set()
    if deed == "delete":
        assert set(left) == set()
        return
    kept = {one.id.rsplit("/", 1)[-1] for one in run.retained}
    own = {run.vm.name, run.os_disk.name, *(one.name for one in run.data_disks)}
    own |= {name for nic in run.nics for name in (nic.name, nic.public_ip_id.rsplit("/", 1)[-1])}
    assert set(left) == own | kept
    if moment in ("created", "extension"):
        assert {one for one in made if "-os-" in one or "-data" in one} <= own | kept
    if moment == "extension":
        assert not kept


@pytest.mark.parametrize("network", ["its network", "any network"])
@pytest.mark.parametrize("moment", MOMENTS)
def test_what_a_replacement_had_made_is_taken_in_with_the_disks_that_it_had(
    moment: str, network: str
) -> None:
    bug = Bug(moment)

    async def story(world: InProcess) -> tuple[Any, ...]:
        whole = extended(shouldPersistNetwork=network == "its network")
        answer = await world.api("POST", NODES, whole)
        node_id = str(answer.items[0]["id"])
        await reach(world, node_id, "ACTIVE")
        before = run_of(world, node_id)
        await world.azure.ask(
            "PUT", "/_world/capacity", {"rules": [{"room": 0, "lifecycle": "SPOT"}]}
        )
        bug.is_armed, bug.created = True, False
        await evict(world, node_id)
        await world.run_until(lambda: run_of(world, node_id).status in ("ERROR", "ACTIVE"), 2_400)
        if not bug.has_bitten:
            return ()
        bug.is_armed = False
        lost = unnamed(world)
        await after(world, node_id, "resume")
        return before, lost, run_of(world, node_id), there(world), unnamed(world)

    seen = tell(story, hook=bug)

    if not seen:
        assert (moment, network) == ("nic", "its network")  # nothing is made of what persists
        return
    before, lost, run, left, unowned = seen
    assert lost == unowned == set()
    assert run.os_disk.id == before.os_disk.id
    assert [one.id for one in run.data_disks] == [one.id for one in before.data_disks]
    assert len([one for one in left.values() if one.type.endswith("virtualMachines")]) == 1
    assert len([one for one in left.values() if one.type.endswith("networkInterfaces")]) == 1
    assert len([one for one in left.values() if one.type.endswith("disks")]) == 3
