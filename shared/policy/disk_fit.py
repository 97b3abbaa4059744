"""Which kept disks an edit wants larger, or of another type, when the node is launched next.

A disk only grows: Azure shrinks none. Redundancy and the types of which performance is set by hand
(Ultra, Premium SSD v2) cannot be changed in place: such a disk stays what it is. Source: Azure
docs, disks-convert-types, expand-disks.
"""

from collections.abc import Iterator
from typing import Any, Final

from shared.contracts.node import Claimed
from shared.model.run import DiskRef
from shared.policy.data_disks import empty_luns

CONVERTIBLE: Final = ("Standard_LRS", "StandardSSD_LRS", "Premium_LRS")
"""Each of them into each other, and likewise their zone-redundant kin."""
CONVERTIBLE_ZRS: Final = ("StandardSSD_ZRS", "Premium_ZRS")


def disks_to_fit(
    node: Claimed, os_disk: DiskRef | None, data_disks: tuple[DiskRef, ...]
) -> tuple[DiskRef, ...]:
    """Return the disks that are to be changed, as they are to be; none where all is well.

    A disk that its owner attached in the place of one that he detached is as he wants it.
    """
    launch = node.document.get("compute", {}).get("launchSpecification") or {}
    others = empty_luns(node)
    ordered = (spec for spec in launch.get("dataDisks") or () if spec.get("lun") not in others)
    specs = {spec.get("lun"): spec for spec in ordered}
    pairs = [(os_disk, launch.get("osDisk") or {})] if os_disk else []
    pairs += [(disk, specs.get(disk.lun) or {}) for disk in data_disks]
    return tuple(_fitted(pairs))


def _fitted(pairs: list[tuple[DiskRef, dict[str, Any]]]) -> Iterator[DiskRef]:
    for disk, spec in pairs:
        wanted = disk.model_copy(
            update={
                "size_gib": _size(disk, spec.get("sizeGB")),
                "sku": sku_after(disk.sku, spec.get("type")),
            }
        )
        if wanted != disk:
            yield wanted


def _size(disk: DiskRef, asked_gib: int | None) -> int | None:
    """Return the size that the disk will have; one whose size is not known stays as it is."""
    if disk.size_gib is None or asked_gib is None:
        return disk.size_gib
    return max(disk.size_gib, asked_gib)


def sku_after(present: str | None, asked: str | None) -> str | None:
    """Return the type that a kept disk will have once the document asks for `asked`."""
    for family in (CONVERTIBLE, CONVERTIBLE_ZRS):
        if present in family and asked in family:
            return asked
    return present
