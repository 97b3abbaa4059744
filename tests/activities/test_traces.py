"""What activities leave behind, and who is told of it."""

from typing import Any

from shared.contracts.disk import COPY_DISKS
from shared.contracts.nic import ENSURE_NICS
from shared.contracts.vm import DELETE_VM
from tests.activities.acts import (
    LAUNCH,
    VM_ID,
    copies,
    evicted,
    given_up,
    nics,
    scenery,
    vm_gone,
)
from tests.activities.scenes import played
from tests.activities.stage import KEY, Stage
from tests.simulator import SUBSCRIPTION


def interfaces(wanted: list[Any]) -> dict[str, Any]:
    return {f"{LAUNCH}__network__networkInterfaces": wanted}


async def indexed(stage: Stage, generation: int) -> None:
    await stage.ports.stores.vms.put(SUBSCRIPTION, VM_ID, KEY, generation)


def test_a_late_delete_leaves_the_next_vm_in_the_index() -> None:
    async def scene(stage: Stage) -> Any:
        await indexed(stage, 2)
        await stage.ask(DELETE_VM, await vm_gone(stage))
        return await stage.ports.stores.vms.find(VM_ID)

    assert played(scene, scenery(given_up)) == (KEY, 2)


def test_a_vm_that_was_deleted_before_the_repeat_leaves_the_index_too() -> None:
    async def scene(stage: Stage) -> Any:
        await indexed(stage, 1)
        await stage.ask(DELETE_VM, await vm_gone(stage))
        return await stage.ports.stores.vms.find(VM_ID)

    assert played(scene, scenery(given_up)) is None


def test_a_nic_that_azure_refuses_tells_of_those_that_were_made() -> None:
    async def scene(stage: Stage) -> Any:
        two = [
            {"isPrimary": True, "subnetName": "default", "assignPublicIp": True},
            {"isPrimary": False, "subnetName": "missing"},
        ]
        await stage.node(**interfaces(two))
        answer = await stage.ask(ENSURE_NICS, await nics(stage))
        return answer, {one.id for one in stage.there().values()}

    answer, left = played(scene)

    assert answer.kind == "refused"
    assert left
    assert left <= set(answer.made)


def test_a_nic_that_is_there_is_given_no_second_address() -> None:
    """Its pool's address is its own by now, and so not free any more."""

    async def scene(stage: Stage) -> Any:
        pool = {
            "location": "eastus",
            "sku": {"name": "Standard"},
            "properties": {"publicIPAllocationMethod": "Static"},
        }
        group = VM_ID.split("/providers/", maxsplit=1)[0]
        await stage.arm(
            "PUT", f"{group}/providers/Microsoft.Network/publicIPAddresses/pooled", pool
        )
        await stage.ports.clock.sleep(10)
        pooled = [{"name": "pooled", "resourceGroupName": "fleet"}]
        one = {
            "isPrimary": True,
            "subnetName": "default",
            "assignPublicIp": True,
            "publicIps": pooled,
        }
        await stage.node(**interfaces([one]))
        first = await stage.ask(ENSURE_NICS, await nics(stage))
        again = await stage.ask(ENSURE_NICS, await nics(stage))
        return first, again, list(stage.there("publicIPAddresses"))

    first, again, addresses = played(scene)

    assert first == again
    assert addresses == ["pooled"]


def test_a_copy_that_azure_refuses_tells_of_the_snapshots_that_were_made() -> None:
    async def scene(stage: Stage) -> Any:
        quota = "exceeding approved DiskCount quota"
        stage.fault(
            "refuse", "*/disks/write", status=409, code="OperationNotAllowed", message=quota
        )
        before = set(stage.there("disks", "snapshots"))
        answer = await stage.ask(COPY_DISKS, await copies(stage))
        after = stage.there("disks", "snapshots")
        return answer, {one.id for name, one in after.items() if name not in before}

    answer, new = played(scene, scenery(evicted))

    assert answer.kind == "no_capacity"
    assert new <= set(answer.made)
    assert len(answer.made) == 4
