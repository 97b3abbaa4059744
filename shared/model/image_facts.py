"""What Azure tells of an image, as far as it decides what a node may ask of it."""

from typing import Final

from shared.model.run import Row

SPECIALIZED: Final = "Specialized"
"""Azure's word for an image of an OS that was set up already: it brings users and host name."""
TRUSTED: Final = frozenset(
    {"TrustedLaunch", "TrustedLaunchSupported", "TrustedLaunchAndConfidentialVmSupported"}
)
"""Values of the feature `SecurityType` of images for trusted launch. Source: Azure docs,
shared-image-galleries, trusted-launch."""
CONFIDENTIAL: Final = frozenset(
    {"ConfidentialVM", "ConfidentialVMSupported", "TrustedLaunchAndConfidentialVmSupported"}
)
"""The same for confidential VMs."""


class ImagePlan(Row):
    """The plan under which an image is sold: its names are compared with their case."""

    publisher: str = ""
    product: str = ""
    name: str = ""


class ImageFacts(Row):
    """One image. Empty and None: not known."""

    kind: str = ""
    """`marketplace`, `custom`, `gallery`."""
    os: str = ""
    """`Linux`, `Windows`."""
    state: str = ""
    """`Generalized`, `Specialized`."""
    generation: str = ""
    architecture: str = ""
    controllers: tuple[str, ...] = ()
    security: str | None = None
    """The feature `SecurityType`; empty: the image names none."""
    size_gib: int | None = None
    """Of the OS disk: a disk made from the image may be larger, not smaller."""
    data_luns: tuple[int, ...] = ()
    """LUNs of the data disks that a VM made from the image gets with it."""
    plan: ImagePlan | None = None
    version: str = ""
    """The exact version that was read; what `latest` means now."""

    @property
    def specialized(self) -> bool:
        """Whether a VM of it must not be given a login."""
        return self.state == SPECIALIZED

    @property
    def generalized(self) -> bool:
        """Whether a VM of it must be given a login."""
        return bool(self.state) and not self.specialized
