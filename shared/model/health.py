"""When a VM counts as unhealthy, and what is done then."""

from typing import Annotated, Literal

from pydantic import Field

from shared.model.fields import Flag, Part, Seconds

HealthCheck = Literal["vmState", "applicationGateway", "vmAgent"]


class Health(Part):
    """Health checks and auto healing."""

    health_check_types: tuple[HealthCheck, ...] | None = None
    grace_period_s: Annotated[Seconds, Field(ge=0)] | None = Field(
        default=None, alias="gracePeriod"
    )
    auto_healing: Flag | None = None
    unhealthy_duration_s: Annotated[Seconds, Field(ge=120)] | None = Field(
        default=None, alias="unhealthyDuration"
    )
