"""Disks of a VM as the document orders them."""

from typing import Annotated, Literal

from pydantic import Field

from shared.model.fields import Part, Whole

OsDiskType = Literal[
    "Standard_LRS", "Premium_LRS", "StandardSSD_LRS", "StandardSSD_ZRS", "Premium_ZRS"
]
DataDiskType = Literal[
    "Standard_LRS",
    "Premium_LRS",
    "StandardSSD_LRS",
    "StandardSSD_ZRS",
    "Premium_ZRS",
    "UltraSSD_LRS",
    "PremiumV2_LRS",
]
Caching = Literal["None", "ReadOnly", "ReadWrite"]
DiskGib = Annotated[Whole, Field(ge=1)]
"""The upper bound is a limit of the deployment (rules/limits.py)."""


class OsDisk(Part):
    """The OS disk."""

    type: OsDiskType
    size_gib: DiskGib | None = Field(default=None, alias="sizeGB")
    """None: the image's size."""
    caching: Caching | None = None


class DataDisk(Part):
    """A data disk."""

    size_gib: DiskGib = Field(alias="sizeGB")
    lun: Annotated[Whole, Field(ge=0, le=63)]
    """Source of the range: Azure docs, at most 64 data disks a VM."""
    type: DataDiskType
    caching: Caching | None = None
