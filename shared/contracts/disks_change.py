"""Activities on the disks of a node that lives: one comes, one goes, one takes another's place."""

from typing import Literal

from shared.contracts.base import Changed, Done, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import DiskRef, Row


class MakeDataDisk(Row):
    """Make an empty data disk under the name, and in the group, that its owner chose."""

    work: Work
    disk: DiskRef
    generation: int
    """The node's present one: part of the disk's tags."""
    token: str = ""


class DataDiskMade(Row):
    """It is there, made by this operation."""

    kind: Literal["data_disk_made"] = "data_disk_made"
    disk: DiskRef


class AttachDataDisk(Row):
    """Attach a disk to the node's VM at the LUN that the reference names; it outlives the VM."""

    work: Work
    vm_resource_id: str
    disk: DiskRef
    token: str = ""


class DataDiskAttached(Row):
    """The VM has it, read back."""

    kind: Literal["data_disk_attached"] = "data_disk_attached"
    disk: DiskRef


class DetachDataDisk(Row):
    """Take a disk off the node's VM; the disk stays."""

    work: Work
    vm_resource_id: str
    disk_id: str
    token: str = ""


class OsDiskFit(Row):
    """What a disk must be so that it can take the OS disk's place."""

    region: str
    os: str
    """`Linux` or `Windows`."""
    zones: tuple[str | None, ...]
    """Zones that it may be in; None among them: none. A zone-redundant disk fits anywhere."""
    security_type: str = "Standard"
    """The document's: looked at where there is no present disk to compare with."""
    like_id: str = ""
    """ARM id of the present OS disk: generation, architecture and security must be the same."""
    same_size: bool = False
    """True where a VM keeps its body: Azure then wants a disk as large as the present one."""


class AdoptOsDisk(Row):
    """Look whether a disk can be the node's OS disk, and mark it as the node's."""

    work: Work
    disk_id: str
    fit: OsDiskFit
    generation: int
    token: str = ""


class OsDiskAdopted(Row):
    """It carries the node's tag."""

    kind: Literal["os_disk_adopted"] = "os_disk_adopted"
    disk: DiskRef


class ExchangeOsDisk(Row):
    """Put a disk in the place of the OS disk of a VM that is deallocated; the old one stays."""

    work: Work
    vm_resource_id: str
    disk: DiskRef
    token: str = ""


MAKE_DATA_DISK: Activity[MakeDataDisk, DataDiskMade | Refused | Changed] = Activity(
    "make_data_disk", MakeDataDisk, DataDiskMade | Refused | Changed | Slow
)
ATTACH_DATA_DISK: Activity[AttachDataDisk, DataDiskAttached | Refused | Changed] = Activity(
    "attach_data_disk", AttachDataDisk, DataDiskAttached | Refused | Changed | Slow
)
DETACH_DATA_DISK: Activity[DetachDataDisk, Done | Refused | Changed] = Activity(
    "detach_data_disk", DetachDataDisk, Done | Refused | Changed | Slow
)
ADOPT_OS_DISK: Activity[AdoptOsDisk, OsDiskAdopted | Refused | Changed] = Activity(
    "adopt_os_disk", AdoptOsDisk, OsDiskAdopted | Refused | Changed | Slow
)
EXCHANGE_OS_DISK: Activity[ExchangeOsDisk, Done | Refused | Changed] = Activity(
    "exchange_os_disk", ExchangeOsDisk, Done | Refused | Changed | Slow
)
