"""The failure table against one real, redacted body per row, in both of Azure's forms."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.failures import (
    NIC_RESERVED_S,
    RULES,
    SHUN_ALLOCATION_S,
    SHUN_NO_QUOTA_S,
    SHUN_OD_SKU_S,
    SHUN_QUOTA_S,
    Kind,
    Rule,
    Scope,
    classify,
    quota_family,
)
from shared.model.run import Lifecycle

BODIES = Path(__file__).parents[2] / "data" / "arm_errors"
EXAMPLES = [
    pytest.param(path.stem, json.loads(path.read_text())[form], id=f"{path.stem}-{form}")
    for path in sorted(BODIES.glob("*.json"))
    for form in ("synchronous", "operation")
    if form in json.loads(path.read_text())
]


def decided(reply: dict[str, Any]) -> Rule:
    error = reply["body"]["error"]
    details = [f"{one['code']}: {one['message']}" for one in error.get("details", ())]
    return classify(error["code"], " ".join([error["message"], *details]), reply["status"])


def test_every_row_has_a_name_of_its_own() -> None:
    names = [rule.name for rule in RULES]

    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_row_has_a_body(rule: Rule) -> None:
    example = json.loads((BODIES / f"{rule.name}.json").read_text())

    assert example["rule"] == rule.name
    assert {"synchronous", "operation"} & example.keys()


def test_every_body_has_a_row() -> None:
    assert {path.stem for path in BODIES.glob("*.json")} == {rule.name for rule in RULES}


@pytest.mark.parametrize(("name", "reply"), EXAMPLES)
def test_a_body_is_decided_by_its_own_row_and_no_other(name: str, reply: dict[str, Any]) -> None:
    assert decided(reply).name == name


@pytest.mark.parametrize(
    "code",
    [rule.code for rule in RULES if rule.kind in (Kind.CAPACITY, Kind.QUOTA) and rule.code],
)
def test_a_capacity_code_means_the_same_at_once_and_later(code: str) -> None:
    for path in BODIES.glob(f"{code}*.json"):
        example = json.loads(path.read_text())
        forms = {decided(example[form]) for form in ("synchronous", "operation") if form in example}

        assert len(forms) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_exactly_capacity_and_quota_rule_out_markets(rule: Rule) -> None:
    rules_out = rule.kind in (Kind.CAPACITY, Kind.QUOTA)

    assert (rule.scope is not Scope.NONE) == rules_out
    assert (rule.shun_s > 0) == rules_out


@pytest.mark.parametrize(
    ("code", "message", "shun_s"),
    [
        ("ZonalAllocationFailed", "", SHUN_ALLOCATION_S),
        ("OperationNotAllowed", "exceeding approved LowPriorityCores quota.", SHUN_QUOTA_S),
        (
            "OperationNotAllowed",
            "exceeding approved LowPriorityCores quota. Current Limit: 0, Current",
            SHUN_NO_QUOTA_S,
        ),
    ],
)
def test_a_refusal_is_shunned_for_its_own_time(code: str, message: str, shun_s: int) -> None:
    assert classify(code, message, 409).shun_for(Lifecycle.SPOT) == shun_s


def test_an_on_demand_size_that_is_sold_out_is_shunned_for_longer_than_a_spot_one() -> None:
    rule = classify("SkuNotAvailable", "", 409)

    assert rule.shun_for(Lifecycle.SPOT) == SHUN_ALLOCATION_S
    assert rule.shun_for(Lifecycle.OD) == SHUN_OD_SKU_S


def test_a_limit_that_merely_begins_with_zero_is_not_taken_for_none() -> None:
    message = "exceeding approved LowPriorityCores quota. Current Limit: 03, Current Usage: 1"

    assert classify("OperationNotAllowed", message, 409).shun_s == SHUN_QUOTA_S


def test_a_reserved_nic_is_waited_for_as_long_as_azure_says() -> None:
    assert classify("NicReservedForAnotherVm", "", 400).wait_s == NIC_RESERVED_S


def test_codes_are_compared_without_case() -> None:
    assert classify("skunotavailable", "", 409).kind is Kind.CAPACITY


@pytest.mark.parametrize("status", [None, 0, 200, 302, 400, 401, 403, 418, 451])
def test_what_we_never_saw_is_permanent(status: int | None) -> None:
    assert classify("NeverSeenBefore", "words", status).kind is Kind.PERMANENT


@pytest.mark.parametrize(
    ("message", "family"),
    [
        ("exceeding approved standardDSv3Family Cores quota. Additional", "standardDSv3Family"),
        ("exceeding approved Total Regional Cores quota.", None),
        ("exceeding approved LowPriorityCores quota.", None),
    ],
)
def test_a_quota_refusal_names_its_family(message: str, family: str | None) -> None:
    assert quota_family(message) == family
