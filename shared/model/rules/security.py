"""Rules of trusted launch and confidential VMs."""

import re
from collections.abc import Iterator
from typing import Final

from shared.model.problems import Problem
from shared.model.rules.facts import Facts, conflict, place

SECURITY: Final = "compute.launchSpecification.security"
_CONFIDENTIAL_SIZE = re.compile(r"standard_[de]c\d+ad?s(_cc)?_v5", re.IGNORECASE)
"""Series DCasv5, DCadsv5, ECasv5, ECadsv5."""


def secure_parts(facts: Facts) -> Iterator[Problem]:
    """What belongs to which security type."""
    kind = facts.at(f"{SECURITY}.securityType")
    guarded = kind in ("TrustedLaunch", "ConfidentialVM")
    for name in ("secureBootEnabled", "vTpmEnabled"):
        if facts.at(f"{SECURITY}.{name}") and not guarded:
            message = "needs securityType TrustedLaunch or ConfidentialVM"
            yield conflict(f"{SECURITY}.{name}", message)
    if kind == "ConfidentialVM" and facts.at(f"{SECURITY}.vTpmEnabled") is False:
        yield conflict(f"{SECURITY}.vTpmEnabled", "is always on with ConfidentialVM")
    encrypted = facts.at(f"{SECURITY}.confidentialOsDiskEncryption") in (True, "true")
    if encrypted and kind != "ConfidentialVM":
        yield conflict(
            f"{SECURITY}.confidentialOsDiskEncryption", "needs securityType ConfidentialVM"
        )
    elif encrypted and facts.at(f"{SECURITY}.secureBootEnabled") is False:
        message = "is always on with confidentialOsDiskEncryption"
        yield conflict(f"{SECURITY}.secureBootEnabled", message)


def confidential_sizes(facts: Facts) -> Iterator[Problem]:
    """Confidential VMs exist in four series only."""
    if facts.at(f"{SECURITY}.securityType") != "ConfidentialVM":
        return
    for path in ("compute.vmSizes.odSizes", "compute.vmSizes.spotSizes"):
        for index, size in enumerate(facts.at(path) or ()):
            if size is not None and not _CONFIDENTIAL_SIZE.fullmatch(size):
                message = "is not of a series for confidential VMs (DC/EC as or ads, v5)"
                yield conflict((*place(path), index), message)
