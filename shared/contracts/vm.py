"""Activities on the VM."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Changed, Done, NoCapacity, Refused, Slow, VmFailed, Work
from shared.durable import Activity
from shared.model.market import Market
from shared.model.run import DiskRef, NicRef, Row, Vm


class VmFacts(Row):
    """What Azure says of a VM."""

    exists: bool
    power: str = ""
    """`running`, `deallocated`, ... Azure's word after `PowerState/`; empty if not told."""
    provisioning: str = ""
    """Azure's provisioningState: `Succeeded`, `Failed`, `Creating` ..."""
    id: str = ""
    vm_id: str = ""
    size: str = ""
    zone: str | None = None
    spot: bool = False
    reservation: str = ""
    """Id of the capacity reservation group that it is associated with."""
    security_type: str = ""
    controller: str = ""
    os_disk_id: str = ""
    data_disk_ids: tuple[str, ...] = ()
    nic_ids: tuple[str, ...] = ()
    deallocated_seen_at: datetime | None = None
    """When this activity first read it deallocated."""


class AwaitDown(Row):
    """Wait until an evicted VM is down (deallocated or gone), or clearly is not going down."""

    work: Work
    vm_resource_id: str
    vm_id: str | None = None
    """The vmId we launched: another VM under the same name is not ours."""
    deadline: datetime | None = None
    """When the eviction begins, if a notice said so."""
    token: str = ""


class Down(Row):
    """The VM is down."""

    kind: Literal["down"] = "down"
    facts: VmFacts


class StillUp(Row):
    """The VM runs, long after the notice said it would not: a false alarm."""

    kind: Literal["still_up"] = "still_up"
    facts: VmFacts


class CreateVm(Row):
    """Create the node's next VM in one market."""

    work: Work
    name: str
    generation: int
    market: Market
    os_disk: DiskRef | None = None
    """None: a new OS disk from the image."""
    data_disks: tuple[DiskRef, ...] = ()
    nics: tuple[NicRef, ...] = ()
    image_luns: tuple[int, ...] = ()
    """LUNs of the data disks that come with the image; none with an OS disk that exists."""
    without_luns: tuple[int, ...] = ()
    """LUNs of the document for which no disk is made: theirs was detached."""
    token: str = ""


class VmUp(Row):
    """The VM was had, read back."""

    kind: Literal["vm_up"] = "vm_up"
    vm: Vm
    os_disk: DiskRef
    data_disks: tuple[DiskRef, ...] = ()
    nics: tuple[NicRef, ...] = ()
    version: int = 0
    """Configuration version the VM was built from; 0: unchanged (started in place)."""
    digest: str = ""
    image: str = ""
    """What the OS disk was made from, exactly; empty: it was there before."""
    warning: str = ""
    """What did not go as asked though the VM runs: an extension that Azure refused."""
    taken: bool = False
    """It has run, and is down already: somebody took it before the launch was over. Its disks may
    hold what it wrote, so it is the node's VM and is replaced like any other."""
    unready: bool = False
    """It runs, and has not said in its time that it is ready. Its disks hold what it wrote, so it
    is the node's VM, and another takes its place."""


class StartVm(Row):
    """Start the deallocated VM, after resizing it if `size` is another one."""

    work: Work
    vm_resource_id: str
    market: Market
    token: str = ""


class DeleteVm(Row):
    """Delete a VM that is down; its disks and NICs stay, read back as Detach before."""

    work: Work
    vm_resource_id: str
    generation: int | None = None
    """Which of the node's VMs it is; a later one under the same name keeps its place in our index.
    None: not told."""
    even_if_running: bool = False
    """Only a delete of the node asks for this."""
    token: str = ""


class DeallocateVm(Row):
    """Stop the node's VM and give its host back; the VM, its disks and its NICs stay."""

    work: Work
    vm_resource_id: str
    token: str = ""


class LookAtVm(Row):
    """Read the node's VM as it is now."""

    work: Work
    vm_resource_id: str
    token: str = ""


class VmSeen(Row):
    """What Azure says of it."""

    kind: Literal["vm_seen"] = "vm_seen"
    facts: VmFacts


class InstallExtensions(Row):
    """Install the document's extensions on a running VM, in order."""

    work: Work
    vm_resource_id: str
    token: str = ""


LaunchAnswer = VmUp | NoCapacity | VmFailed | Refused | Changed

AWAIT_DOWN: Activity[AwaitDown, Down | StillUp | Refused | Changed] = Activity(
    "await_down", AwaitDown, Down | StillUp | Refused | Changed | Slow
)
CREATE_VM: Activity[CreateVm, LaunchAnswer] = Activity("create_vm", CreateVm, LaunchAnswer | Slow)
START_VM: Activity[StartVm, LaunchAnswer] = Activity("start_vm", StartVm, LaunchAnswer | Slow)
DELETE_VM: Activity[DeleteVm, Done | Refused | Changed] = Activity(
    "delete_vm", DeleteVm, Done | Refused | Changed | Slow
)
DEALLOCATE_VM: Activity[DeallocateVm, Down | Refused | Changed] = Activity(
    "deallocate_vm", DeallocateVm, Down | Refused | Changed | Slow
)
LOOK_AT_VM: Activity[LookAtVm, VmSeen | Refused | Changed] = Activity(
    "look_at_vm", LookAtVm, VmSeen | Refused | Changed | Slow
)
INSTALL_EXTENSIONS: Activity[InstallExtensions, Done | Refused | Changed] = Activity(
    "install_extensions", InstallExtensions, Done | Refused | Changed | Slow
)
