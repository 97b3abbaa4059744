"""Rules of strategy and health."""

from collections.abc import Iterator
from typing import Final

from shared.model.problems import Problem
from shared.model.rules.facts import Facts, conflict, repeated, required

TOLERATION: Final = "strategy.interruptionToleration"


def back_to_spot(facts: Facts) -> Iterator[Problem]:
    """A time window to revert in must exist."""
    by_window = facts.at("strategy.revertToSpot.performAt") == "timeWindow"
    if by_window and not facts.at("strategy.optimizationWindows"):
        yield required(
            "strategy.optimizationWindows", "is required while revertToSpot is timeWindow"
        )


def interruptions(facts: Facts) -> Iterator[Problem]:
    """Toleration that is on needs its three numbers."""
    if not facts.at(f"{TOLERATION}.isEnabled"):
        return
    for name in ("threshold", "evaluationPeriod", "cooldown"):
        if facts.at(f"{TOLERATION}.{name}") is None:
            yield required(f"{TOLERATION}.{name}", "is required while isEnabled is true")


def signals_once(facts: Facts) -> Iterator[Problem]:
    """Each signal has one timeout."""
    kinds = [((*loc, "type"), one.get("type")) for loc, one in facts.each("strategy.signals")]
    yield from repeated(kinds, "is listed twice: a signal has one timeout")


def health(facts: Facts) -> Iterator[Problem]:
    """Auto healing needs a check to go by; the gateway check needs a gateway."""
    checks = facts.at("health.healthCheckTypes") or []
    if facts.at("health.autoHealing") and not checks:
        yield required("health.healthCheckTypes", "needs at least one check for autoHealing")
    balancers = facts.each("compute.launchSpecification.loadBalancersConfig.loadBalancers")
    gateway = any(one.get("type") == "applicationGateway" for _, one in balancers)
    for index, check in enumerate(checks):
        if check == "applicationGateway" and not gateway:
            yield conflict(
                ("health", "healthCheckTypes", index),
                "applicationGateway needs an application gateway among the load balancers",
            )
    numbered = [(("health", "healthCheckTypes", i), check) for i, check in enumerate(checks)]
    yield from repeated(numbered, "is listed twice")
