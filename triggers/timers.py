"""Timers: the tick over the due index, and the look at the fleet, once a minute each."""

from typing import Any

import azure.durable_functions as df
import azure.functions as func

from triggers.heard import Services
from triggers.starter import DurableStarter

EVERY_MINUTE = "0 * * * * *"
HALF_PAST_EVERY_MINUTE = "30 * * * * *"


def timers(services: Services) -> df.Blueprint:
    """Return the blueprint with the timers."""
    blueprint = df.Blueprint()

    async def tick(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the binding
        """Do what is due."""
        await (await services()).tick.run(DurableStarter(client))

    async def fleet(timer: func.TimerRequest, client: Any) -> None:  # noqa: ARG001 - the binding
        """Look at every VM."""
        await (await services()).fleet.look(DurableStarter(client))

    for run, schedule in ((tick, EVERY_MINUTE), (fleet, HALF_PAST_EVERY_MINUTE)):
        with_client = blueprint.durable_client_input(client_name="client")(run)
        timed = blueprint.timer_trigger(arg_name="timer", schedule=schedule)(with_client)
        blueprint.function_name(run.__name__)(timed)
    return blueprint
