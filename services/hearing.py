"""What an Azure event says of a VM: from a payload to a notice, or to nothing.

Payloads: Azure docs, event-grid/event-schema-health-resources, scheduled-events-event-grid,
event-schema-subscriptions. Field values vary in case between samples; nothing here is compared
with case. What does not fit is ignored: events are hints, correctness never depends on one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from shared.model.run import Notice, NoticeKind
from shared.names import is_our_request
from shared.policy.verdict import IDENTITY

ANNOTATIONS: Final[Mapping[str, NoticeKind]] = {
    "virtualmachinepreempted": NoticeKind.EVICTED,
    "virtualmachinedeallocationinitiated": NoticeKind.STOPPED_BY_USER,
    "virtualmachinestopinitiatedbycontrolplane": NoticeKind.STOPPED_BY_USER,
    "virtualmachineallocated": NoticeKind.STARTED_BY_USER,
    "virtualmachinestartinitiatedbycontrolplane": NoticeKind.STARTED_BY_USER,
}
ACTIONS: Final[Mapping[str, NoticeKind]] = {
    "microsoft.compute/virtualmachines/deallocate/action": NoticeKind.STOPPED_BY_USER,
    "microsoft.compute/virtualmachines/poweroff/action": NoticeKind.STOPPED_BY_USER,
    "microsoft.compute/virtualmachines/start/action": NoticeKind.STARTED_BY_USER,
    "microsoft.compute/virtualmachines/delete": NoticeKind.DELETED_BY_USER,
    "microsoft.compute/virtualmachines/evictspotvm/action": NoticeKind.EVICTED,
}
SUCCESS: Final = (
    "microsoft.resources.resourceactionsuccess",
    "microsoft.resources.resourcedeletesuccess",
)
OBJECT_ID: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
VM_TYPE: Final = "/providers/microsoft.compute/virtualmachines/"
UNDER_WAY: Final = frozenset({"scheduled", "started"})


@dataclass(frozen=True)
class Event:
    """One event, whichever schema it came in."""

    id: str
    type: str
    subject: str
    time: datetime
    data: Mapping[str, Any]


def notice_of(event: Event, now: datetime, our_client_id: str = "") -> Notice | None:
    """Return the notice that an event is, or None: not about a VM, not of interest, or ours."""
    kind = event.type.casefold()
    if kind.endswith("healthresources.resourceannotated"):
        return _annotation(event, now)
    if kind.endswith("maintenanceresources.scheduledeventemitted"):
        return _scheduled(event, now)
    if kind in SUCCESS:
        return _action(event, now, our_client_id)
    return None


def _notice(event: Event, kind: NoticeKind, vm_id: str, now: datetime, **more: Any) -> Notice:
    return Notice(
        kind=kind,
        source="event_grid",
        vm_resource_id=vm_id,
        occurred_at=more.pop("occurred_at", None) or event.time,
        heard_at=now,
        event_id=event.id,
        **more,
    )


def _annotation(event: Event, now: datetime) -> Notice | None:
    properties = _dig(event.data, "resourceInfo", "properties")
    name = str(properties.get("annotationName", ""))
    kind = ANNOTATIONS.get(name.casefold())
    vm_id = _vm_id(str(properties.get("targetResourceId") or event.subject))
    if kind is None or vm_id is None:
        return None
    occurred = _moment(properties.get("occurredTime"))
    detail = {"annotation": name}
    return _notice(event, kind, vm_id, now, occurred_at=occurred, detail=detail)


def _scheduled(event: Event, now: datetime) -> Notice | None:
    properties = _dig(event.data, "resourceInfo", "properties")
    preempt = str(properties.get("EventType", "")).casefold() == "preempt"
    status = str(properties.get("EventStatus", "")).casefold()
    vm_id = _vm_id(event.subject)
    if not preempt or status not in UNDER_WAY or vm_id is None:
        return None
    deadline = _moment(properties.get("NotBefore"))
    return _notice(event, NoticeKind.EVICTION_COMING, vm_id, now, deadline=deadline)


def _action(event: Event, now: datetime, our_client_id: str) -> Notice | None:
    data = event.data
    kind = ACTIONS.get(str(data.get("operationName", "")).casefold())
    vm_id = _vm_id(str(data.get("resourceUri") or event.subject))
    claims = _dig(data, "claims")
    ours = is_our_request(str(_dig(data, "httpRequest").get("clientRequestId", "")))
    ours = ours or (bool(our_client_id) and _same(claims.get("appid"), our_client_id))
    if kind is None or vm_id is None or ours:
        return None
    who = _identity(claims)
    detail = {IDENTITY: "\n".join(who)} if who else {}
    return _notice(event, kind, vm_id, now, actor=who[0] if who else None, detail=detail)


def _identity(claims: Mapping[str, Any]) -> list[str]:
    """Return all that names who did it, the best name first: a person, or else a program.

    A person's token names the program he used as well: that is not him.
    """
    person = [claims[name] for name in ("upn", "name") if claims.get(name)]
    texts = [*(person or [claims.get("appid")]), claims.get(OBJECT_ID)]
    return list(dict.fromkeys(str(text) for text in texts if text))


def _same(one: object, other: str) -> bool:
    return str(one).casefold() == other.casefold()


def _dig(data: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    here: Any = data
    for name in path:
        here = here.get(name) if isinstance(here, Mapping) else None
    return here if isinstance(here, Mapping) else {}


def _vm_id(resource_id: str) -> str | None:
    """Return the VM named in an id, without what may follow it; None if it names no VM."""
    at = resource_id.casefold().find(VM_TYPE)
    if at < 0:
        return None
    name = resource_id[at + len(VM_TYPE) :].split("/", maxsplit=1)[0]
    return resource_id[: at + len(VM_TYPE)] + name if name else None


def _moment(text: Any) -> datetime | None:
    """Read a time: ISO 8601, or RFC 1123 as Scheduled Events write it; None if it is neither."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(str(text))
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
