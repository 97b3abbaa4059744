"""Requests about disks: every bad one names its fields, every spelling of a client is read."""

from collections.abc import Callable
from typing import Any

import pytest

from shared.model.disk_requests import parse_attach, parse_detach, parse_swap
from shared.model.problems import Code, Rejected
from shared.model.rules.facts import Limits

ATTACH = {
    "dataDiskName": "extra",
    "dataDiskResourceGroupName": "fleet",
    "sizeGB": 10,
    "storageAccountType": "Premium_LRS",
}
DETACH = {"dataDiskName": "extra", "dataDiskResourceGroupName": "fleet", "shouldDeallocate": True}
SWAP = {"osDiskName": "new", "osDiskResourceGroupName": "fleet"}
Parse = Callable[[object], Any]


def attached(body: object) -> Any:
    return parse_attach(body, Limits())


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in body.items() if key != name}


BAD: list[tuple[Parse, object, str, Code]] = [
    (attached, None, "body", Code.TYPE),
    (attached, "extra", "body", Code.TYPE),
    (attached, without(ATTACH, "dataDiskName"), "dataDiskName", Code.REQUIRED),
    (attached, ATTACH | {"dataDiskName": None}, "dataDiskName", Code.REQUIRED),
    (attached, ATTACH | {"dataDiskName": ""}, "dataDiskName", Code.VALUE),
    (attached, ATTACH | {"dataDiskName": "-extra"}, "dataDiskName", Code.VALUE),
    (attached, ATTACH | {"dataDiskName": "extra."}, "dataDiskName", Code.VALUE),
    (attached, ATTACH | {"dataDiskName": "a/../b"}, "dataDiskName", Code.VALUE),
    (attached, ATTACH | {"dataDiskName": "x" * 81}, "dataDiskName", Code.VALUE),
    (attached, ATTACH | {"dataDiskName": "größe"}, "dataDiskName", Code.VALUE),
    (attached, ATTACH | {"dataDiskName": 7}, "dataDiskName", Code.TYPE),
    (
        attached,
        ATTACH | {"dataDiskResourceGroupName": "a/b"},
        "dataDiskResourceGroupName",
        Code.VALUE,
    ),
    (attached, without(ATTACH, "sizeGB"), "sizeGB", Code.REQUIRED),
    (attached, ATTACH | {"sizeGB": 0}, "sizeGB", Code.RANGE),
    (attached, ATTACH | {"sizeGB": 1024}, "sizeGB", Code.RANGE),
    (attached, ATTACH | {"sizeGB": "10"}, "sizeGB", Code.TYPE),
    (attached, ATTACH | {"sizeGB": True}, "sizeGB", Code.TYPE),
    (attached, ATTACH | {"sizeGB": 1.5}, "sizeGB", Code.TYPE),
    (attached, ATTACH | {"storageAccountType": "Floppy"}, "storageAccountType", Code.VALUE),
    (attached, ATTACH | {"lun": -1}, "lun", Code.RANGE),
    (attached, ATTACH | {"lun": 64}, "lun", Code.RANGE),
    (attached, ATTACH | {"zone": "4"}, "zone", Code.VALUE),
    (attached, ATTACH | {"zone": 1}, "zone", Code.VALUE),
    (attached, ATTACH | {"caching": "All"}, "caching", Code.VALUE),
    (
        attached,
        ATTACH | {"storageAccountType": "Premium_ZRS", "zone": "1"},
        "zone",
        Code.CONFLICT,
    ),
    (attached, ATTACH | {"storageAccountType": "PremiumV2_LRS"}, "zone", Code.REQUIRED),
    (
        attached,
        ATTACH | {"storageAccountType": "UltraSSD_LRS", "zone": "1", "caching": "ReadOnly"},
        "caching",
        Code.CONFLICT,
    ),
    (attached, ATTACH | {"force": True}, "force", Code.UNKNOWN),
    (parse_detach, [], "body", Code.TYPE),
    (parse_detach, without(DETACH, "shouldDeallocate"), "shouldDeallocate", Code.REQUIRED),
    (parse_detach, DETACH | {"shouldDeallocate": "true"}, "shouldDeallocate", Code.TYPE),
    (parse_detach, DETACH | {"ttlInHours": -1}, "ttlInHours", Code.RANGE),
    (parse_detach, DETACH | {"ttlInHours": 8_761}, "ttlInHours", Code.RANGE),
    (parse_detach, DETACH | {"ttlnHours": -1}, "ttlnHours", Code.RANGE),
    (parse_detach, DETACH | {"ttlInHours": 1, "ttlnHours": 2}, "ttlnHours", Code.CONFLICT),
    (parse_detach, DETACH | {"lun": 1}, "lun", Code.UNKNOWN),
    (parse_swap, 1, "body", Code.TYPE),
    (parse_swap, without(SWAP, "osDiskName"), "osDiskName", Code.REQUIRED),
    (parse_swap, SWAP | {"osDiskResourceGroupName": "x."}, "osDiskResourceGroupName", Code.VALUE),
    (parse_swap, SWAP | {"shouldTerminate": 1}, "shouldTerminate", Code.TYPE),
    (parse_swap, SWAP | {"retentionTime": -1}, "retentionTime", Code.RANGE),
    (parse_swap, SWAP | {"retentionTime": 0.5}, "retentionTime", Code.TYPE),
    (parse_swap, SWAP | {"vmName": "x"}, "vmName", Code.UNKNOWN),
]


@pytest.mark.parametrize(("parse", "body", "at", "code"), BAD)
def test_a_bad_request_is_refused_with_field_and_code(
    parse: Parse, body: object, at: str, code: Code
) -> None:
    with pytest.raises(Rejected) as refused:
        parse(body)

    assert [(error.field, error.code) for error in refused.value.errors] == [(at, code)]


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(Rejected) as refused:
        attached({"sizeGB": 5_000, "zone": "9", "storageAccountType": "Premium_LRS"})

    fields = {error.field for error in refused.value.errors}
    assert fields == {"dataDiskName", "dataDiskResourceGroupName", "sizeGB", "zone"}


@pytest.mark.parametrize("size", [1, 1_023, 10.0])
def test_sizes_from_1_to_1023_are_taken(size: float) -> None:
    assert attached(ATTACH | {"sizeGB": size}).size_gib == int(size)


def test_what_clients_send_for_not_set_is_not_set() -> None:
    asked = attached(ATTACH | {"lun": None, "zone": "", "caching": None})

    assert (asked.lun, asked.zone, asked.caching) == (None, None, None)


def test_the_misspelled_time_of_one_client_is_read() -> None:
    assert parse_detach(DETACH | {"ttlnHours": 5}).ttl_h == 5


def test_a_detached_disk_goes_at_once_by_default_and_a_swapped_one_after_96_hours() -> None:
    """S31: nobody's last copy goes at once because a field was left out."""
    assert parse_detach(DETACH).ttl_h == 0
    assert (parse_swap(SWAP).should_terminate, parse_swap(SWAP).retention_time_h) == (True, 96)
