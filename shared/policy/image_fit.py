"""Whether a document and the image that it names go together.

The model's own rules see the document alone; these see what Azure told of the image besides. What
it did not tell is not held against the document: Azure itself decides at the launch.
"""

from collections.abc import Iterator
from typing import Final

from shared.model.image_facts import CONFIDENTIAL, TRUSTED, ImageFacts, ImagePlan
from shared.model.launch import LaunchSpecification, Security
from shared.model.node import NodeDocument
from shared.model.problems import Code, Loc, Problem

LAUNCH: Final[Loc] = ("compute", "launchSpecification")
SUITABLE: Final = {"TrustedLaunch": TRUSTED, "ConfidentialVM": CONFIDENTIAL}
"""Which images a security type can be used with."""
ONLY: Final = ("TrustedLaunch", "ConfidentialVM")
"""Values of the image feature that allow no other security type. Source: Azure docs,
trusted-launch, "TrustedLaunch" against "TrustedLaunchSupported"."""


def problems(document: NodeDocument, image: ImageFacts) -> Iterator[Problem]:
    """Yield what keeps a VM of this document from being made from this image."""
    launch = document.compute.launch_specification
    yield from _os(document, image)
    yield from _profile(launch, image)
    yield from _data_disks(document, image)
    yield from _security(launch.security or Security(), image)
    yield from _size(launch, image)
    yield from _plan(launch, image)


def at_image(image: ImageFacts) -> Loc:
    """Return where a document names its image."""
    return (*LAUNCH, "image", image.kind)


def _os(document: NodeDocument, image: ImageFacts) -> Iterator[Problem]:
    os = document.compute.os
    if image.os and image.os != os:
        yield Problem(at_image(image), Code.CONFLICT, f"is {image.os}, but compute.os is {os}")
    if image.kind == "gallery" and not image.version:
        message = "has no version in the node's region that latest could mean"
        yield Problem((*at_image(image), "versionName"), Code.VALUE, message)


def _profile(launch: LaunchSpecification, image: ImageFacts) -> Iterator[Problem]:
    """A generalized image is told who its users are, a specialized one brings them along."""
    if image.generalized and launch.login is None:
        message = "is required: the image is generalized, its first user is made at the launch"
        yield Problem((*LAUNCH, "login"), Code.REQUIRED, message)
    if not image.specialized:
        return
    for name, value in (
        ("login", launch.login),
        ("customData", launch.custom_data),
        ("secrets", launch.secrets),
    ):
        if value:
            message = "must not be set: the image is specialized, its system is set up already"
            yield Problem((*LAUNCH, name), Code.CONFLICT, message)


def _data_disks(document: NodeDocument, image: ImageFacts) -> Iterator[Problem]:
    """An image's own data disks come anew with each VM: they cannot persist."""
    if not image.data_luns:
        return
    if document.persistence.should_persist_data_disks:
        message = "has data disks of its own, so it is not for persistence.shouldPersistDataDisks"
        yield Problem(at_image(image), Code.CONFLICT, message)
    for index, disk in enumerate(document.compute.launch_specification.data_disks or ()):
        if disk.lun in image.data_luns:
            loc = (*LAUNCH, "dataDisks", index, "lun")
            yield Problem(loc, Code.CONFLICT, "is used by a data disk of the image")


def _security(security: Security, image: ImageFacts) -> Iterator[Problem]:
    kind, loc = security.security_type or "Standard", (*LAUNCH, "security", "securityType")
    if kind in SUITABLE and image.generation == "V1":
        yield Problem(loc, Code.CONFLICT, f"{kind} needs an image of generation 2")
    elif kind in SUITABLE and image.security is not None and image.security not in SUITABLE[kind]:
        yield Problem(loc, Code.CONFLICT, f"{kind} is not supported by the image")
    if image.security in ONLY and kind != image.security:
        yield Problem(loc, Code.CONFLICT, f"must be {image.security} for this image")


def _size(launch: LaunchSpecification, image: ImageFacts) -> Iterator[Problem]:
    asked = launch.os_disk.size_gib if launch.os_disk else None
    if asked is not None and image.size_gib is not None and asked < image.size_gib:
        message = f"must be at least {image.size_gib}, the size of the image"
        yield Problem((*LAUNCH, "osDisk", "sizeGB"), Code.RANGE, message)


def _plan(launch: LaunchSpecification, image: ImageFacts) -> Iterator[Problem]:
    """The plan that an image is sold under is said with each VM; its names keep their case."""
    given, loc = launch.purchase_plan, (*LAUNCH, "purchasePlan")
    if image.plan is None:
        if given and image.kind == "marketplace":
            yield Problem(loc, Code.CONFLICT, "must not be set: the image is sold under no plan")
        return
    wanted = image.plan
    if given is None:
        yield Problem(loc, Code.REQUIRED, f"is required by the image: {_words(wanted)}")
    elif wanted != ImagePlan(publisher=given.publisher, product=given.product, name=given.name):
        yield Problem(loc, Code.CONFLICT, f"is not the image's: {_words(wanted)}")


def _words(plan: ImagePlan) -> str:
    return f"publisher {plan.publisher}, product {plan.product}, name {plan.name}"
