from typing import Any

import pytest

from shared.model.parse import parse_create
from shared.model.secrets import split_secrets
from shared.model.wire import from_stored, launch_digest, to_stored
from tests.unit.model.documents import LS, body, node, put, windows


def digest(document: dict[str, Any], prefix: str = "ssn-1") -> str:
    return launch_digest(split_secrets(parse_create(body(document)), prefix)[0])


LAUNCH_CHANGES = [
    (f"{LS}.image.marketplace.sku", "other"),
    (f"{LS}.userData", "bmV3"),
    (f"{LS}.vmName", "web-1"),
    (f"{LS}.osDisk", {"type": "Premium_LRS"}),
    (f"{LS}.dataDisks", [{"lun": 0, "sizeGB": 1, "type": "Premium_LRS"}]),
    (f"{LS}.network.networkInterfaces.0.subnetName", "b"),
    (f"{LS}.tags", [{"tagKey": "a"}]),
    (f"{LS}.security.encryptionAtHost", True),
    (f"{LS}.login.userName", "ann"),
]
OTHER_CHANGES = [
    ("name", "other"),
    ("compute.vmSizes.odSizes", ["standard_d8s_v5"]),
    ("compute.zones", ["1"]),
    ("strategy.fallbackToOd", False),
    ("persistence.shouldPersistNetwork", True),
    ("scheduling.tasks", []),
    ("health.gracePeriod", 5),
    (f"{LS}.shutdownScript", "bmV3"),
]


@pytest.mark.parametrize(("path", "value"), LAUNCH_CHANGES)
def test_the_digest_changes_with_what_a_vm_is_made_of(path: str, value: Any) -> None:
    """S42."""
    assert digest(put(node(), path, value)) != digest(node())


@pytest.mark.parametrize(("path", "value"), OTHER_CHANGES)
def test_the_digest_stays_when_only_markets_or_rules_change(path: str, value: Any) -> None:
    assert digest(put(node(), path, value)) == digest(node())


def test_a_new_secret_changes_the_digest_by_its_name_alone() -> None:
    assert digest(windows(), "ssn-1") != digest(windows(), "ssn-2")


def test_the_order_of_tags_and_of_keys_does_not_matter() -> None:
    tags = [{"tagKey": "a", "tagValue": "1"}, {"tagValue": "2", "tagKey": "b"}]
    one = put(node(), f"{LS}.tags", tags)
    other = put(dict(reversed(node().items())), f"{LS}.tags", tags[::-1])

    assert digest(one) == digest(other)


def test_the_digest_survives_the_store() -> None:
    document = parse_create(body())

    assert launch_digest(from_stored(to_stored(document))) == launch_digest(document)
