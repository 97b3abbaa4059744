"""Azure's events as notices."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.hearing import OBJECT_ID, Event, notice_of
from shared.model.run import NoticeKind
from shared.policy.verdict import IDENTITY

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
VM = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/db"
HEALTH = "Microsoft.ResourceNotifications.HealthResources.ResourceAnnotated"
SCHEDULED = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted"


def event(kind: str, data: dict[str, Any], subject: str = VM) -> Event:
    return Event(id="e1", type=kind, subject=subject, time=NOW, data=data)


def annotated(name: str, **more: Any) -> Event:
    properties = {"targetResourceId": VM, "annotationName": name, **more}
    return event(HEALTH, {"resourceInfo": {"properties": properties}})


def action(operation: str, **more: Any) -> Event:
    kind = "Microsoft.Resources.ResourceActionSuccess"
    data = {
        "operationName": f"Microsoft.Compute/virtualMachines/{operation}",
        "resourceUri": VM,
        "claims": {"upn": "ada@example.com"},
        "httpRequest": {"clientRequestId": "c1"},
    }
    return event(kind, data | more)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("VirtualMachinePreempted", NoticeKind.EVICTED),
        ("virtualMachinePREEMPTED", NoticeKind.EVICTED),
        ("VirtualMachineDeallocationInitiated", NoticeKind.STOPPED_BY_USER),
        ("VirtualMachineStopInitiatedByControlPlane", NoticeKind.STOPPED_BY_USER),
        ("VirtualMachineStartInitiatedByControlPlane", NoticeKind.STARTED_BY_USER),
        ("VirtualMachineAllocated", NoticeKind.STARTED_BY_USER),
    ],
)
def test_an_annotation_says_what_happened_in_any_case_of_letters(
    name: str, kind: NoticeKind
) -> None:
    notice = notice_of(annotated(name, occurredTime="2030-01-01T11:00:00Z"), NOW)

    assert notice is not None
    assert (notice.kind, notice.vm_resource_id) == (kind, VM)
    assert notice.occurred_at == datetime(2030, 1, 1, 11, tzinfo=UTC)
    assert notice.heard_at == NOW
    assert notice.actor is None


def test_a_scheduled_preempt_is_a_coming_eviction_with_its_deadline() -> None:
    properties = {
        "EventType": "Preempt",
        "EventStatus": "Scheduled",
        "NotBefore": "Tue, 01 Jan 2030 12:00:30 GMT",
    }

    notice = notice_of(event(SCHEDULED, {"resourceInfo": {"properties": properties}}), NOW)

    assert notice is not None
    assert notice.kind is NoticeKind.EVICTION_COMING
    assert notice.deadline == datetime(2030, 1, 1, 12, 0, 30, tzinfo=UTC)


def test_a_persons_stop_carries_who_did_it() -> None:
    """S14, S16: who stopped the VM decides what the stop means."""
    notice = notice_of(action("deallocate/action"), NOW)

    assert notice is not None
    assert (notice.kind, notice.actor) == (NoticeKind.STOPPED_BY_USER, "ada@example.com")


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        pytest.param(
            {"upn": "ada@example.com", "name": "Ada", OBJECT_ID: "o1", "appid": "portal"},
            ["ada@example.com", "Ada", "o1"],
            id="a person, not the program used",
        ),
        pytest.param({"name": "Ada", "appid": "portal"}, ["Ada"], id="a guest without a upn"),
        pytest.param({"appid": "robot", OBJECT_ID: "o2"}, ["robot", "o2"], id="a program"),
        pytest.param({}, [], id="nobody"),
        pytest.param("text", [], id="not even an object"),
    ],
)
def test_all_that_names_the_actor_is_kept_and_the_best_name_shown(
    claims: Any, names: list[str]
) -> None:
    """S16: vmAdmins may list any of them."""
    notice = notice_of(action("deallocate/action", claims=claims), NOW)

    assert notice is not None
    assert notice.actor == (names[0] if names else None)
    assert notice.detail.get(IDENTITY, "").splitlines() == names


@pytest.mark.parametrize(
    "heard",
    [
        pytest.param(action("restart/action"), id="of no interest"),
        pytest.param(
            action("deallocate/action", httpRequest={"clientRequestId": "mooring/op/step"}),
            id="our own call, by its request id",
        ),
        pytest.param(
            action("deallocate/action", claims={"appid": "US"}), id="our own call, by our appid"
        ),
        pytest.param(annotated("VirtualMachineCrashed"), id="not about stopping"),
        pytest.param(event(HEALTH, {}), id="nothing in it"),
        pytest.param(event(HEALTH, {"resourceInfo": "text"}), id="not even an object"),
        pytest.param(event("Microsoft.Storage.BlobCreated", {}), id="of another kind"),
        pytest.param(
            event(SCHEDULED, {"resourceInfo": {"properties": {"EventType": "Reboot"}}}),
            id="a reboot",
        ),
        pytest.param(
            event("Microsoft.Resources.ResourceActionSuccess", {}, subject="/subscriptions/s"),
            id="about no VM",
        ),
    ],
)
def test_what_is_of_no_concern_is_no_notice(heard: Event) -> None:
    assert notice_of(heard, NOW, our_client_id="us") is None


def test_an_event_about_a_part_of_a_vm_is_about_the_vm() -> None:
    heard = action("delete", resourceUri=VM + "/extensions/x")

    notice = notice_of(heard, NOW)

    assert notice is not None
    assert notice.vm_resource_id == VM
