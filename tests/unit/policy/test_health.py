"""From looks at a VM to its health, and to whether it is replaced."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.model.seen import HealthSeen, VmHealth
from shared.policy.health import (
    GATEWAY,
    VM_AGENT,
    VM_STATE,
    HealthRules,
    after,
    in_grace,
    must_heal,
    overall,
    rules_of,
    vm_state,
    why,
    worst,
)
from tests.store.worlds import NOON

GOOD, ILL, UNKNOWN = VmHealth.HEALTHY, VmHealth.UNHEALTHY, VmHealth.UNKNOWN
RULES = HealthRules(checks=(VM_AGENT,), heals=True, unhealthy_s=120)


def minute(number: float) -> datetime:
    return NOON + timedelta(minutes=number)


def lived(*looks: VmHealth, rules: HealthRules = RULES) -> HealthSeen:
    """Return the history of a VM launched at noon that was looked at each minute."""
    seen: HealthSeen | None = None
    for number, look in enumerate(looks):
        seen = after(seen, NOON, rules, {VM_AGENT: look}, minute(number))
    assert seen is not None
    return seen


@pytest.mark.parametrize(
    ("health", "rules"),
    [
        (None, None),
        ({}, None),
        ({"autoHealing": False}, None),
        ({"healthCheckTypes": []}, None),
        (
            {"healthCheckTypes": ["vmState"]},
            HealthRules(checks=("vmState",), grace_s=120, heals=False, unhealthy_s=120),
        ),
        (
            {
                "healthCheckTypes": ["vmAgent", "vmState"],
                "gracePeriod": 0,
                "autoHealing": True,
                "unhealthyDuration": 300,
            },
            HealthRules(checks=("vmAgent", "vmState"), grace_s=0, heals=True, unhealthy_s=300),
        ),
    ],
    ids=str,
)
def test_the_document_says_what_is_checked(health: Any, rules: HealthRules | None) -> None:
    """S3, S63, S64."""
    assert rules_of({"health": health}) == rules


def test_only_checks_beyond_the_fleet_list_need_reads() -> None:
    assert not HealthRules(checks=(VM_STATE,)).needs_reads
    assert HealthRules(checks=(VM_STATE, VM_AGENT)).needs_reads
    assert HealthRules(checks=(GATEWAY,)).needs_reads


@pytest.mark.parametrize(
    ("power", "state"),
    [
        ("running", GOOD),
        ("starting", UNKNOWN),
        ("unknown", UNKNOWN),
        ("", UNKNOWN),
        ("stopping", ILL),
        ("stopped", ILL),
        ("deallocating", ILL),
        ("deallocated", ILL),
        (None, ILL),
    ],
)
def test_a_vms_power_says_how_it_is(power: str | None, state: VmHealth) -> None:
    assert vm_state(power) is state


@pytest.mark.parametrize(
    ("states", "told"),
    [
        ([], UNKNOWN),
        ([GOOD, GOOD], GOOD),
        ([GOOD, UNKNOWN], UNKNOWN),
        ([ILL, UNKNOWN, GOOD], ILL),
    ],
)
def test_the_worst_of_the_checks_is_the_vms_health(states: Any, told: VmHealth) -> None:
    """S66: healthy, unknown, unhealthy, by severity."""
    assert worst(states) is told


def test_a_check_that_nobody_made_is_unknown() -> None:
    rules = HealthRules(checks=(VM_STATE, VM_AGENT))

    seen = after(None, NOON, rules, {VM_STATE: GOOD}, NOON)

    assert overall(seen, rules) is UNKNOWN
    assert overall(None, rules) is UNKNOWN
    assert overall(seen, None) is UNKNOWN


def test_nothing_is_looked_at_before_the_grace_period_is_over() -> None:
    """S64: the grace period comes before the first check."""
    rules = HealthRules(checks=(VM_AGENT,), grace_s=180)

    assert in_grace(NOON, rules, minute(2.99))
    assert not in_grace(NOON, rules, minute(3))
    assert in_grace(None, rules, minute(99))


def test_two_looks_that_see_the_same_leave_the_same_history() -> None:
    once, often = lived(GOOD), lived(GOOD, GOOD, GOOD)

    assert once == often
    assert once.checks[VM_AGENT].since == NOON


@pytest.mark.parametrize(
    ("looks", "at", "healed"),
    [
        ([GOOD, ILL, ILL, ILL], 3, True),
        ([GOOD, ILL, ILL], 2.9, False),
        ([ILL, ILL, ILL, ILL, ILL], 9, False),
        ([UNKNOWN, ILL, ILL, ILL, ILL], 9, False),
        ([GOOD, ILL, ILL, GOOD, ILL, ILL], 5, False),
        ([GOOD, ILL, ILL, UNKNOWN, ILL, ILL], 5, False),
        ([GOOD, ILL, ILL, GOOD, ILL, ILL, ILL], 6, True),
        ([ILL, GOOD, ILL, ILL, ILL], 4, True),
        ([GOOD, GOOD], 99, False),
    ],
    ids=lambda value: "".join(one[0] for one in value) if isinstance(value, list) else None,
)
def test_a_vm_is_replaced_once_it_was_unhealthy_for_long_and_healthy_before(
    looks: list[VmHealth], at: float, *, healed: bool
) -> None:
    """S65: unhealthy for its duration without a break, and healthy once."""
    assert must_heal(lived(*looks), RULES, minute(at)) is healed


def test_without_auto_healing_nothing_is_replaced() -> None:
    rules = RULES.model_copy(update={"heals": False})

    assert not must_heal(lived(GOOD, ILL, ILL, ILL, rules=rules), rules, minute(99))


def test_one_check_after_another_is_one_time_of_being_unhealthy() -> None:
    rules = HealthRules(checks=(VM_AGENT, VM_STATE), heals=True, unhealthy_s=120)
    seen = after(None, NOON, rules, {VM_AGENT: GOOD, VM_STATE: GOOD}, NOON)
    seen = after(seen, NOON, rules, {VM_AGENT: ILL}, minute(1))
    seen = after(seen, NOON, rules, {VM_AGENT: GOOD, VM_STATE: ILL}, minute(2))

    assert seen.unhealthy_since == minute(1)
    assert must_heal(seen, rules, minute(3))


def test_another_launch_begins_anew() -> None:
    old = lived(GOOD, ILL, ILL)

    seen = after(old, minute(3), RULES, {VM_AGENT: ILL}, minute(4))

    assert not seen.healthy_once
    assert seen.unhealthy_since == minute(4)
    assert seen.launched_at == minute(3)


def test_a_check_that_is_not_asked_for_any_more_is_forgotten() -> None:
    both = HealthRules(checks=(VM_AGENT, VM_STATE))
    seen = after(None, NOON, both, {VM_AGENT: ILL, VM_STATE: GOOD}, NOON)

    one = HealthRules(checks=(VM_STATE,))
    seen = after(seen, NOON, one, {}, minute(1))

    assert overall(seen, one) is GOOD
    assert seen.unhealthy_since is None


def test_the_log_is_told_which_check_is_not_good_and_since_when() -> None:
    assert why(lived(GOOD, ILL), RULES) == "vmAgent UNHEALTHY since 2026-11-23 12:01:00 UTC"
    assert why(lived(GOOD), RULES) == "every check is good"
