"""Event Grid: handshake, what is told, and deliveries that go wrong on demand."""

from tests.arm.machines import VM, Json, act, from_image, want, world
from tests.arm.subscriber import Subscriber, listening, until
from tests.simulator import Azure

HEALTH = "Microsoft.ResourceNotifications.HealthResources."
ANNOTATED = HEALTH + "ResourceAnnotated"
EMITTED = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted"


async def subscribe(azure: Azure, subscriber: Subscriber, **more: object) -> None:
    await want(azure, "PUT", "/subscribers/test", {"endpoint": subscriber.url, **more})


async def evict(azure: Azure) -> None:
    await azure.put(VM, from_image())
    await azure.arm("POST", f"{VM}/simulateEviction")


async def test_an_endpoint_that_fails_the_handshake_is_not_subscribed() -> None:
    async with world() as azure, listening() as subscriber:
        subscriber.refuses = True
        for schema in ("eventgrid", "cloudevents"):
            body = {"endpoint": subscriber.url, "schema": schema}

            status, answer, _ = await azure.send("PUT", "/_world/subscribers/test", body)

            assert status == 409
            assert "handshake failed" in answer["error"]


async def test_an_eviction_is_annotated_as_preempted_and_a_stop_as_customer_initiated() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[ANNOTATED])
        await evict(azure)
        await until(azure, lambda: "VirtualMachinePreempted" in subscriber.names())
        preempted = next(
            one
            for one in subscriber.heard
            if one["data"]["resourceInfo"]["properties"]["annotationName"]
            == "VirtualMachinePreempted"
        )
        await azure.world.clock.sleep(80)
        await act(azure, "start")
        await act(azure, "deallocate")
        stopped = "VirtualMachineDeallocationInitiated"
        await until(azure, lambda: stopped in subscriber.names())

        told = preempted["data"]["resourceInfo"]["properties"]
        assert preempted["subject"] == VM
        assert told["targetResourceId"] == VM
        assert (told["context"], told["category"]) == ("Platform Initiated", "Unplanned")
        assert subscriber.names().count("VirtualMachinePreempted") == 1
        assert subscriber.headers[0]["aeg-event-type"] == "Notification"


async def test_cloud_events_tell_the_same_in_their_own_words() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[ANNOTATED], schema="cloudevents")
        await azure.put(VM, from_image())
        await until(azure, lambda: subscriber.heard)

        event = subscriber.heard[0]
        assert (event["specversion"], event["type"]) == ("1.0", ANNOTATED)
        assert event["source"].startswith("/subscriptions/")
        assert event["subject"] == VM


async def test_availability_is_told_when_it_changes() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[HEALTH + "AvailabilityStatusChanged"])
        await evict(azure)
        await until(azure, lambda: len(subscriber.heard) >= 2)

        told = [one["data"]["resourceInfo"]["properties"] for one in subscriber.heard]
        pairs = [(one["previousAvailabilityState"], one["availabilityState"]) for one in told]
        assert pairs == [("Unknown", "Available"), ("Available", "Unavailable")]


async def test_scheduled_events_are_published_for_a_vm_that_opts_in() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[EMITTED])
        targets = {"eventGridAndResourceGraph": {"enable": True}}
        policy = {"scheduledEventsAdditionalPublishingTargets": targets}
        await azure.put(VM, from_image(scheduledEventsPolicy=policy))
        await azure.arm("POST", f"{VM}/simulateEviction")
        await until(azure, lambda: len(subscriber.heard) >= 2)

        told = [one["data"]["resourceInfo"]["properties"] for one in subscriber.heard]
        assert [one["EventStatus"] for one in told] == ["Scheduled", "Started"]
        assert {one["EventType"] for one in told} == {"Preempt"}
        assert subscriber.heard[0]["subject"].endswith("/virtualMachines/vm1")


async def test_without_opting_in_nothing_tells_of_an_eviction_ahead() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[EMITTED])
        await evict(azure)
        await azure.world.clock.sleep(100)

        assert subscriber.heard == []


async def test_writes_are_told_with_the_claims_of_their_caller() -> None:
    async with world() as azure, listening() as subscriber:
        prefix = "Microsoft.Resources.Resource"
        types = [f"{prefix}{kind}Success" for kind in ("Write", "Delete", "Action")]
        await subscribe(azure, subscriber, eventTypes=types)
        await want(azure, "PUT", "/callers/person", {"upn": "ada@example.org", "name": "Ada"})
        await azure.put(VM, from_image())
        path = f"{VM}/deallocate"
        headers = {"Authorization": "Bearer person", "x-ms-client-request-id": "mine"}
        await azure.send("POST", path + "?api-version=2026-04-01", None, headers)

        def stopped() -> list[Json]:
            wanted = "Microsoft.Compute/virtualMachines/deallocate/action"
            return [one for one in subscriber.heard if one["data"]["operationName"] == wanted]

        await until(azure, stopped)
        by_person = stopped()[0]["data"]
        written = next(one for one in subscriber.heard if one["subject"] == VM)
        assert by_person["claims"]["upn"] == "ada@example.org"
        assert by_person["httpRequest"]["clientRequestId"] == "mine"
        assert by_person["resourceUri"] == VM
        assert by_person["status"] == "Succeeded"
        assert "appid" in written["data"]["claims"]
        assert "upn" not in written["data"]["claims"]


async def test_a_failed_operation_is_told_as_a_failure() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=["Microsoft.Resources.ResourceWriteFailure"])
        rule = {"room": 0, "when": "completion"}
        await want(azure, "PUT", "/capacity", {"rules": [rule]})
        await azure.arm("PUT", VM, from_image())
        await until(azure, lambda: subscriber.heard)

        assert subscriber.heard[0]["data"]["status"] == "Failed"


async def test_an_unanswered_event_comes_again_by_the_schedule() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[ANNOTATED])
        subscriber.answers = [500, 503]
        await want(azure, "PUT", "/events", {"delay_s": [0, 0]})
        await azure.arm("PUT", VM, from_image())
        begun = azure.world.clock.now()
        await until(azure, lambda: len(subscriber.heard) >= 3)
        took = (azure.world.clock.now() - begun).total_seconds()

        assert len({one["id"] for one in subscriber.heard}) == 1
        assert [one["aeg-delivery-count"] for one in subscriber.headers] == ["0", "1", "2"]
        assert took >= 40  # 10 s after the first try, 30 s after the second


async def test_a_refusal_for_good_waits_five_minutes() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[ANNOTATED])
        subscriber.answers = [404]
        await azure.arm("PUT", VM, from_image())
        await until(azure, lambda: subscriber.heard)
        await azure.world.clock.sleep(200)
        early = len(subscriber.heard)
        await until(azure, lambda: len(subscriber.heard) == 2)

        assert early == 1


async def test_events_are_lost_doubled_and_delayed_on_demand() -> None:
    async with world() as azure, listening() as subscriber:
        await subscribe(azure, subscriber, eventTypes=[ANNOTATED])
        await want(azure, "PUT", "/events", {"loss": 1.0})
        await azure.put(VM, from_image())
        lost = list(subscriber.heard)
        await want(azure, "PUT", "/events", {"duplicate": 1.0})
        await act(azure, "deallocate")
        await until(azure, lambda: len(subscriber.heard) == 2)
        doubled = {one["id"] for one in subscriber.heard}
        await want(azure, "PUT", "/events", {"delay_s": [600, 600]})
        await act(azure, "start")
        waiting = (await want(azure, "GET", "/events"))["waiting"]

        assert lost == []
        assert len(doubled) == 1
        assert len(waiting) == 1
        assert len(subscriber.heard) == 2


async def test_an_endpoint_that_is_gone_does_no_harm() -> None:
    async with world() as azure:
        async with listening() as subscriber:
            await subscribe(azure, subscriber)
        await azure.put(VM, from_image())
        await azure.world.clock.sleep(20)

        told = await want(azure, "GET", "/events")
        assert told["answered"]["test no answer"] > 0
        await azure.send("DELETE", "/_world/subscribers/test")
