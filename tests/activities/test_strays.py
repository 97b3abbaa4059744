"""Disks that nobody has named: told, and left alone."""

from typing import Any

import pytest

from shared.contracts.base import Changed, Done
from shared.contracts.disk import DELETE_RESOURCES, DeleteResources
from shared.contracts.disk_fit import FIT_DISKS
from shared.contracts.stock import TAKE_STOCK, Stock, TakeStock
from shared.contracts.vm import CREATE_VM
from shared.model.run import Vm
from tests.activities.acts import VM_ID, first_vm, given_up, launched, scenery, with_nics
from tests.activities.disk_acts import larger
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage

NOT_OURS: dict[str, Any] = {"tags": {}}


def disk_ids(stage: Stage) -> set[str]:
    return {one.id for one in stage.there("disks").values()}


def test_disks_of_a_vm_that_is_gone_are_told_when_they_are_in_the_way() -> None:
    """None is deleted, and no VM is made."""

    async def scene(stage: Stage) -> Any:
        before = disk_ids(stage)
        answer = await stage.ask(CREATE_VM, await first_vm(stage))
        return answer, before, disk_ids(stage), stage.there("virtualmachines")

    answer, before, after, vms = played(scene, scenery(given_up))

    assert isinstance(answer, Changed)
    assert set(answer.strays) == before == after
    assert not vms


def test_disks_without_our_tag_are_not_told_as_ours() -> None:
    async def scene(stage: Stage) -> Any:
        for one in disk_ids(stage):
            await stage.arm("PATCH", one, NOT_OURS)
        await stage.ports.clock.sleep(60)
        return await stage.ask(CREATE_VM, await first_vm(stage))

    answer = played(scene, scenery(given_up))

    assert (answer.kind, answer.code, answer.strays) == ("changed", "ConflictingUserInput", ())


def test_what_a_create_would_make_is_in_the_journal_before_it_is_asked_for() -> None:
    async def scene(stage: Stage) -> Any:
        request = await first_vm(stage)
        stage.fault("refuse", "Microsoft.Compute/virtualMachines/write", status=400, code="No")
        await stage.ask(CREATE_VM, request)
        journal = stage.ports.stores.journal
        (intent,) = await journal.of_operation(KEY, request.work.operation_id)
        stage.world.shelf("faults").entries.clear()
        return intent.detail["disks"].split()

    coming = played(scene, scenery(with_nics))

    assert len(coming) == 2
    assert all("/disks/mooring-0000cafe-" in one for one in coming)


async def stock_of(stage: Stage, vm: Vm | None = None) -> Stock:
    ids = tuple(one.id for one in stage.there().values())
    request = TakeStock(work=stage.work("stock", "op-2"), resource_ids=ids, vm=vm)
    found = await stage.ask(TAKE_STOCK, request)
    assert isinstance(found, Stock)
    return found


def test_a_vm_that_azure_calls_provisioned_is_found_with_its_disks_and_interfaces() -> None:
    async def scene(stage: Stage) -> Any:
        return await stock_of(stage), (await stage.record()).run

    found, run = played(scene, scenery(launched))

    assert found.up.vm.vm_id == run.vm.vm_id
    assert found.up.os_disk.id == run.os_disk.id
    assert [one.id for one in found.up.data_disks] == [one.id for one in run.data_disks]
    assert found.up.nics == run.nics
    assert (found.body, found.strays, found.attached) == (None, (), ())


def test_a_vm_that_failed_is_found_as_one_to_be_given_up_and_its_disks_are_kept() -> None:
    async def scene(stage: Stage) -> Any:
        vm = stage.find(VM_ID)
        vm.properties["provisioningState"] = "Failed"
        stage.world.save(vm)
        return await stock_of(stage), disk_ids(stage)

    found, disks = played(scene, scenery(launched))

    assert (found.up, found.body.id, found.body.vm_id) == (None, VM_ID, None)
    assert set(found.strays) == disks


def test_what_the_known_vm_has_is_told_as_attached() -> None:
    async def scene(stage: Stage) -> Any:
        run = (await stage.record()).run
        return await stock_of(stage, run.vm), run

    found, run = played(scene, scenery(launched))

    assert (found.up, found.body, found.strays) == (None, None, ())
    assert [(one.id, one.lun) for one in found.attached] == [
        (one.id, one.lun) for one in run.data_disks
    ]


@pytest.mark.parametrize("is_tagged", [True, False])
def test_what_nobody_uses_is_kept_and_what_is_not_ours_is_passed_by(is_tagged: bool) -> None:  # noqa: FBT001
    async def scene(stage: Stage) -> Any:
        if not is_tagged:
            for one in stage.there("disks", "networkinterfaces", "publicipaddresses").values():
                one.body["tags"] = {}
                stage.world.save(one)
        return await stock_of(stage), disk_ids(stage)

    found, disks = played(scene, scenery(given_up))

    assert set(found.strays) == (disks if is_tagged else set())
    assert len(found.leftovers) == (2 if is_tagged else 0)


def test_what_is_left_over_is_listed_users_first() -> None:
    async def scene(stage: Stage) -> Any:
        found = await stock_of(stage)
        request = DeleteResources(work=stage.work("rest", "op-2"), resource_ids=found.leftovers)
        return await stage.ask(DELETE_RESOURCES, request), [*stage.there()]

    answer, left = played(scene, scenery(given_up))

    assert isinstance(answer, Done)
    assert all("-os-" in name or "-data" in name for name in left)


def test_a_disk_without_our_tag_is_not_resized_either() -> None:
    async def scene(stage: Stage) -> Any:
        for one in disk_ids(stage):
            await stage.arm("PATCH", one, NOT_OURS)
        await stage.ports.clock.sleep(60)
        before = len(stage.written("disks/write"))
        answer = await stage.ask(FIT_DISKS, await larger(stage))
        return answer, len(stage.written("disks/write")) - before

    answer, writes = played(scene, scenery(given_up))

    assert (answer.kind, answer.code, writes) == ("refused", "NotOurs", 0)
