"""What a person does to a source in the middle of its import, and what Azure never allows again.

Nothing carries a node's tag that no node owns, nothing of the source is lost, and what is not as it
was is told.
"""

from typing import Any, Final

import pytest

from local.worlds.inprocess import InProcess
from tests.fuzz.doomed import COMPUTE, DISK_WRITE, NIC_WRITE, VM_WRITE, Doom, forbid
from tests.fuzz.dooming import Dooming
from tests.virtual import sources
from tests.virtual.disks import deleted, deletion, run_of, there
from tests.virtual.import_guard import Guard
from tests.virtual.support import tell
from tests.virtual.test_import import HOUR_S, KEEP_NETWORK, ended, left, lines, ours, shown

Json = dict[str, Any]

OWN: Final = "*/virtualmachines/legacy-*"
LAUNCHES: Final = (VM_WRITE, OWN)
NO_LAUNCH: Final = forbid(*LAUNCHES)
FAILS: Final = forbid(*LAUNCHES, kind="fail", code="OperationNotAllowed")
NO_DELETE: Final = forbid(f"{COMPUTE}/virtualMachines/delete", OWN)
NO_TAGS: Final = forbid(NIC_WRITE, "*/legacy-nic", method="PATCH")
ADOPTS: Final = (DISK_WRITE, "*/disks/legacy-os")
AGAIN: Final = forbid(DISK_WRITE, "*/disks/legacy-data", method="PATCH", times=1) | {
    "status": 503,
    "code": "ServiceUnavailable",
}
FREED: Final = ["legacy-data", "legacy-ip", "legacy-nic", "legacy-os"]
LEFT: Final = ("/legacy", *FREED, "-import-nic")
AT_ONCE: Final = deletion(disk=0, network=0, publicIp=0, snapshot=0)


async def doomed(world: InProcess, doom: Doom, node: Json | None = None) -> tuple[str, Guard, str]:
    """See an import end that something stands against; return its node and how it ended."""
    await sources.source(world)
    guard = Guard.over(world, 1, network_kept=bool(node))
    dooming = Dooming(world, doom)
    await dooming.lay()
    node_id = await sources.imported(world, node, resourcesRetentionTime=1)
    state = await ended(world, node_id)
    await dooming.lift()
    return node_id, guard, state


def test_a_deleted_source_in_whose_place_no_vm_comes_up_leaves_its_nics_to_its_user() -> None:
    """I7: they carry no tag, and a delete of the node takes nothing of the source."""
    doom = Doom("", (NO_LAUNCH,), LAUNCHES, person="delete")

    async def story(world: InProcess) -> Any:
        node_id, guard, state = await doomed(world, doom, KEEP_NETWORK)
        run, tagged = run_of(world, node_id), ours(world)
        await deleted(world, node_id, AT_ONCE)
        return state, run, (tagged, ours(world)), left(world, guard)

    state, run, tagged, kept = tell(story)

    assert (state, tagged, run.lent) == ("ImportFailed", ([], []), ())
    assert kept == FREED
    assert "not all as it was: it was deleted meanwhile (SourceGone:" in run.rollback_reason


@pytest.mark.parametrize(
    "doom",
    [
        Doom("as its node comes up", at=LAUNCHES, person="delete"),
        Doom("as it is adopted", (AGAIN,), ADOPTS, person="delete"),
    ],
    ids=lambda doom: doom.name.replace(" ", "-"),
)
def test_what_a_source_leaves_that_is_deleted_meanwhile_goes_in_its_time(doom: Doom) -> None:
    """I7, I14: its disks and the placeholder; the node keeps the network."""

    async def story(world: InProcess) -> Any:
        node_id, guard, state = await doomed(world, doom, KEEP_NETWORK)
        kept, held = left(world, guard), {one.id.lower() for one in run_of(world, node_id).retained}
        tagged = {one.lower() for one in ours(world) if one.lower().endswith(LEFT)}
        await world.sleep(HOUR_S + 1_200)
        node = await shown(world, node_id)
        return (state, node["status"]), kept, tagged - held, (left(world, guard), there(world))

    ends, kept, unowned, (after, names) = tell(story)

    assert ends == ("ImportCompleted", "ACTIVE")
    assert kept == FREED
    network = {"legacy-nic", "legacy-ip"}
    assert {one.rsplit("/", 1)[-1] for one in unowned} == network  # which the node's rows name
    assert after == sorted(network)
    assert not any("import-nic" in name for name in names)


def test_what_may_not_be_adopted_is_its_users_and_carries_no_tag() -> None:
    """I7: one disk that may not be tagged lets all of the source stay."""
    locked = forbid(DISK_WRITE, "*/disks/legacy-os", method="PATCH")

    async def story(world: InProcess) -> Any:
        node_id, guard, state = await doomed(world, Doom("", (locked,)))
        tagged = [one for one in ours(world) if one.lower().endswith(LEFT)]
        told = await lines(world, node_id)
        await world.sleep(HOUR_S + 1_200)
        return state, tagged, told, left(world, guard)

    state, tagged, told, after = tell(story)

    assert (state, after) == ("ImportCompleted", ["legacy", *FREED])
    assert [one.rsplit("/", 1)[-1] for one in tagged] == ["legacy"]  # it is marked still
    assert "and its resources stay: AuthorizationFailed" in told


def test_disks_of_a_failed_vm_that_may_not_go_stay_as_long_as_its_owner_says() -> None:
    """I14, I7: the NICs that it has are the source's, and stay when it goes."""
    doom = Doom("", (FAILS, NO_DELETE))

    async def story(world: InProcess) -> Any:
        node_id, guard, state = await doomed(world, doom, KEEP_NETWORK)
        run, nic = run_of(world, node_id), there(world)["legacy-nic"]
        had = nic.properties.get("virtualMachine"), nic.body.get("tags")
        chosen = deletion(disk=1, network=0, publicIp=0, snapshot=0)
        await deleted(world, node_id, chosen)
        soon = there(world)
        await world.sleep(HOUR_S + 1_200)
        return (state, run, had), soon, (there(world), ours(world), left(world, guard))

    (state, run, had), soon, (after, tagged, kept) = tell(story)

    assert (state, run.vm is not None) == ("ImportFailed", True)
    assert had[0]
    assert "mooring-node" not in (had[1] or {})
    disks = {one.rsplit("/", 1)[-1] for one in run.leftovers if "/disks/" in one}
    assert len(disks) == 2
    assert disks <= soon.keys()
    assert not disks & after.keys()
    assert (kept, tagged) == (["legacy", *FREED], [])


def test_a_stopped_source_that_was_deleted_is_not_told_to_be_as_it_was() -> None:
    doom = Doom("", (NO_LAUNCH,), LAUNCHES, person="delete")

    async def story(world: InProcess) -> Any:
        await sources.source(world)
        await sources.act(world, "deallocate")
        dooming = Dooming(world, doom)
        await dooming.lay()
        node_id = await sources.imported(world)
        return await ended(world, node_id), run_of(world, node_id).rollback_reason

    state, told = tell(story)

    assert state == "ImportFailed"
    assert "it was deleted meanwhile (SourceGone:" in told
    assert told.count("SourceGone") == 1


def test_a_tag_that_may_not_come_off_a_source_is_the_nodes_until_its_delete() -> None:
    """I7: and the NIC stays, whatever its delete chooses."""
    doom = Doom("", (NO_LAUNCH,), LAUNCHES, (NO_TAGS,))

    async def story(world: InProcess) -> Any:
        node_id, guard, state = await doomed(world, doom, KEEP_NETWORK)
        run, tagged = run_of(world, node_id), ours(world)
        await deleted(world, node_id, AT_ONCE)
        return (state, run), tagged, ours(world), left(world, guard)

    (state, run), tagged, after, kept = tell(story)

    assert (state, [one.lower() for one in run.lent]) == ("ImportFailed", tagged)
    assert "its network interfaces carry the node's tag" in run.rollback_reason
    assert (after, kept) == ([], ["legacy", *FREED])
