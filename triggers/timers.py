"""Timers: the tick over the due index and the look at the fleet each minute; forgetting, slowly."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import azure.durable_functions as df
import azure.functions as func

from triggers.heard import Services
from triggers.starter import DurableStarter

EVERY_MINUTE = "0 * * * * *"
HALF_PAST_EVERY_MINUTE = "30 * * * * *"
EVERY_TEN_MINUTES = "15 */10 * * * *"
ONCE_A_DAY = "0 17 3 * * *"
"""03:17 UTC: beside the hour, at which everybody's daily work begins."""
HISTORIES_KEPT: Final = timedelta(days=30)
"""How long the history of an operation that ended is kept, from its beginning: a month to look into
what happened. Operations last minutes, their waits are due rows; so those that run are never near.
"""
ENDED: Final = (
    df.OrchestrationRuntimeStatus.Completed,
    df.OrchestrationRuntimeStatus.Failed,
    df.OrchestrationRuntimeStatus.Terminated,
    df.OrchestrationRuntimeStatus.Canceled,
)
_EVER: Final = datetime(2020, 1, 1, tzinfo=UTC)
"""Before the first operation there was: a day on which no sweep ran is made up for."""

_log = logging.getLogger(__name__)


def timers(services: Services) -> df.Blueprint:
    """Return the blueprint with the timers."""
    blueprint = df.Blueprint()

    async def tick(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the binding
        """Do what is due."""
        await (await services()).tick.run(DurableStarter(client))

    async def fleet(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the binding
        """Look at every VM."""
        await (await services()).fleet.look(DurableStarter(client))

    async def retain(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the binding
        """Delete rows that were kept long enough."""
        await (await services()).retention.purge()

    async def sweep(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the binding
        """Forget the histories of old operations."""
        await forget_histories(client, (await services()).clock.now())

    for run, schedule in (
        (tick, EVERY_MINUTE),
        (fleet, HALF_PAST_EVERY_MINUTE),
        (retain, EVERY_TEN_MINUTES),
        (sweep, ONCE_A_DAY),
    ):
        with_client = blueprint.durable_client_input(client_name="client")(run)
        timed = blueprint.timer_trigger(arg_name="timer", schedule=schedule)(with_client)
        blueprint.function_name(run.__name__)(timed)
    return blueprint


async def forget_histories(client: df.DurableOrchestrationClient, now: datetime) -> int:
    """Purge the histories of operations that ended and began too long ago; return how many.

    Safe to repeat: what is purged is not found again, and what a call cut short left over is found
    the next day. An id whose history is gone still cannot run again: its claim is refused.
    """
    gone = await client.purge_instance_history_by(
        created_time_from=_EVER,
        created_time_to=now.astimezone(UTC) - HISTORIES_KEPT,
        runtime_status=[*ENDED],
    )
    _log.info("histories.forgotten", extra={"count": gone.instances_deleted})
    return int(gone.instances_deleted)
