"""Rules of the launch specification that concern one part of it."""

import re
from collections.abc import Iterator
from typing import Final

from shared.model.problems import Code, Loc, Problem
from shared.model.rules.facts import Facts, conflict, place, repeated, required, value_at

LS: Final = "compute.launchSpecification"
VM_NAME_CHARACTERS: Final = 64
VM_NAME_PREFIX_CHARACTERS: Final = 25
MAX_TAGS: Final = 44
"""Of Azure's 50 on a resource; the rest is for our own. Source: the published API."""
OWN_TAGS: Final = "mooring-"
_NAME_FORBIDS = re.compile(r"[\s\x00-\x1f\x7f~!@#$%^&*()=+_\[\]{}|;:'\",<>/?\\`]|[^\x00-\x7f]")
"""Beyond ASCII nothing is taken: the name is the host's as well. Source: RFC 952."""
_TAG_KEY_FORBIDS = re.compile(r"[<>%&\\?/]")
"""Source: Azure docs, tag-resources."""
_LICENSES: Final = {
    "Windows": ("Windows_Server", "Windows_Client"),
    "Linux": ("RHEL_BYOS", "SLES_BYOS"),
}
_CONTROLLED: Final = ("UltraSSD_LRS", "PremiumV2_LRS")
"""Disk types without host caching. Source: Azure docs, disks-types."""


def image(facts: Facts) -> Iterator[Problem]:
    """Exactly one image; none only where the OS disk is there already."""
    if facts.at(LS) is None:
        return
    chosen = facts.at(f"{LS}.image")
    kept = not facts.creating and facts.at("persistence.shouldPersistOsDisk")
    if not chosen and not kept:
        yield required(f"{LS}.image", "is required: one of marketplace, custom, gallery")
    elif chosen and len(chosen) > 1:
        yield conflict(f"{LS}.image", "must be exactly one of marketplace, custom, gallery")


def vm_name(facts: Facts) -> Iterator[Problem]:
    """Names that Azure accepts for a VM, and one way of naming."""
    name, prefix = facts.at(f"{LS}.vmName"), facts.at(f"{LS}.vmNamePrefix")
    if name and prefix:
        yield conflict(f"{LS}.vmNamePrefix", "excludes vmName")
    if name and name.isdigit() and facts.at("compute.os") == "Windows":
        message = "must not be a number on Windows: it is the host's name as well"
        yield Problem(place(f"{LS}.vmName"), Code.VALUE, message)
    for path, text, most in (
        (f"{LS}.vmName", name, VM_NAME_CHARACTERS),
        (f"{LS}.vmNamePrefix", prefix, VM_NAME_PREFIX_CHARACTERS),
    ):
        if text and len(text) > most:
            yield Problem(place(path), Code.RANGE, f"must have at most {most} characters")
        if text and _NAME_FORBIDS.search(text):
            message = "must not have blanks, control or special characters"
            yield Problem(place(path), Code.VALUE, message)
        if text and (found := _bad_end(text, str(facts.at("compute.os")))):
            yield Problem(place(path), Code.VALUE, found)


def _bad_end(text: str, os: str) -> str:
    if os == "Windows" and "." in text:
        return "must not have a period on Windows"
    if text.endswith("-"):
        return "must not end with a hyphen"
    return "must not end with a period" if text.endswith(".") else ""


def disks(facts: Facts) -> Iterator[Problem]:
    """Number and size of disks, each lun once."""
    found = list(facts.each(f"{LS}.dataDisks"))
    most = facts.limits.max_data_disks
    if len(facts.at(f"{LS}.dataDisks") or ()) > most:
        yield Problem(place(f"{LS}.dataDisks"), Code.RANGE, f"must have at most {most} disks")
    yield from repeated([((*loc, "lun"), one.get("lun")) for loc, one in found], "is used twice")
    sizes: list[tuple[Loc, int | None]] = [
        ((*loc, "sizeGB"), one.get("sizeGB")) for loc, one in found
    ]
    sizes.append((place(f"{LS}.osDisk.sizeGB"), facts.at(f"{LS}.osDisk.sizeGB")))
    for loc, size_gib in sizes:
        if size_gib is not None and size_gib > facts.limits.max_disk_gib:
            yield Problem(loc, Code.RANGE, f"must be at most {facts.limits.max_disk_gib}")
    for loc, one in found:
        if one.get("type") in _CONTROLLED and one.get("caching") not in (None, "None"):
            yield conflict((*loc, "caching"), f"must be None for {one['type']}")


def tags(facts: Facts) -> Iterator[Problem]:
    """Tags that Azure takes, each key once, none of ours."""
    found = list(facts.each(f"{LS}.tags"))
    if len(facts.at(f"{LS}.tags") or ()) > MAX_TAGS:
        yield Problem(place(f"{LS}.tags"), Code.RANGE, f"must have at most {MAX_TAGS} tags")
    yield from repeated(
        [((*loc, "tagKey"), one.get("tagKey")) for loc, one in found], "is used twice"
    )
    for loc, one in found:
        key = one.get("tagKey") or ""
        if _TAG_KEY_FORBIDS.search(key):
            yield Problem((*loc, "tagKey"), Code.VALUE, "must not have any of < > % & \\ ? /")
        if key.lower().startswith(OWN_TAGS):
            yield Problem((*loc, "tagKey"), Code.VALUE, f"must not begin with {OWN_TAGS}: reserved")


def extensions(facts: Facts) -> Iterator[Problem]:
    """Each extension once, its protected settings from one place."""
    found = list(facts.each(f"{LS}.extensions"))
    yield from repeated([((*loc, "name"), one.get("name")) for loc, one in found], "is used twice")
    for loc, one in found:
        own = one.get("protectedSettings") or one.get("protectedSettingsRef")
        if own and one.get("protectedSettingsFromKeyVault"):
            yield conflict((*loc, "protectedSettingsFromKeyVault"), "excludes protectedSettings")


def vault_secrets(facts: Facts) -> Iterator[Problem]:
    """A certificate store on Windows, none on Linux; something in each list."""
    os = facts.at("compute.os")
    for loc, one in facts.each(f"{LS}.secrets"):
        certificates = one.get("vaultCertificates")
        if certificates == []:
            yield required((*loc, "vaultCertificates"), "must list at least one certificate")
        for index, certificate in enumerate(certificates or ()):
            store = value_at(certificate, "certificateStore")
            at = (*loc, "vaultCertificates", index, "certificateStore")
            if os == "Windows" and certificate is not None and not store:
                yield required(at, "is required on Windows")
            if os == "Linux" and store:
                yield conflict(at, "must be null on Linux")


def boot_diagnostics(facts: Facts) -> Iterator[Problem]:
    """A storage address for unmanaged, and only for unmanaged."""
    kind, uri = (facts.at(f"{LS}.bootDiagnostics.{name}") for name in ("type", "storageUri"))
    if kind == "unmanaged" and not uri:
        yield required(f"{LS}.bootDiagnostics.storageUri", "is required for unmanaged")
    if kind == "managed" and uri:
        yield conflict(f"{LS}.bootDiagnostics.storageUri", "must be null for managed")


def license_type(facts: Facts) -> Iterator[Problem]:
    """A licence of this OS."""
    os, chosen = facts.at("compute.os"), facts.at(f"{LS}.licenseType")
    if os and chosen and chosen not in _LICENSES[os]:
        yield conflict(f"{LS}.licenseType", f"on {os} must be {' or '.join(_LICENSES[os])}")
