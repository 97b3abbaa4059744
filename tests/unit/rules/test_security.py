"""What belongs to which security type; and which markets a security type leaves open."""

from typing import Any

import pytest

from shared.model.parse import parse_create
from shared.model.problems import Rejected
from tests.unit.model.documents import LS, body, node, put
from tests.unit.policy.situations import (
    ARM,
    CONFIDENTIAL,
    D2,
    OLD,
    new,
    reasons,
    wishing,
)

SECURITY = f"{LS}.security"
CONFIDENTIAL_SIZES = {"odSizes": ["standard_dc2as_v5"], "spotSizes": ["standard_ec2ads_v5"]}


def problems(security: dict[str, Any], sizes: dict[str, Any] | None = None) -> list[str]:
    document = put(node(), SECURITY, security)
    if sizes:
        put(document, "compute.vmSizes", sizes)
    try:
        parse_create(body(document))
    except Rejected as refused:
        return [one.field.removeprefix("statefulNode.") for one in refused.errors]
    return []


def test_an_encrypted_confidential_disk_boots_securely() -> None:
    """R44, R45: left out it is on, switched off it is refused."""
    kind = {"securityType": "ConfidentialVM", "confidentialOsDiskEncryption": True}

    assert problems(kind, CONFIDENTIAL_SIZES) == []
    assert problems({**kind, "secureBootEnabled": True}, CONFIDENTIAL_SIZES) == []
    assert problems({**kind, "secureBootEnabled": False}, CONFIDENTIAL_SIZES) == [
        f"{SECURITY}.secureBootEnabled"
    ]


@pytest.mark.parametrize(
    "size", ["standard_dc4as_v5", "Standard_DC96ads_v5", "standard_ec2as_v5", "standard_ec8ads_v5"]
)
def test_the_four_confidential_series_are_taken(size: str) -> None:
    """R42."""
    sizes = {"odSizes": [size], "spotSizes": [size]}

    assert problems({"securityType": "ConfidentialVM"}, sizes) == []


def _reason(size: str, security: str, **changes: Any) -> str | None:
    wishes = wishing(spot_sizes=(size,), security_type=security, persists_os=False)
    inputs = new(wishes=wishes, **changes)
    return reasons(inputs).get((size, "1", "SPOT"))


def _os(generation: str, **more: Any) -> dict[str, Any]:
    os = new().os.model_copy(update={"generation": generation, "security_type": "", **more})
    return {"os": os}


@pytest.mark.parametrize(
    ("size", "security", "generation", "reason"),
    [
        (D2, "Standard", "V1", None),
        (D2, "Standard", "V2", None),
        (D2, "TrustedLaunch", "V2", None),
        (D2, "TrustedLaunch", "V1", "GENERATION"),
        (OLD, "TrustedLaunch", "", "SECURITY_TYPE"),
        (OLD, "Standard", "V2", "GENERATION"),
        (D2, "ConfidentialVM", "V2", "SECURITY_TYPE"),
        (CONFIDENTIAL, "ConfidentialVM", "V2", None),
        (CONFIDENTIAL, "ConfidentialVM", "V1", "GENERATION"),
        (CONFIDENTIAL, "Standard", "V2", "SECURITY_TYPE"),
        (CONFIDENTIAL, "TrustedLaunch", "V2", "SECURITY_TYPE"),
        (ARM, "TrustedLaunch", "V2", "ARCHITECTURE"),
    ],
)
def test_a_security_type_closes_the_markets_that_do_not_have_it(
    size: str, security: str, generation: str, reason: str | None
) -> None:
    """R39, R40, R41, R42: each with a code that its user can read."""
    assert _reason(size, security, **_os(generation)) == reason


def test_encryption_at_host_closes_the_sizes_without_it() -> None:
    """R48."""
    wishes = wishing(spot_sizes=(OLD, D2), encryption_at_host=True, persists_os=False)
    inputs = new(wishes=wishes, **_os("V1"))

    closed = reasons(inputs)

    assert closed.get((OLD, "1", "SPOT")) == "ENCRYPTION_AT_HOST"
    assert (D2, "1", "SPOT") not in closed
