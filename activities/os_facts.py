"""What an OS disk, or the image it will be made from, asks of a VM size."""

from typing import Any

from activities.azure.words import word
from activities.image import split
from shared.model.facts import OsFacts
from shared.model.image_facts import ImageFacts


def of_disk(disk: Any, running_controller: str) -> OsFacts:
    """Read an OS disk. What Azure leaves out means generation 1, x64, SCSI.

    `running_controller` is what the VM on this disk uses now, if there is one: that it can.
    """
    p = disk.properties
    can = p.supported_capabilities
    controllers = split((can.disk_controller_types if can else None) or "SCSI")
    if running_controller and running_controller not in controllers:
        controllers = (*controllers, running_controller)
    return OsFacts(
        generation=word(p.hyper_v_generation) or "V1",
        architecture=word(can.architecture if can else None) or "x64",
        controllers=controllers,
        security_type=security_of(disk),
    )


def of_image(image: ImageFacts) -> OsFacts:
    """Return what an image asks; the document says which security type a disk of it gets."""
    return OsFacts(
        generation=image.generation,
        architecture=image.architecture,
        controllers=image.controllers,
        data_luns=image.data_luns,
    )


def security_of(disk: Any) -> str:
    """Return the security type that a VM on this OS disk must have."""
    told = disk.properties.security_profile
    kind = word(told.security_type if told else None)
    return "ConfidentialVM" if kind.startswith("ConfidentialVM") else kind or "Standard"
