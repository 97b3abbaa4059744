"""What a node has in Azure, as the API shows it. Nothing of it is stored."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, PlainSerializer

from shared.model.fields import Part


def _moment(value: datetime) -> str:
    moment = value.astimezone(UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='milliseconds')}Z"


Moment = Annotated[datetime, PlainSerializer(_moment, return_type=str)]
"""Written as the API writes moments: UTC, milliseconds, `Z`."""


class Shown(Part):
    """A resource by its name."""

    name: str
    resource_group_name: str


class SubnetShown(Shown):
    """The subnet of an address; its group is that of its network."""

    address_prefix: str | None = None


class PublicIpShown(Shown):
    """A public address."""

    ip_address: str | None = None
    sku_name: str | None = None


class IpConfigurationShown(Part):
    """One address of a NIC."""

    name: str
    is_primary: bool
    primary: bool
    """The same: clients disagree about the name."""
    subnet: SubnetShown | None = None
    public_ip: PublicIpShown | None = None
    private_ip_address: str | None = None
    private_ip_address_version: str | None = Field(default=None, alias="privateIPAddressVersion")
    private_ip_allocation_method: str | None = None
    application_security_groups: tuple[Shown, ...] = ()


class NicShown(Shown):
    """A NIC. Null: Azure alone tells, and was not heard."""

    is_primary: bool
    network_security_group: Shown | None = None
    ip_configurations: tuple[IpConfigurationShown, ...] = ()
    enable_accelerated_networking: bool | None = None
    enable_ip_forwarding: bool | None = None
    mac_address: str | None = None


class NetworkShown(Part):
    """The node's place in its network."""

    virtual_network: Shown
    network_interfaces: tuple[NicShown, ...] = ()


class DiskShown(Shown):
    """A disk, and the newest snapshot of it that can be restored."""

    storage_account_type: str | None = None
    size_gib: int | None = Field(default=None, alias="sizeGB")
    snapshot: str | None = None
    """Its name; null: there is none."""
    last_completed_snapshot: Moment | None = None
    """When it was taken."""


class OsDiskShown(DiskShown):
    """The OS disk."""

    os_type: str


class DataDiskShown(DiskShown):
    """A data disk."""

    lun: int | None = None


class StorageShown(Part):
    """The node's disks."""

    os_disk: OsDiskShown | None = None
    data_disks: tuple[DataDiskShown, ...] = ()


class ResourcesShown(Shown):
    """All that a node has."""

    id: str
    network: NetworkShown
    storage: StorageShown
