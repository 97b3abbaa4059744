"""Activities on the VM that is imported: it is its user's, and stays startable to the end.

None of them deletes anything. Each refuses a VM that is not the one that was meant, or that another
import has marked.
"""

from enum import StrEnum
from typing import Literal

from shared.contracts.base import Changed, Done, NoCapacity, Refused, Slow, Work
from shared.durable import Activity
from shared.model.run import DiskRef, NicRef, Row


class ImportState(StrEnum):
    """How far an import is, the API's words."""

    START = "ImportStart"
    IN_PROGRESS = "ImportInProgress"
    COMPLETED = "ImportCompleted"
    FAILED = "ImportFailed"


class Source(Row):
    """Which VM is imported."""

    vm_resource_id: str
    vm_id: str
    """Azure's vmId: another VM under the same name is not meant."""


class NicPools(Row):
    """The backend pools that one IP configuration of a NIC is in."""

    nic_id: str
    configuration: str
    balancer_pool_ids: tuple[str, ...] = ()
    gateway_pool_ids: tuple[str, ...] = ()


class SecureSource(Row):
    """Mark the VM as being imported, and let no delete of it take its disks and NICs along."""

    work: Work
    source: Source
    token: str = ""


class SourceSecured(Row):
    """It is marked; every deleteOption was read as Detach."""

    kind: Literal["source_secured"] = "source_secured"
    running: bool
    """Its power when it was read: running, or about to."""
    unmanaged: bool = False
    """Some of its disks are blobs."""
    zone: str | None = None
    os_disk: DiskRef | None = None
    """None while it is a blob."""
    data_disks: tuple[DiskRef, ...] = ()
    nics: tuple[NicRef, ...] = ()
    """In the VM's order."""
    pools: tuple[NicPools, ...] = ()
    """Of configurations that are in any."""


class HoldAddresses(Row):
    """See that the VM's addresses outlive it.

    No public IP goes with it; with `keep`, private and public addresses become static.
    """

    work: Work
    source: Source
    nics: tuple[NicRef, ...]
    keep: bool
    token: str = ""


class LeavePools(Row):
    """Take the VM's NICs out of all backend pools, so that nothing new comes to it."""

    work: Work
    source: Source
    pools: tuple[NicPools, ...]
    token: str = ""


class JoinPools(Row):
    """Put the VM's NICs into the backend pools again that they were in."""

    work: Work
    source: Source
    pools: tuple[NicPools, ...]
    token: str = ""


class StopSource(Row):
    """Deallocate the VM."""

    work: Work
    source: Source
    token: str = ""


class ConvertSource(Row):
    """Make its unmanaged disks managed; it must be deallocated."""

    work: Work
    source: Source
    token: str = ""


class FreeNics(Row):
    """Give the deallocated VM a NIC of ours in place of its own, which become the node's."""

    work: Work
    source: Source
    nics: tuple[NicRef, ...]
    token: str = ""


class NicsFree(Row):
    """No VM has them, and they carry the node's tag."""

    kind: Literal["nics_free"] = "nics_free"
    placeholder_id: str


class GiveBackNics(Row):
    """Give the deallocated VM its own NICs again, without the node's tag."""

    work: Work
    source: Source
    nics: tuple[NicRef, ...]
    token: str = ""


class StartSource(Row):
    """Start the VM again."""

    work: Work
    source: Source
    token: str = ""


class ReleaseSource(Row):
    """Take the mark off the VM: it is its user's alone."""

    work: Work
    source: Source
    token: str = ""


class AdoptSource(Row):
    """Tag what the VM leaves as the node's, so that it may be deleted when its time is over."""

    work: Work
    source: Source
    resource_ids: tuple[str, ...]
    """The VM's own id is among them."""
    token: str = ""


class EndImport(Row):
    """Write how the import ended; a VM whose import failed may be imported again."""

    work: Work
    state: ImportState


SECURE_SOURCE: Activity[SecureSource, SourceSecured | Refused | Changed] = Activity(
    "secure_source", SecureSource, SourceSecured | Refused | Changed | Slow
)
HOLD_ADDRESSES: Activity[HoldAddresses, Done | Refused | Changed] = Activity(
    "hold_addresses", HoldAddresses, Done | Refused | Changed | Slow
)
LEAVE_POOLS: Activity[LeavePools, Done | Refused | Changed] = Activity(
    "leave_pools", LeavePools, Done | Refused | Changed | Slow
)
JOIN_POOLS: Activity[JoinPools, Done | Refused | Changed] = Activity(
    "join_pools", JoinPools, Done | Refused | Changed | Slow
)
STOP_SOURCE: Activity[StopSource, Done | Refused | Changed] = Activity(
    "stop_source", StopSource, Done | Refused | Changed | Slow
)
CONVERT_SOURCE: Activity[ConvertSource, Done | Refused | Changed] = Activity(
    "convert_source", ConvertSource, Done | Refused | Changed | Slow
)
FREE_NICS: Activity[FreeNics, NicsFree | Refused | Changed] = Activity(
    "free_nics", FreeNics, NicsFree | Refused | Changed | Slow
)
GIVE_BACK_NICS: Activity[GiveBackNics, Done | Refused | Changed] = Activity(
    "give_back_nics", GiveBackNics, Done | Refused | Changed | Slow
)
START_SOURCE: Activity[StartSource, Done | NoCapacity | Refused | Changed] = Activity(
    "start_source", StartSource, Done | NoCapacity | Refused | Changed | Slow
)
RELEASE_SOURCE: Activity[ReleaseSource, Done | Refused | Changed] = Activity(
    "release_source", ReleaseSource, Done | Refused | Changed | Slow
)
ADOPT_SOURCE: Activity[AdoptSource, Done | Refused | Changed] = Activity(
    "adopt_source", AdoptSource, Done | Refused | Changed | Slow
)
END_IMPORT: Activity[EndImport, Done] = Activity("end_import", EndImport, Done)
