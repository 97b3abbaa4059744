"""What an accepted document asks for that no VM will have: told with the answer, refused never."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from shared.model.effects import ACCEPTED_NO_EFFECT
from shared.model.paths import values_at
from shared.model.rules.facts import value_at

LS: Final = "compute.launchSpecification"
REVERT: Final = "strategy.revertToSpot.performAt"
NOTHING_ASKED: Final[tuple[object, ...]] = (False, [], "never")
"""Values that ask for nothing, so that nothing is missed."""
MONITOR_AGENTS: Final = ("AzureMonitorLinuxAgent", "AzureMonitorWindowsAgent")
"""Types of the extension without which a data collection rule gathers nothing. Source: Azure docs,
azure-monitor-agent-manage."""


@dataclass(frozen=True)
class Remark:
    """One remark about a field; `field` is spelled as the API spells it."""

    field: str
    message: str


def remarks_of(document: Mapping[str, Any]) -> list[Remark]:
    """Return the remarks about a document as clients read it, in its order."""
    found = [
        *_no_effect(document),
        *_windows(document),
        *_placement(document),
        *_insights(document),
    ]
    return [Remark(f"statefulNode.{one.field}", one.message) for one in found]


def _no_effect(document: Mapping[str, Any]) -> Iterator[Remark]:
    stays_on_spot = not value_at(document, "strategy.fallbackToOd")
    for path, why in ACCEPTED_NO_EFFECT.items():
        if path == REVERT and stays_on_spot:
            continue  # the way back, which every document names, is from on-demand
        for place, value in values_at(document, path):
            if value not in NOTHING_ASKED:
                yield Remark(place, f"is accepted and has no effect yet: {why}")


def _windows(document: Mapping[str, Any]) -> Iterator[Remark]:
    if value_at(document, "strategy.odWindows"):
        message = "is looked at by each launch: a VM that runs is not moved when a window begins"
        yield Remark("strategy.odWindows", f"{message} or ends")


def _placement(document: Mapping[str, Any]) -> Iterator[Remark]:
    for index, _ in enumerate(value_at(document, f"{LS}.proximityPlacementGroups") or ()):
        if index:
            place = f"{LS}.proximityPlacementGroups[{index}]"
            yield Remark(place, "is not used: a VM is in one group, the first of the list")


def _insights(document: Mapping[str, Any]) -> Iterator[Remark]:
    """A rule is bound to the VM; what sends the data is an extension, and needs an identity."""
    if not value_at(document, "integrations.insights.isEnabled"):
        return
    types = {kind for _, kind in values_at(document, f"{LS}.extensions[].type")}
    if not types & set(MONITOR_AGENTS):
        message = f"gathers nothing until extensions has one of {' and '.join(MONITOR_AGENTS)}"
        yield Remark("integrations.insights", message)
    if not value_at(document, f"{LS}.managedServiceIdentities"):
        message = "gathers nothing until managedServiceIdentities names one for the agent"
        yield Remark("integrations.insights", message)
