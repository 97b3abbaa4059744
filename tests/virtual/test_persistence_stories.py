"""Each kind of what persists by a switch of its own, in whole worlds."""

from itertools import product
from typing import Any

import pytest

from local.worlds.inprocess import NODES, InProcess
from tests.virtual.disks import idle, run_of, there, turned
from tests.virtual.support import document, reach, tell

KINDS = ("OsDisk", "DataDisks", "Network")


def keeps(*switches: bool, **modes: str) -> dict[str, Any]:
    whole = document()
    on = dict(zip(KINDS, switches, strict=True))
    persistence = {f"shouldPersist{kind}": value for kind, value in on.items()}
    whole["statefulNode"]["persistence"] = persistence | modes
    return whole


async def created(world: InProcess, whole: dict[str, Any]) -> str:
    answer = await world.api("POST", NODES, whole)
    assert answer.status == 200, answer
    node_id = str(answer.items[0]["id"])
    await reach(world, node_id, "ACTIVE")
    await idle(world, node_id)
    return node_id


def parts(world: InProcess, node_id: str) -> tuple[Any, Any, Any]:
    """Return OS disk, data disks and addresses of a node, by which one tells them apart."""
    run = run_of(world, node_id)
    assert run.os_disk is not None
    data = [disk.id for disk in run.data_disks]
    return run.os_disk.id, data, (run.nics[0].id, run.public_ip)


@pytest.mark.parametrize("switches", [*product((True, False), repeat=3)], ids=str)
def test_each_kind_that_persists_is_the_same_on_the_next_vm_and_each_other_one_is_new(
    switches: tuple[bool, bool, bool],
) -> None:
    """R11, R12, R21, S7: whatever of the others persists; and nothing is left lying about."""

    async def story(world: InProcess) -> tuple[Any, Any, int]:
        node_id = await created(world, keeps(*switches))
        before = parts(world, node_id)
        await turned(world, node_id, "recycle", "ACTIVE")
        await idle(world, node_id)
        return before, parts(world, node_id), len(there(world))

    before, after, count = tell(story)

    assert tuple(one == other for one, other in zip(before, after, strict=True)) == switches
    assert count == 6


@pytest.mark.parametrize(
    ("os", "data"), [("reattach", "onLaunch"), ("onLaunch", "reattach"), ("onLaunch", "onLaunch")]
)
def test_each_kind_of_disk_moves_on_in_its_own_way(os: str, data: str) -> None:
    """R13, S9: reattached ones are the same; rebuilt ones are copies, at the same LUNs."""

    async def story(world: InProcess) -> tuple[Any, Any, list[Any]]:
        modes = {"osDiskPersistenceMode": os, "dataDisksPersistenceMode": data}
        node_id = await created(world, keeps(True, True, True, **modes))
        before = parts(world, node_id)
        await turned(world, node_id, "pause", "PAUSED")
        await turned(world, node_id, "resume", "ACTIVE")
        await idle(world, node_id)
        luns = [disk.lun for disk in run_of(world, node_id).data_disks]
        return before, parts(world, node_id), luns

    before, after, luns = tell(story)

    assert (before[0] == after[0]) is (os == "reattach")
    assert (before[1] == after[1]) is (data == "reattach")
    assert luns == [0, 1]
