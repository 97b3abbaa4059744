"""What a node, as it is now, says of what is asked of its disks."""

from typing import Final

from services.refusals import NotNow
from shared.contracts.disks_change import OsDiskFit
from shared.model.disk_requests import AttachDataDisk, SwapOsDisk
from shared.model.problems import Code, FieldError, Rejected
from shared.model.run import DiskRef, RunState
from shared.names import same_id
from shared.policy.attach import attaches
from shared.policy.data_disks import free_lun, luns_taken
from shared.policy.os_disk import zones_for
from shared.policy.retained import Retirement
from store.node_rows import NodeRecord

ULTRA: Final = "UltraSSD_LRS"


def new_disk(record: NodeRecord, asked: AttachDataDisk, disk_id: str) -> DiskRef:
    """Return the disk to be made. Raises `Rejected` with every problem, `NotNow`."""
    run, document = record.run, record.document
    persists = bool((document.get("persistence") or {}).get("shouldPersistDataDisks"))
    if run.vm is None and not persists:
        raise NotNow(
            "the data disks of this node do not persist, so its next VM would not get this one: "
            "attach it once the node is ACTIVE"
        )
    taken = luns_taken(run, document)
    lun = free_lun(taken) if asked.lun is None else asked.lun
    disk = DiskRef(
        id=disk_id,
        name=asked.data_disk_name,
        lun=lun,
        sku=asked.storage_account_type,
        size_gib=asked.size_gib,
        zone=asked.zone,
        caching=asked.caching,
    )
    problems = [
        *_lun_problems(lun, taken),
        *_zone_problems(record, disk),
        *_kind_problems(record, disk),
    ]
    if problems:
        raise Rejected(problems)
    return disk


def _lun_problems(lun: int | None, taken: frozenset[int]) -> list[FieldError]:
    if lun is None:
        return [FieldError(Code.CONFLICT, "there is no free LUN", "lun")]
    if lun in taken:
        message = f"is taken; taken are {', '.join(map(str, sorted(taken)))}"
        return [FieldError(Code.CONFLICT, message, "lun")]
    return []


def _zone_problems(record: NodeRecord, disk: DiskRef) -> list[FieldError]:
    """Judge the zone: a VM takes disks of its own zone, a regional one those without."""
    run = record.run
    kept = [one for one in (run.os_disk, *run.data_disks) if one]
    zones = zones_for(run, _zones(record), kept)
    if any(attaches(disk, zone) for zone in zones):
        return []
    wanted = " or ".join(f'"{zone}"' if zone else "absent" for zone in zones)
    message = f"must be {wanted or 'that of the disks of this node'}, where the VM can be"
    return [FieldError(Code.CONFLICT, message, "zone")]


def _kind_problems(record: NodeRecord, disk: DiskRef) -> list[FieldError]:
    """Judge the type: a VM takes Ultra disks only if it was made with one. Source: Azure docs."""
    run = record.run
    if run.vm is None or disk.sku != ULTRA or any(one.sku == ULTRA for one in run.data_disks):
        return []
    message = "attaches only to a VM that was made with such disks: pause the node, attach, resume"
    return [FieldError(Code.CONFLICT, message, "storageAccountType")]


def _zones(record: NodeRecord) -> tuple[str, ...]:
    return tuple((record.document.get("compute") or {}).get("zones") or ())


def own_disk(run: RunState, disk_id: str) -> DiskRef:
    """Return the node's data disk of that id. Raises `Rejected`."""
    found = next((one for one in run.data_disks if same_id(one.id, disk_id)), None)
    if found:
        return found
    is_os = run.os_disk is not None and same_id(run.os_disk.id, disk_id)
    message = "is the OS disk: it can be swapped" if is_os else "is no data disk of this node"
    raise Rejected([FieldError(Code.VALUE, message, "dataDiskName")])


def os_disk_fit(record: NodeRecord) -> OsDiskFit:
    """Return what a disk must be to take the OS disk's place. Raises `Rejected`."""
    run, document = record.run, record.document
    persistence = document.get("persistence") or {}
    if not persistence.get("shouldPersistOsDisk"):
        message = "cannot be swapped: persistence.shouldPersistOsDisk is false, so each VM of this "
        raise Rejected([FieldError(Code.CONFLICT, f"{message}node gets a new one", "osDiskName")])
    kept = run.data_disks if persistence.get("shouldPersistDataDisks") else ()
    launch = document["compute"].get("launchSpecification") or {}
    security = (launch.get("security") or {}).get("securityType")
    return OsDiskFit(
        region=document["region"],
        os=document["compute"]["os"],
        zones=zones_for(run, _zones(record), kept),
        security_type=security or "Standard",
        like_id=run.os_disk.id if run.os_disk else "",
        same_size=run.vm is not None,
    )


def of_the_old(asked: SwapOsDisk) -> Retirement:
    """Return what becomes of the OS disk that is replaced."""
    return Retirement(deletes=asked.should_terminate, ttl_h=asked.retention_time_h, why="swapped")
