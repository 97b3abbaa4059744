"""What a node has given up: deleted only while nobody uses it, let go without our tags."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from local.worlds.faults import Call, Fault, Refused, Stale
from shared.contracts.disk import DELETE_UNUSED, LET_GO, DeleteUnused, LetGo
from shared.contracts.disks_change import ADOPT_OS_DISK, DETACH_DATA_DISK, MAKE_DATA_DISK
from tests.activities.acts import VM_ID, copied, given_up, launched, scenery
from tests.activities.disk_acts import (
    EXTRA,
    RESTORED,
    compute_left,
    detach_first,
    made,
    one_more,
    restored,
    take_it,
)
from tests.activities.scenes import played
from tests.activities.stage import COMPUTE, NETWORK, Stage

Scene = Callable[[Stage], Awaitable[Any]]
Situation = Callable[[Stage], Awaitable[None]]


def play(scene: Scene, situation: Situation) -> Any:
    return played(scene, scenery(situation))


def unused(stage: Stage, *ids: str, **more: Any) -> DeleteUnused:
    work = stage.work("unused", "op-2")
    return DeleteUnused(work=work, resource_ids=ids, **more)


def data_disk(stage: Stage) -> str:
    (found,) = [one.id for one in stage.there("disks").values() if "data0" in one.id]
    return str(found)


async def tags(stage: Stage, arm_id: str) -> dict[str, str]:
    return dict(stage.find(arm_id).body.get("tags") or {})


# -- deleted --------------------------------------------------------------------------------------


def test_a_disk_that_a_vm_uses_is_left_to_it() -> None:
    """I1, I2: its time is over, and it is not deleted, nor kept for deletion any longer."""

    async def scene(stage: Stage) -> tuple[Any, bool, int]:
        mine = data_disk(stage)
        answer = await stage.ask(DELETE_UNUSED, unused(stage, mine))
        return answer, stage.find(mine) is not None, len(stage.written("disks/delete"))

    answer, is_there, deletions = play(scene, launched)

    assert (len(answer.left), answer.gone, answer.refused) == (1, (), ())
    assert (is_there, deletions) == (True, 0)


def test_a_nic_and_an_address_that_a_vm_uses_are_left_to_it() -> None:
    """I3."""

    async def scene(stage: Stage) -> tuple[Any, int]:
        kinds = ("networkinterfaces", "publicipaddresses")
        ids = [one.id for one in stage.there(*kinds).values()]
        answer = await stage.ask(DELETE_UNUSED, unused(stage, *ids))
        return answer, len(stage.there(*kinds))

    answer, left = play(scene, launched)

    # The address is used by a NIC that was to go as well, so Azure itself is asked.
    assert (len(answer.left), len(answer.refused), left) == (1, 1, 2)
    assert "still allocated" in answer.reason


def test_what_is_said_to_be_used_by_a_vm_that_is_no_more_is_for_azure_to_judge() -> None:
    """I1: a read that lags is no use by anybody; and where the VM is there after all, it stays."""

    async def scene(stage: Stage) -> tuple[Any, int]:
        (nic,) = [one.id for one in stage.there("networkinterfaces").values()]
        (vm,) = [one.id for one in stage.there("virtualmachines").values()]
        answer = await stage.ask(DELETE_UNUSED, unused(stage, nic, ended=(vm,)))
        return answer, len(stage.there("networkinterfaces"))

    answer, left = play(scene, launched)

    assert (answer.left, len(answer.refused), left) == ((), 1, 1)
    assert answer.reason.startswith("NicInUse")


def test_a_vm_whose_name_only_begins_like_that_of_one_that_is_no_more_is_a_user() -> None:
    async def scene(stage: Stage) -> Any:
        mine = data_disk(stage)
        (vm,) = [one.id for one in stage.there("virtualmachines").values()]
        return await stage.ask(DELETE_UNUSED, unused(stage, mine, ended=(vm[:-1],)))

    answer = play(scene, launched)

    assert (len(answer.left), answer.refused) == (1, ())


def test_a_disk_without_the_nodes_tag_is_left_alone() -> None:
    async def scene(stage: Stage) -> tuple[Any, bool]:
        mine = data_disk(stage)
        await stage.arm("PATCH", mine, {"tags": {"team": "ops"}})
        await stage.ports.clock.sleep(30)
        answer = await stage.ask(DELETE_UNUSED, unused(stage, mine))
        return answer, stage.find(mine) is not None

    answer, is_there = play(scene, given_up)

    assert (len(answer.left), is_there) == (1, True)


def test_a_disk_that_is_being_exported_is_left_alone() -> None:
    async def scene(stage: Stage) -> tuple[Any, bool]:
        mine = data_disk(stage)
        access = {"access": "Read", "durationInSeconds": 3_600}
        await stage.arm("POST", f"{mine}/beginGetAccess", access)
        await stage.ports.clock.sleep(10)
        answer = await stage.ask(DELETE_UNUSED, unused(stage, mine))
        return answer, stage.find(mine) is not None

    answer, is_there = play(scene, given_up)

    assert (len(answer.left), is_there) == (1, True)


def test_what_is_used_is_believed_only_at_the_second_look() -> None:
    """A read that lags behind the VM's deletion does not make its disks somebody else's."""

    async def scene(stage: Stage) -> tuple[Any, bool]:
        mine = data_disk(stage)
        looks: list[int] = []

        def late(call: Call) -> Fault | None:
            if call.method == "GET" and call.resource.lower() == mine.lower():
                looks.append(call.count)
                return Stale(9_999.0) if len(looks) == 1 else None
            return None

        await stage.ask(DETACH_DATA_DISK, await detach_first(stage))
        stage.wire.hook = late
        answer = await stage.ask(DELETE_UNUSED, unused(stage, mine))
        return answer, stage.find(mine) is not None

    answer, is_there = play(scene, launched)

    assert (len(answer.gone), is_there) == (1, False)


def test_one_that_azure_keeps_does_not_keep_the_others() -> None:
    async def scene(stage: Stage) -> Any:
        kept = {disk.name for disk in (await stage.record()).run.data_disks}
        ids = [one.id for one in stage.there("disks", "snapshots").values()]
        locked = next(one for one in ids if "snap" in one)
        ids = [one for one in ids if one.rsplit("/", 1)[-1] not in kept]

        def lock(call: Call) -> Fault | None:
            is_it = call.method == "DELETE" and call.resource.lower() == locked.lower()
            return Refused(409, "ScopeLocked", "a lock") if is_it else None

        stage.wire.hook = lock
        answer = await stage.ask(DELETE_UNUSED, unused(stage, *ids))
        return answer, locked, ids

    answer, locked, ids = play(scene, copied)

    assert (answer.kind, answer.refused) == ("swept_in_part", (locked,))
    assert set(answer.gone) == {*ids} - {locked}
    assert answer.reason == "ScopeLocked: a lock"


# -- let go ---------------------------------------------------------------------------------------


def test_what_is_let_go_keeps_its_users_tags_and_loses_ours() -> None:
    async def scene(stage: Stage) -> Any:
        mine = data_disk(stage)
        before = await tags(stage, mine)
        await stage.arm("PATCH", mine, {"tags": before | {"team": "ops"}})
        await stage.ports.clock.sleep(30)
        answer = await stage.ask(LET_GO, await compute_left(stage))
        vms = await stage.ports.stores.vms.find(VM_ID)
        running = stage.find(VM_ID).sim["power"]
        return answer.kind, await tags(stage, mine), await tags(stage, VM_ID), vms, running

    kind, of_disk, of_vm, indexed, power = play(scene, launched)

    assert (kind, of_disk, of_vm) == ("done", {"team": "ops"}, {})
    assert (indexed, power) == (None, "running")


def test_only_what_the_operation_has_marked_is_let_go_if_that_is_asked() -> None:
    """A node's own disk is never taken for the one that a swap could not use."""

    async def scene(stage: Stage) -> tuple[bool, bool]:
        os_disk = (await stage.record()).run.os_disk
        assert os_disk is not None
        await stage.ask(ADOPT_OS_DISK, await take_it(stage))
        ids = (os_disk.id, RESTORED)
        request = LetGo(work=stage.work("undo", "op-2"), resource_ids=ids, marked_by="op-2")
        await stage.ask(LET_GO, request)
        both = [await tags(stage, one) for one in ids]
        return "mooring-node" in both[0], "mooring-node" in both[1]

    assert play(scene, restored) == (True, False)


def test_what_is_not_there_or_not_ours_is_passed_by() -> None:
    async def scene(stage: Stage) -> tuple[str, int]:
        ids = (f"{COMPUTE}/disks/never", f"{NETWORK}/publicIPAddresses/never")
        answer = await stage.ask(LET_GO, LetGo(work=stage.work("let-go", "op-2"), resource_ids=ids))
        return answer.kind, len(
            [one for one in stage.written() if "op-2" in one["clientRequestId"]]
        )

    assert play(scene, launched) == ("done", 0)


# -- a name that is taken -------------------------------------------------------------------------


def test_a_disk_that_was_there_is_neither_taken_nor_touched() -> None:
    async def scene(stage: Stage) -> tuple[Any, dict[str, str]]:
        body = {"location": "eastus", "tags": {"team": "ops"}, "zones": ["1"]}
        size = {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4}
        await stage.arm("PUT", EXTRA.id, body | {"properties": size})
        await stage.ports.clock.sleep(30)
        answer = await stage.ask(MAKE_DATA_DISK, await one_more(stage))
        return answer, await tags(stage, EXTRA.id)

    answer, theirs = play(scene, launched)

    assert (answer.kind, answer.code, answer.made) == ("refused", "DiskExists", ())
    assert theirs == {"team": "ops"}


def test_a_disk_that_another_operation_made_is_not_this_ones() -> None:
    async def scene(stage: Stage) -> Any:
        return await stage.ask(MAKE_DATA_DISK, await one_more(stage))

    assert play(scene, made).code == "DiskExists"


@pytest.mark.parametrize("change", [{"zones": ("2",)}, {"os": "Windows"}, {"region": "westus"}])
def test_a_disk_that_does_not_fit_is_refused_and_left_as_it_is(change: dict[str, Any]) -> None:
    """S30."""

    async def scene(stage: Stage) -> tuple[Any, dict[str, str]]:
        request = await take_it(stage)
        fit = request.fit.model_copy(update=change)
        answer = await stage.ask(ADOPT_OS_DISK, request.model_copy(update={"fit": fit}))
        return answer, await tags(stage, RESTORED)

    answer, theirs = play(scene, restored)

    assert (answer.kind, answer.code) == ("refused", "DiskDoesNotFit")
    assert theirs == {"team": "ops"}
