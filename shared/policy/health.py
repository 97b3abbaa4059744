"""Health: from looks at a VM to what its node shows, and to whether the VM is replaced.

Only changes make a difference: two looks that see the same leave the same history. A VM that never
was healthy is not replaced, because its successor would do no better.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.model.run import Row
from shared.model.seen import CheckSeen, HealthSeen, VmHealth

VM_STATE: Final = "vmState"
VM_AGENT: Final = "vmAgent"
GATEWAY: Final = "applicationGateway"
GRACE_S: Final = 120
"""Seconds after a launch before the first check, where the document names none: the least that the
published documentation advises."""
UNHEALTHY_S: Final = 120
"""Seconds that a VM is unhealthy before it is replaced, where the document names none: the least
that the published API takes."""
BY_SEVERITY: Final = (VmHealth.HEALTHY, VmHealth.UNKNOWN, VmHealth.UNHEALTHY)
"""Source: the published documentation."""
NOT_TOLD: Final = frozenset({"", "unknown", "starting"})
"""Power states that say nothing of how the VM is."""


class HealthRules(Row):
    """What a node's document says of health."""

    checks: tuple[str, ...]
    grace_s: int = GRACE_S
    heals: bool = False
    unhealthy_s: int = UNHEALTHY_S

    @property
    def needs_reads(self) -> bool:
        """Whether a check needs more than the list of the fleet."""
        return any(check != VM_STATE for check in self.checks)


def rules_of(document: Mapping[str, Any]) -> HealthRules | None:
    """Return the rules of a stored document; None: nothing is checked."""
    health = document.get("health") or {}
    checks = tuple(health.get("healthCheckTypes") or ())
    if not checks:
        return None
    return HealthRules(
        checks=checks,
        grace_s=_or(health.get("gracePeriod"), GRACE_S),
        heals=bool(health.get("autoHealing")),
        unhealthy_s=_or(health.get("unhealthyDuration"), UNHEALTHY_S),
    )


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def in_grace(launched_at: datetime | None, rules: HealthRules, now: datetime) -> bool:
    """Tell whether it is too early to look; a VM whose launch is not known is never looked at."""
    return launched_at is None or now < launched_at + timedelta(seconds=rules.grace_s)


def vm_state(power: str | None) -> VmHealth:
    """Return what a power state says; None: the VM is not in the list."""
    if power == "running":
        return VmHealth.HEALTHY
    return VmHealth.UNKNOWN if power in NOT_TOLD else VmHealth.UNHEALTHY


def worst(states: list[VmHealth]) -> VmHealth:
    """Return the worst of several states; UNKNOWN if there are none."""
    return max(states, key=BY_SEVERITY.index, default=VmHealth.UNKNOWN)


def overall(seen: HealthSeen | None, rules: HealthRules | None) -> VmHealth:
    """Return a VM's health: the worst of its checks; one that nobody made yet is UNKNOWN."""
    if seen is None or rules is None:
        return VmHealth.UNKNOWN
    made = [seen.checks.get(check) for check in rules.checks]
    return worst([one.state if one else VmHealth.UNKNOWN for one in made])


def after(
    before: HealthSeen | None,
    launched_at: datetime,
    rules: HealthRules,
    looks: Mapping[str, VmHealth],
    now: datetime,
) -> HealthSeen:
    """Return the history of the VM launched at that moment, with these looks in it."""
    if before is None or before.launched_at != launched_at:
        before = HealthSeen(launched_at=launched_at)
    checks = {
        check: _looked(before.checks.get(check), looks.get(check), now) for check in rules.checks
    }
    made = {check: one for check, one in checks.items() if one}
    seen = before.model_copy(update={"checks": made})
    state = overall(seen, rules)
    since = (before.unhealthy_since or now) if state is VmHealth.UNHEALTHY else None
    was_good = before.healthy_once or state is VmHealth.HEALTHY
    return seen.model_copy(update={"healthy_once": was_good, "unhealthy_since": since})


def _looked(before: CheckSeen | None, look: VmHealth | None, now: datetime) -> CheckSeen | None:
    if look is None or (before and before.state is look):
        return before
    return CheckSeen(state=look, since=now)


def must_heal(seen: HealthSeen, rules: HealthRules, now: datetime) -> bool:
    """Tell whether the VM is to be replaced by now."""
    since = seen.unhealthy_since
    if not rules.heals or not seen.healthy_once or since is None:
        return False
    return now >= since + timedelta(seconds=rules.unhealthy_s)


def why(seen: HealthSeen, rules: HealthRules) -> str:
    """Tell which checks are not good, and since when: for the node's log."""
    bad = [
        f"{check} {seen.checks[check].state} since {seen.checks[check].since:%Y-%m-%d %H:%M:%S} UTC"
        for check in rules.checks
        if check in seen.checks and seen.checks[check].state is not VmHealth.HEALTHY
    ]
    return ", ".join(bad) or "every check is good"
