"""Acts: each activity that speaks to Azure, in each situation in which it writes differently."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from shared.contracts.base import Work
from shared.contracts.disk import COPY_DISKS, DELETE_RESOURCES, CopyDisks, DeleteResources
from shared.contracts.market import DECIDE, Decide
from shared.contracts.nic import ENSURE_NICS, EnsureNics
from shared.contracts.stock import TAKE_STOCK, TakeStock
from shared.contracts.vm import (
    AWAIT_DOWN,
    CREATE_VM,
    DEALLOCATE_VM,
    DELETE_VM,
    LOOK_AT_VM,
    START_VM,
    AwaitDown,
    CreateVm,
    DeallocateVm,
    DeleteVm,
    LookAtVm,
    StartVm,
)
from shared.durable import Activity
from shared.model.market import Market
from shared.model.run import Lifecycle, Status, Vm
from tests.activities import balancers
from tests.activities.scenes import Scenery, left_by
from tests.activities.stage import COMPUTE, GROUP, Stage

VM_NAME = "web-0000cafe"
VM_ID = f"{COMPUTE}/virtualMachines/{VM_NAME}"
SPOT = Market(size="Standard_D2s_v5", zone="1", lifecycle=Lifecycle.SPOT)
LARGER = Market(size="Standard_D4s_v5", zone="1", lifecycle=Lifecycle.SPOT)
SETUP = "op-1"
"""The operation that has made what an act finds."""
NOW = "op-2"
"""The operation of the act."""

RULE_ID = f"{GROUP}/providers/Microsoft.Insights/dataCollectionRules/rule"
LAUNCH = "compute__launchSpecification"
DOCUMENT: dict[str, Any] = {
    "compute__zones": ["1"],
    "persistence__shouldPersistNetwork": True,
    "integrations__insights": {"isEnabled": True, "dataCollectionRuleId": RULE_ID},
    f"{LAUNCH}__loadBalancersConfig": balancers.CONFIG,
    f"{LAUNCH}__osDisk": {"type": "Premium_LRS", "sizeGB": 64},
    f"{LAUNCH}__dataDisks": [{"sizeGB": 32, "lun": 0, "type": "Premium_LRS"}],
    f"{LAUNCH}__network__networkInterfaces": [
        {"isPrimary": True, "subnetName": "default", "assignPublicIp": True}
    ],
    f"{LAUNCH}__extensions": [
        {
            "name": "watch",
            "type": "AzureMonitorLinuxAgent",
            "publisher": "Microsoft.Azure.Monitor",
            "apiVersion": "1.0",
            "minorVersionAutoUpgrade": True,
        }
    ],
}


def work(stage: Stage, step: str = "act") -> Work:
    """Return the work of the act's operation."""
    return stage.work(step, NOW)


# -- situations -----------------------------------------------------------------------------------


async def stored(stage: Stage) -> None:
    """A node that nothing was made for."""
    await stage.node(**DOCUMENT)


async def with_nics(stage: Stage) -> None:
    """Its NIC and address exist."""
    await stored(stage)
    ready = await stage.ask(ENSURE_NICS, EnsureNics(work=stage.work("nics", SETUP), generation=1))
    await stage.put_run(nics=ready.nics)


async def launched(stage: Stage) -> None:
    """Its VM runs."""
    await with_nics(stage)
    up = await stage.ask(CREATE_VM, await first_vm(stage, SETUP))
    await stage.put_run(
        status=Status.ACTIVE,
        generation=1,
        vm=up.vm,
        os_disk=up.os_disk,
        data_disks=up.data_disks,
        nics=up.nics,
        launched_version=up.version,
        launched_digest=up.digest,
    )


async def evicted(stage: Stage) -> None:
    """Azure has taken the VM: it is deallocated."""
    await launched(stage)
    await stage.evict(VM_ID)


async def armed(stage: Stage) -> None:
    """As evicted, and a delete of the VM would take its disks along."""
    await evicted(stage)
    vm = stage.find(VM_ID)
    vm.properties["storageProfile"]["osDisk"]["deleteOption"] = "Delete"
    stage.world.save(vm)


async def given_up(stage: Stage) -> None:
    """The VM is deleted, its disks and NICs stay."""
    await evicted(stage)
    gone = await stage.ask(DELETE_VM, await vm_gone(stage, SETUP))
    assert gone.kind == "done"


async def copied(stage: Stage) -> None:
    """As given up, with copies of the disks in another zone."""
    await given_up(stage)
    made = await stage.ask(COPY_DISKS, await copies(stage, SETUP))
    assert made.kind == "disks_copied"


# -- requests -------------------------------------------------------------------------------------


async def nics(stage: Stage, operation: str = NOW) -> EnsureNics:
    return EnsureNics(work=stage.work("nics", operation), generation=1)


async def first_vm(stage: Stage, operation: str = NOW) -> CreateVm:
    run = (await stage.record()).run
    return CreateVm(
        work=stage.work("create", operation),
        name=VM_NAME,
        generation=1,
        market=SPOT,
        nics=run.nics,
    )


async def next_vm(stage: Stage, operation: str = NOW) -> CreateVm:
    run = (await stage.record()).run
    return CreateVm(
        work=stage.work("create", operation),
        name=VM_NAME,
        generation=2,
        market=SPOT,
        os_disk=run.os_disk,
        data_disks=run.data_disks,
        nics=run.nics,
    )


async def start(stage: Stage, operation: str = NOW) -> StartVm:
    return StartVm(work=stage.work("start", operation), vm_resource_id=VM_ID, market=SPOT)


async def start_larger(stage: Stage, operation: str = NOW) -> StartVm:
    return StartVm(work=stage.work("start", operation), vm_resource_id=VM_ID, market=LARGER)


async def vm_gone(stage: Stage, operation: str = NOW) -> DeleteVm:
    return DeleteVm(work=stage.work("delete", operation), vm_resource_id=VM_ID, generation=1)


async def stop(stage: Stage, operation: str = NOW) -> DeallocateVm:
    return DeallocateVm(work=stage.work("deallocate", operation), vm_resource_id=VM_ID)


async def look(stage: Stage, operation: str = NOW) -> LookAtVm:
    return LookAtVm(work=stage.work("look", operation), vm_resource_id=VM_ID)


async def stock(stage: Stage, operation: str = NOW) -> TakeStock:
    ids = tuple(one.id for one in stage.there().values())
    return TakeStock(work=stage.work("stock", operation), resource_ids=ids)


async def captures(stage: Stage, operation: str = NOW) -> CopyDisks:
    whole = await copies(stage, operation)
    return whole.model_copy(update={"capture": True, "zone": None})


async def copies(stage: Stage, operation: str = NOW) -> CopyDisks:
    run = (await stage.record()).run
    assert run.os_disk is not None
    disks = (run.os_disk, *run.data_disks)
    return CopyDisks(work=stage.work("copy", operation), disks=disks, zone="2", generation=2)


async def rest(stage: Stage, operation: str = NOW) -> DeleteResources:
    """Everything but the disks that hold the node's data."""
    run = (await stage.record()).run
    kept = {disk.id.lower() for disk in (run.os_disk, *run.data_disks) if disk}
    ids = [one.id for one in stage.there().values() if one.id.lower() not in kept]
    return DeleteResources(work=stage.work("rest", operation), resource_ids=tuple(ids))


async def down(stage: Stage, operation: str = NOW) -> AwaitDown:
    vm: Vm | None = (await stage.record()).run.vm
    assert vm is not None
    return AwaitDown(work=stage.work("down", operation), vm_resource_id=vm.id, vm_id=vm.vm_id)


async def decision(stage: Stage, operation: str = NOW) -> Decide:
    return Decide(work=stage.work("decide", operation), why="evicted", look_at=VM_ID)


# -- the acts -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """One activity in one situation."""

    name: str
    contract: Activity[Any, Any]
    situation: Callable[[Stage], Awaitable[None]]
    request: Callable[[Stage], Awaitable[Any]]
    writes: tuple[str, ...]
    """Azure's names of the operations that it writes by, in order."""
    at_once: bool = False
    """True: its writes are over with their replies, so that none can fail at its end."""


VMS = "Microsoft.Compute/virtualMachines"
ACTS = (
    Act(
        "make NICs",
        ENSURE_NICS,
        stored,
        nics,
        ("Microsoft.Network/publicIPAddresses/write", "Microsoft.Network/networkInterfaces/write"),
    ),
    Act("create from image", CREATE_VM, with_nics, first_vm, (f"{VMS}/write",)),
    Act("create on disks", CREATE_VM, given_up, next_vm, (f"{VMS}/write",)),
    Act("start", START_VM, evicted, start, (f"{VMS}/start/action",)),
    Act(
        "resize and start", START_VM, evicted, start_larger, (f"{VMS}/write", f"{VMS}/start/action")
    ),
    Act("delete the VM", DELETE_VM, evicted, vm_gone, (f"{VMS}/delete",)),
    Act("disarm and delete", DELETE_VM, armed, vm_gone, (f"{VMS}/write", f"{VMS}/delete")),
    Act(
        "copy disks",
        COPY_DISKS,
        evicted,
        copies,
        ("Microsoft.Compute/snapshots/write", "Microsoft.Compute/disks/write"),
    ),
    Act("capture disks", COPY_DISKS, given_up, captures, ("Microsoft.Compute/snapshots/write",)),
    Act("deallocate", DEALLOCATE_VM, launched, stop, (f"{VMS}/deallocate/action",)),
    Act("look", LOOK_AT_VM, launched, look, ()),
    Act("take stock", TAKE_STOCK, launched, stock, ()),
    Act(
        "clear away",
        DELETE_RESOURCES,
        copied,
        rest,
        (
            "Microsoft.Network/networkInterfaces/delete",
            "Microsoft.Network/publicIPAddresses/delete",
            "Microsoft.Compute/disks/delete",
            "Microsoft.Compute/snapshots/delete",
        ),
    ),
    Act("await down", AWAIT_DOWN, evicted, down, ()),
    Act("decide", DECIDE, evicted, decision, ()),
)


@cache
def scenery(situation: Callable[[Stage], Awaitable[None]]) -> Scenery:
    """Return what a situation leaves, made once a process."""
    return left_by(situation)
