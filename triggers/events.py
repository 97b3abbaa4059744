"""Event Grid: Azure's events about VMs, EventGrid and CloudEvents schema alike."""

from datetime import UTC
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from services.hearing import Event, notice_of
from triggers.heard import Services
from triggers.starter import DurableStarter


def events(services: Services) -> df.Blueprint:
    """Return the blueprint with the function that hears Azure's events."""
    blueprint = df.Blueprint()

    async def azure_events(event: func.EventGridEvent, client: Any) -> None:
        """Hear one event; an exception makes Event Grid deliver it again."""
        ready = await services()
        heard = read_event(event)
        if heard is None:
            return
        notice = notice_of(heard, ready.clock.now(), ready.our_client_id)
        if notice:
            await ready.evictions.hear(notice, DurableStarter(client))

    with_client = blueprint.durable_client_input(client_name="client")(azure_events)
    heard = blueprint.event_grid_trigger(arg_name="event")(with_client)
    blueprint.function_name("azure_events")(heard)
    return blueprint


def read_event(event: Any) -> Event | None:
    """Return the event in one shape; None if it lacks what every event has."""
    if isinstance(event, func.EventGridEvent):
        kind, moment, data = event.event_type, event.event_time, event.get_json()
    else:  # a CloudEvent
        kind, moment, data = event.type, event.time, event.data
    if not (event.id and kind and moment and isinstance(data, dict)):
        return None
    when = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Event(id=event.id, type=kind, subject=event.subject or "", time=when, data=data)
