"""History events as the Durable SDK reads them, and the text form of moments."""

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

Event = dict[str, Any]


class EventType(IntEnum):
    """The numbers of the durable extension's history events."""

    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_FAILED = 2
    EXECUTION_TERMINATED = 3
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    CHILD_CREATED = 7
    CHILD_COMPLETED = 8
    CHILD_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    ORCHESTRATOR_STARTED = 12
    ORCHESTRATOR_COMPLETED = 13
    EVENT_SENT = 14
    EVENT_RAISED = 15
    CONTINUE_AS_NEW = 16
    GENERIC = 17
    SUSPENDED = 19
    RESUMED = 20


WIRE_NAMES = {
    EventType.CHILD_CREATED: "SubOrchestrationInstanceCreated",
    EventType.CHILD_COMPLETED: "SubOrchestrationInstanceCompleted",
    EventType.CHILD_FAILED: "SubOrchestrationInstanceFailed",
    EventType.GENERIC: "GenericEvent",
    EventType.SUSPENDED: "ExecutionSuspended",
    EventType.RESUMED: "ExecutionResumed",
}

SCHEDULED = frozenset(
    {
        EventType.TASK_SCHEDULED,
        EventType.CHILD_CREATED,
        EventType.TIMER_CREATED,
        EventType.EVENT_SENT,
    }
)
"""Events whose `EventId` is a task id."""


def wire_name(event_type: int) -> str:
    """Return the extension's own name of an event type."""
    known = EventType(event_type)
    return WIRE_NAMES.get(known) or known.name.title().replace("_", "")


def stamp(moment: datetime) -> str:
    """Write a moment to the microsecond, in UTC, with a literal Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def moment(text: str) -> datetime:
    """Read what `stamp` writes, and any other ISO 8601 moment; without a zone it is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def event(event_type: EventType, when: str, event_id: int = -1, **fields: Any) -> Event:
    """Return one history event."""
    return {
        "EventType": int(event_type),
        "EventId": event_id,
        "IsPlayed": False,
        "Timestamp": when,
        **fields,
    }


def completed_task(body: Event) -> int | None:
    """Return the task id that this event completes, if it completes one."""
    match body["EventType"]:
        case EventType.TASK_COMPLETED | EventType.TASK_FAILED:
            return int(body["TaskScheduledId"])
        case EventType.CHILD_COMPLETED | EventType.CHILD_FAILED:
            return int(body["TaskScheduledId"])
        case EventType.TIMER_FIRED:
            return int(body["TimerId"])
    return None
