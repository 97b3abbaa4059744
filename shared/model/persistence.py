"""What outlives the VM, and how."""

from enum import StrEnum

from shared.model.fields import Flag, Part


class DiskPersistence(StrEnum):
    """How a disk gets to the next VM."""

    REATTACH = "reattach"
    """The same disk moves; from a snapshot where it cannot (another zone)."""
    ON_LAUNCH = "onLaunch"
    """A new disk from a snapshot taken when the VM ends."""


class Persistence(Part):
    """What is kept between one VM and the next."""

    should_persist_os_disk: Flag
    os_disk_persistence_mode: DiskPersistence | None = None
    """None means reattach."""
    should_persist_data_disks: Flag
    data_disks_persistence_mode: DiskPersistence | None = None
    """None means reattach."""
    should_persist_network: Flag
    """Private and public addresses together."""
