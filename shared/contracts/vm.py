"""Activities on the VM."""

from datetime import datetime
from typing import Literal

from shared.contracts.base import Done, NoCapacity, Refused, Slow, Work
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
    token: str = ""


class VmUp(Row):
    """The VM runs, read back."""

    kind: Literal["vm_up"] = "vm_up"
    vm: Vm
    os_disk: DiskRef
    data_disks: tuple[DiskRef, ...] = ()
    nics: tuple[NicRef, ...] = ()
    version: int = 0
    """Configuration version the VM was built from; 0: unchanged (started in place)."""
    digest: str = ""
    warning: str = ""
    """What did not go as asked though the VM runs: an extension that Azure refused."""


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
    even_if_running: bool = False
    """Only a delete of the node asks for this."""
    token: str = ""


class InstallExtensions(Row):
    """Install the document's extensions on a running VM, in order."""

    work: Work
    vm_resource_id: str
    token: str = ""


LaunchAnswer = VmUp | NoCapacity | Refused

AWAIT_DOWN: Activity[AwaitDown, Down | StillUp] = Activity(
    "await_down", AwaitDown, Down | StillUp | Slow
)
CREATE_VM: Activity[CreateVm, LaunchAnswer] = Activity("create_vm", CreateVm, LaunchAnswer | Slow)
START_VM: Activity[StartVm, LaunchAnswer] = Activity("start_vm", StartVm, LaunchAnswer | Slow)
DELETE_VM: Activity[DeleteVm, Done | Refused] = Activity(
    "delete_vm", DeleteVm, Done | Refused | Slow
)
INSTALL_EXTENSIONS: Activity[InstallExtensions, Done | Refused] = Activity(
    "install_extensions", InstallExtensions, Done | Refused | Slow
)
