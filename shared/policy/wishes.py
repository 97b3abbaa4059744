"""Read from the node document what decides between markets."""

from typing import Any

from shared.model.compute import VmSizes
from shared.model.facts import SizeAttributes, Wishes
from shared.model.launch import LaunchSpecification
from shared.model.node import NodeDocument
from shared.model.persistence import DiskPersistence
from shared.model.strategy import CapacityReservation
from shared.model.wire import from_stored, launch_digest


def wishes_of(document: dict[str, Any]) -> Wishes:
    """Return the wishes of a stored document; pydantic's ValidationError if it is none."""
    return wishes_from(from_stored(document))


def wishes_from(node: NodeDocument) -> Wishes:
    """Return the wishes of a document."""
    strategy, kept, sizes = node.strategy, node.persistence, node.compute.vm_sizes
    return Wishes(
        os=node.compute.os,
        zones=tuple(node.compute.zones or ()),
        preferred_zone=node.compute.preferred_zone,
        fallback_to_od=strategy.fallback_to_od,
        prefers_od=strategy.preferred_lifecycle == "od",
        od_windows=strategy.od_windows or (),
        availability_vs_cost=_or(strategy.availability_vs_cost, 50),
        persists_os=kept.should_persist_os_disk,
        os_on_launch=kept.os_disk_persistence_mode is DiskPersistence.ON_LAUNCH,
        persists_data=kept.should_persist_data_disks,
        data_on_launch=kept.data_disks_persistence_mode is DiskPersistence.ON_LAUNCH,
        reserved=_reserved(strategy.capacity_reservation),
        launch_digest=launch_digest(node),
        **_sizes(sizes),
        **_launch(node.compute.launch_specification),
    )


def _reserved(wanted: CapacityReservation | None) -> str:
    return wanted.utilization_strategy if wanted and wanted.should_utilize else ""


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _sizes(sizes: VmSizes) -> dict[str, Any]:
    bounds = sizes.spot_size_attributes
    return {
        "spot_sizes": sizes.spot_sizes or (),
        "spot_attributes": SizeAttributes(**bounds.model_dump()) if bounds else None,
        "excluded_sizes": sizes.excluded_vm_sizes or (),
        "preferred_sizes": sizes.preferred_spot_sizes or (),
        "od_sizes": sizes.od_sizes,
    }


def _launch(launch: LaunchSpecification) -> dict[str, Any]:
    security = launch.security
    return {
        "security_type": (security and security.security_type) or "Standard",
        "encryption_at_host": bool(security and security.encryption_at_host),
        "os_disk_sku": launch.os_disk.type if launch.os_disk else None,
        "data_disk_skus": tuple(disk.type for disk in launch.data_disks or ()),
        "data_disk_luns": tuple(disk.lun for disk in launch.data_disks or ()),
        "in_proximity_group": bool(launch.proximity_placement_groups),
        "nic_count": max(1, len(launch.network.network_interfaces)),
        "extension_count": len(launch.extensions or ()),
    }
