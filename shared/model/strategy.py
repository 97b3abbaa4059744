"""When a node runs on Spot and when on-demand, and what is granted to it before it ends."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, Strict

from shared.model.fields import (
    Flag,
    Part,
    ResourceGroupName,
    ResourceName,
    Seconds,
    Whole,
    Word,
)

DRAINING_TIMEOUT_S: Final = 120
"""Default of the published API; written into the document."""
SIGNAL_TIMEOUT_S: Final = 1_800
"""Default of the published API; written into the document."""
DAYS: Final = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")

_EDGE = rf"({'|'.join(DAYS)}):([01]\d|2[0-3]):([0-5]\d)"
_WINDOW = re.compile(rf"{_EDGE}-{_EDGE}")


def _window(value: str) -> str:
    found = _WINDOW.fullmatch(value)
    if found is None:
        raise ValueError("must be ddd:hh:mm-ddd:hh:mm in UTC, such as Mon:09:00-Mon:17:30")
    if found.groups()[:3] == found.groups()[3:]:
        raise ValueError("must not begin and end at the same minute")
    return value


Window = Annotated[str, Strict(), AfterValidator(_window)]
"""One continuous span of the week, UTC; it may wrap (Sun:23:00-Mon:02:30)."""


class RevertToSpot(Part):
    """When a node on on-demand goes back to Spot."""

    perform_at: Literal["timeWindow", "never", "always"]


class Signal(Part):
    """A word from inside the VM that is waited for, and how long."""

    type: Literal["vmReady", "vmReadyToShutdown"]
    timeout_s: Annotated[Seconds, Field(ge=1)] = Field(default=SIGNAL_TIMEOUT_S, alias="timeout")


class CapacityReservationGroup(Part):
    """A capacity reservation group that exists in Azure."""

    name: ResourceName
    resource_group_name: ResourceGroupName
    should_prioritize: Flag | None = None


class CapacityReservation(Part):
    """Reserved capacity, used before Spot or in place of on-demand."""

    should_utilize: Flag
    utilization_strategy: Literal["utilizeOverSpot", "utilizeOverOD"]
    capacity_reservation_groups: tuple[CapacityReservationGroup, ...] | None = None
    """None: any matching reservation of the subscription."""


class InterruptionToleration(Part):
    """After too many interruptions the node rests on on-demand for a while."""

    is_enabled: Flag | None = None
    threshold: Annotated[Whole, Field(ge=3)] | None = None
    """Interruptions within the evaluation period."""
    evaluation_period_min: Annotated[Whole, Field(ge=30, le=1_440)] | None = Field(
        default=None, alias="evaluationPeriod"
    )
    cooldown_min: Annotated[Whole, Field(ge=120, le=10_080)] | None = Field(
        default=None, alias="cooldown"
    )


class Strategy(Part):
    """How the node's VM is bought."""

    fallback_to_od: Flag
    preferred_lifecycle: Literal["od", "spot"] | None = None
    """None means spot."""
    draining_timeout_s: Annotated[Seconds, Field(ge=1)] = Field(
        default=DRAINING_TIMEOUT_S, alias="drainingTimeout"
    )
    revert_to_spot: RevertToSpot = RevertToSpot(perform_at="always")
    optimization_windows: tuple[Window, ...] | None = None
    od_windows: tuple[Window, ...] | None = None
    signals: tuple[Signal, ...] | None = None
    availability_vs_cost: Annotated[Whole, Field(ge=0, le=100)] | None = None
    """0 is all for cost, 100 all for availability."""
    capacity_reservation: CapacityReservation | None = None
    vm_admins: tuple[Word, ...] | None = None
    """Who may stop the VM in Azure: None means everybody, empty means nobody."""
    interruption_toleration: InterruptionToleration | None = None
    should_utilize_commitments: Flag | None = None
