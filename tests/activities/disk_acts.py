"""Acts on the disks of a node that lives, and on what a node has given up."""

from shared.contracts.base import Work
from shared.contracts.disk import DELETE_UNUSED, LET_GO, DeleteUnused, LetGo
from shared.contracts.disk_fit import FIT_DISKS, FitDisks
from shared.contracts.disks_change import (
    ADOPT_OS_DISK,
    ATTACH_DATA_DISK,
    DETACH_DATA_DISK,
    EXCHANGE_OS_DISK,
    MAKE_DATA_DISK,
    AdoptOsDisk,
    AttachDataDisk,
    DetachDataDisk,
    ExchangeOsDisk,
    MakeDataDisk,
    OsDiskFit,
)
from shared.model.run import DiskRef
from tests.activities.acts import NOW, SETUP, VM_ID, VMS, Act, copied, evicted, given_up, launched
from tests.activities.stage import COMPUTE, Stage

EXTRA = DiskRef(
    id=f"{COMPUTE}/disks/extra", name="extra", lun=5, sku="Premium_LRS", size_gib=8, zone="1"
)
RESTORED = f"{COMPUTE}/disks/restored"
DISKS = "Microsoft.Compute/disks"


def work(stage: Stage, step: str, operation: str) -> Work:
    return stage.work(step, operation)


# -- situations -----------------------------------------------------------------------------------


async def made(stage: Stage) -> None:
    """The VM runs; a new data disk is there."""
    await launched(stage)
    await stage.ask(MAKE_DATA_DISK, await one_more(stage, SETUP))


async def restored(stage: Stage) -> None:
    """The VM is down; a person has made a disk from a snapshot of its OS disk."""
    await evicted(stage)
    os_disk = (await stage.record()).run.os_disk
    assert os_disk is not None
    snapshot = f"{COMPUTE}/snapshots/mine"
    source = {"createOption": "Copy", "sourceResourceId": os_disk.id}
    body = {"location": "eastus", "properties": {"creationData": source}}
    await stage.arm("PUT", snapshot, body)
    await stage.ports.clock.sleep(60)
    source = {"createOption": "Copy", "sourceResourceId": snapshot}
    body = {"location": "eastus", "properties": {"creationData": source}}
    zonal = {"zones": ["1"], "sku": {"name": "Premium_LRS"}, "tags": {"team": "ops"}}
    await stage.arm("PUT", RESTORED, body | zonal)
    await stage.ports.clock.sleep(60)


async def adopted(stage: Stage) -> None:
    """As restored, and the disk carries the node's tag."""
    await restored(stage)
    assert (await stage.ask(ADOPT_OS_DISK, await take_it(stage, SETUP))).kind == "os_disk_adopted"


# -- requests -------------------------------------------------------------------------------------


async def one_more(stage: Stage, operation: str = NOW) -> MakeDataDisk:
    return MakeDataDisk(work=work(stage, "make", operation), disk=EXTRA, generation=1)


async def attach_it(stage: Stage, operation: str = NOW) -> AttachDataDisk:
    return AttachDataDisk(work=work(stage, "attach", operation), vm_resource_id=VM_ID, disk=EXTRA)


async def detach_first(stage: Stage, operation: str = NOW) -> DetachDataDisk:
    disk = (await stage.record()).run.data_disks[0]
    return DetachDataDisk(
        work=work(stage, "detach", operation), vm_resource_id=VM_ID, disk_id=disk.id
    )


async def take_it(stage: Stage, operation: str = NOW) -> AdoptOsDisk:
    os_disk = (await stage.record()).run.os_disk
    assert os_disk is not None
    fit = OsDiskFit(region="eastus", os="Linux", zones=("1",), like_id=os_disk.id, same_size=True)
    return AdoptOsDisk(
        work=work(stage, "adopt", operation), disk_id=RESTORED, fit=fit, generation=1
    )


async def put_it_in(stage: Stage, operation: str = NOW) -> ExchangeOsDisk:
    disk = DiskRef(id=RESTORED, name="restored", sku="Premium_LRS", zone="1")
    return ExchangeOsDisk(work=work(stage, "exchange", operation), vm_resource_id=VM_ID, disk=disk)


async def kept_long_enough(stage: Stage, operation: str = NOW) -> DeleteUnused:
    """Everything but the disks that hold the node's data."""
    run = (await stage.record()).run
    kept = {disk.id.lower() for disk in (run.os_disk, *run.data_disks) if disk}
    ids = tuple(one.id for one in stage.there().values() if one.id.lower() not in kept)
    return DeleteUnused(work=work(stage, "unused", operation), resource_ids=ids)


async def compute_left(stage: Stage, operation: str = NOW) -> LetGo:
    ids = tuple(one.id for one in stage.there("virtualmachines", "disks", "snapshots").values())
    return LetGo(work=work(stage, "let-go", operation), resource_ids=ids)


async def network_left(stage: Stage, operation: str = NOW) -> LetGo:
    kinds = ("networkinterfaces", "publicipaddresses")
    ids = tuple(one.id for one in stage.there(*kinds).values())
    return LetGo(work=work(stage, "let-go", operation), resource_ids=ids)


async def larger(stage: Stage, operation: str = NOW) -> FitDisks:
    """The same disks, each twice as large."""
    run = (await stage.record()).run
    assert run.os_disk is not None
    disks = (run.os_disk, *run.data_disks)
    wanted = [disk.model_copy(update={"size_gib": 2 * (disk.size_gib or 0)}) for disk in disks]
    return FitDisks(work=work(stage, "fit", operation), disks=tuple(wanted))


DISK_ACTS = (
    Act("fit disks", FIT_DISKS, given_up, larger, (f"{DISKS}/write",)),
    Act("make a data disk", MAKE_DATA_DISK, launched, one_more, (f"{DISKS}/write",)),
    Act(
        "attach a data disk",
        ATTACH_DATA_DISK,
        made,
        attach_it,
        (f"{VMS}/attachDetachDataDisks/action",),
    ),
    Act(
        "detach a data disk",
        DETACH_DATA_DISK,
        launched,
        detach_first,
        (f"{VMS}/attachDetachDataDisks/action",),
    ),
    Act("adopt an OS disk", ADOPT_OS_DISK, restored, take_it, (f"{DISKS}/write",)),
    Act("exchange the OS disk", EXCHANGE_OS_DISK, adopted, put_it_in, (f"{VMS}/write",)),
    Act(
        "delete the unused",
        DELETE_UNUSED,
        copied,
        kept_long_enough,
        (
            "Microsoft.Network/networkInterfaces/delete",
            "Microsoft.Network/publicIPAddresses/delete",
            f"{DISKS}/delete",
            "Microsoft.Compute/snapshots/delete",
        ),
    ),
    Act(
        "let go of VM and disks", LET_GO, launched, compute_left, (f"{VMS}/write", f"{DISKS}/write")
    ),
    Act(
        "let go of the network",
        LET_GO,
        launched,
        network_left,
        (
            "Microsoft.Network/networkInterfaces/write",
            "Microsoft.Network/publicIPAddresses/write",
        ),
        at_once=True,
    ),
)
