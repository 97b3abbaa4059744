"""The VM that an import makes a node of, as Azure tells it."""

from typing import Any

from pydantic import Field

from shared.model.run import Row


class SourceDisk(Row):
    """One disk of the VM."""

    name: str = ""
    id: str = ""
    """ARM id; empty for a disk that is no resource: a blob, or the host's own."""
    lun: int | None = None
    """None for the OS disk."""
    sku: str | None = None
    size_gib: int | None = None
    caching: str | None = None
    security_type: str | None = None
    """Of a VM that boots from it, as the disk tells."""
    unmanaged: bool = False
    """A blob in a storage account."""
    ephemeral: bool = False
    """The host's own, gone with it."""
    shared: bool = False
    """More than one VM may have it at once."""
    encryption: str = ""
    """`Azure Disk Encryption` or `a customer-managed key`; empty: Azure's own keys."""


class SourcePlace(Row):
    """An Azure resource by its name and group."""

    name: str
    group: str
    subscription_id: str = ""


class SourcePool(Row):
    """A backend pool that a NIC is in."""

    balancer: SourcePlace
    name: str
    gateway: bool


class SourceConfiguration(Row):
    """A secondary IP configuration of a NIC."""

    name: str
    version: str = "IPv4"


class SourceNic(Row):
    """One network interface of the VM."""

    id: str
    name: str
    is_primary: bool
    network: SourcePlace
    subnet: str
    public_ip_sku: str = ""
    """Of its public address; empty: it has none."""
    public_ip_zone: str | None = None
    """The one zone that this address serves; None: any."""
    security_group: SourcePlace | None = None
    application_groups: tuple[SourcePlace, ...] = ()
    forwarding: bool = False
    configurations: tuple[SourceConfiguration, ...] = ()
    """Besides the primary one."""
    pools: tuple[SourcePool, ...] = ()


class SourceExtension(Row):
    """An extension of the VM. Azure never tells protected settings."""

    name: str
    type: str
    publisher: str
    version: str
    minor_upgrade: bool = True
    automatic_upgrade: bool | None = None
    settings: dict[str, Any] | None = None


class SourcePlan(Row):
    """The plan under which the VM's image was sold."""

    publisher: str
    product: str
    name: str


class SourceVm(Row):
    """The whole VM, as far as an import asks."""

    id: str
    vm_id: str
    """Azure's vmId: tells this VM from a later one of the same name."""
    name: str
    group: str
    region: str
    zone: str | None = None
    size: str
    os: str
    power: str
    """`running`, `deallocated` ... Azure's word."""
    provisioning: str = "Succeeded"
    generalized: bool = False
    member_of: str = ""
    """`a scale set` or `a dedicated host`, where the VM is part of one."""
    tags: dict[str, str] = Field(default_factory=dict)
    os_disk: SourceDisk
    data_disks: tuple[SourceDisk, ...] = ()
    nics: tuple[SourceNic, ...] = ()
    image: dict[str, Any] | None = None
    """The image that it was made from, in the words of the node document."""
    plan: SourcePlan | None = None
    license_type: str | None = None
    user_data: str | None = None
    identities: tuple[SourcePlace, ...] = ()
    system_identity: bool = False
    """It has an identity of its own, which ends with it."""
    security_type: str = "Standard"
    secure_boot: bool | None = None
    v_tpm: bool | None = None
    encryption_at_host: bool = False
    confidential_disk: bool = False
    """Its OS disk is encrypted with the guest's state."""
    boot_diagnostics: bool | None = None
    boot_storage: str | None = None
    placement_group: SourcePlace | None = None
    extensions: tuple[SourceExtension, ...] = ()

    @property
    def disks(self) -> tuple[SourceDisk, ...]:
        """All disks, the OS disk first."""
        return (self.os_disk, *self.data_disks)
