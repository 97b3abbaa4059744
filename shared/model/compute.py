"""Which VMs the node may have, and where."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.model.fields import Also, Part, VmSize, Whole
from shared.model.launch import LaunchSpecification

Zone = Literal["1", "2", "3"]
Bound = Annotated[Whole, Field(ge=0)]


class SpotSizeAttributes(Part):
    """Spot sizes told by what they have rather than by name."""

    min_cpu: Bound | None = None
    max_cpu: Bound | None = None
    min_memory_gib: Bound | None = Field(default=None, alias="minMemory")
    max_memory_gib: Bound | None = Field(default=None, alias="maxMemory")
    min_storage_gib: Bound | None = Field(default=None, alias="minStorage")
    max_storage_gib: Annotated[Bound | None, Also("MaxStorage")] = Field(
        default=None, alias="maxStorage"
    )


class VmSizes(Part):
    """The sizes allowed. Case and order are kept as written."""

    od_sizes: tuple[VmSize, ...]
    spot_sizes: tuple[VmSize, ...] | None = None
    preferred_spot_sizes: tuple[VmSize, ...] | None = None
    excluded_vm_sizes: tuple[VmSize, ...] | None = None
    spot_size_attributes: SpotSizeAttributes | None = None


class Compute(Part):
    """Which VMs the node may have."""

    moved: ClassVar[dict[str, str]] = {"loadBalancersConfig": "launchSpecification"}
    """Fields that some clients write here though they belong into a part of this one."""

    os: Literal["Linux", "Windows"]
    zones: tuple[Zone, ...] | None = None
    """None or empty: regional."""
    preferred_zone: Zone | None = None
    vm_sizes: VmSizes
    launch_specification: LaunchSpecification
