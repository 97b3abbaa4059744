"""The courier: carries events to their subscribers, at least once, on simulated time.

Source: Azure docs, event-grid/delivery-and-retry and end-point-validation.
"""

import asyncio
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final, Protocol

import aiohttp

from local.arm.chronicle import Told
from local.arm.events import DELIVERIES, SUBSCRIBERS
from local.arm.wire import Json
from local.arm.world import World, effect, stamp

RETRY_S: Final = (10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200)
"""Waits between tries; the last one repeats."""
LEAST_WAIT_S: Final = {400: 300, 401: 300, 403: 300, 404: 300, 408: 120, 413: 10, 503: 30}
"""Shortest wait after these answers; after others 10 s."""
TRIES: Final = 30
TIME_TO_LIVE_S: Final = 86_400
ANSWER_TIMEOUT_S: Final = 30
"""Wall seconds: the subscriber works on the wall's time, whatever the simulated speed."""
AT_ONCE: Final = 32
ORIGIN: Final = "eventgrid.azure.net"
VALIDATED: Final = 200


class Post(Protocol):
    """Sends one HTTP request; returns status and body, status 0 if no answer came."""

    async def __call__(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Send it."""
        ...


@effect("event.due")
def due(world: World, args: Json) -> None:
    """Hand a delivery to the courier."""
    world.outbox.append(args["delivery"])


class Courier:
    """Takes deliveries from the world's outbox until it is stopped."""

    def __init__(self, world: World, post: Post) -> None:
        self.world = world
        self._post = post
        self._under_way: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(AT_ONCE)

    def carry(self) -> None:
        """Set out with everything in the outbox."""
        waiting, self.world.outbox = self.world.outbox, []
        for delivery_id in waiting:
            task = asyncio.create_task(self._deliver(delivery_id), name=f"event-{delivery_id}")
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    def recover(self) -> None:
        """Put deliveries that were under way when the process died back into the outbox."""
        planned = {d.args.get("delivery") for d in self.world.agenda if d.effect == "event.due"}
        entries = self.world.shelf(DELIVERIES).entries
        self.world.outbox = [one for one in sorted(entries) if one not in planned]

    async def stop(self) -> None:
        """Give up what is under way; it is delivered after the next start."""
        for task in list(self._under_way):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _deliver(self, delivery_id: str) -> None:
        world = self.world
        delivery = world.shelf(DELIVERIES).get(delivery_id)
        if delivery is None:
            return
        subscriber = world.shelf(SUBSCRIBERS).get(delivery["subscriber"])
        if subscriber is None:
            world.shelf(DELIVERIES).drop(delivery_id)
            return
        headers, body = render(delivery, subscriber)
        async with self._room:
            status, _, _ = await self._post("POST", subscriber["endpoint"], headers, body)
        world.settle()
        _answered(world, delivery_id, status)
        world.commit()


def _answered(world: World, delivery_id: str, status: int) -> None:
    shelf = world.shelf(DELIVERIES)
    delivery = shelf.get(delivery_id)
    if delivery is None:
        return
    name = delivery["subscriber"]
    world.deliveries[f"{name} {status or 'no answer'}"] += 1
    if status in (200, 201, 202, 203, 204):
        world.chronicle.note(Told(world.now, name, delivery["event"]))
        shelf.drop(delivery_id)
        return
    attempt = delivery["attempt"] + 1
    age = world.now - datetime.fromisoformat(delivery["laid"])
    if attempt >= TRIES or age > timedelta(seconds=TIME_TO_LIVE_S):
        world.deliveries[f"{name} given up"] += 1
        shelf.drop(delivery_id)
        return
    shelf.put(delivery_id, {**delivery, "attempt": attempt})
    wait_s = max(RETRY_S[min(attempt - 1, len(RETRY_S) - 1)], LEAST_WAIT_S.get(status, 10))
    world.plan(wait_s, "event.due", {"delivery": delivery_id})


def render(delivery: Json, subscriber: Json) -> tuple[dict[str, str], bytes]:
    """Return headers and body of one delivery: one event, in the subscriber's schema."""
    event = delivery["event"]
    headers = {
        "aeg-subscription-name": delivery["subscriber"].upper(),
        "aeg-delivery-count": str(delivery["attempt"]),
        "aeg-event-type": "Notification",
    }
    if subscriber.get("schema", "eventgrid") == "cloudevents":
        headers["Content-Type"] = "application/cloudevents+json; charset=utf-8"
        return headers, json.dumps(cloud_event(event)).encode()
    headers["Content-Type"] = "application/json; charset=utf-8"
    return headers, json.dumps([event]).encode()


def cloud_event(event: Json) -> Json:
    """Return an event in the CloudEvents 1.0 schema."""
    return {
        "id": event["id"],
        "source": event["topic"],
        "subject": event["subject"],
        "type": event["eventType"],
        "time": event["eventTime"],
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "data": event["data"],
    }


async def shake_hands(world: World, subscriber: Json, post: Post) -> str | None:
    """Ask an endpoint whether it wants events; return None if it does, else what it said."""
    if subscriber.get("schema", "eventgrid") == "cloudevents":
        headers = {"WebHook-Request-Origin": ORIGIN}
        status, told, _ = await post("OPTIONS", subscriber["endpoint"], headers, b"")
        allowed = {name.lower(): value for name, value in told.items()}
        if status == VALIDATED and allowed.get("webhook-allowed-origin") in ("*", ORIGIN):
            return None
        return f"OPTIONS was answered {status} without WebHook-Allowed-Origin: {ORIGIN} or *"
    code = world.new_uuid()
    event = {
        "id": world.new_uuid(),
        "topic": subscriber.get("topic", ""),
        "subject": "",
        "eventType": "Microsoft.EventGrid.SubscriptionValidationEvent",
        "eventTime": stamp(world.now).replace("+00:00", "Z"),
        "metadataVersion": "1",
        "dataVersion": "2",
        "data": {"validationCode": code, "validationUrl": ""},
    }
    headers = {"aeg-event-type": "SubscriptionValidation", "Content-Type": "application/json"}
    body = json.dumps([event]).encode()
    status, _, answer = await post("POST", subscriber["endpoint"], headers, body)
    with suppress(ValueError):
        if status == VALIDATED and json.loads(answer).get("validationResponse") == code:
            return None
    return f"the validation event was answered {status} without the validationResponse"


class HttpPost:
    """Sends over HTTP, with one session for all."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __call__(
        self, method: str, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Send; status 0 if there was no answer in time."""
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=ANSWER_TIMEOUT_S)
            self._session = aiohttp.ClientSession(timeout=timeout)
        try:
            async with self._session.request(method, url, headers=headers, data=body) as answer:
                return answer.status, dict(answer.headers), await answer.read()
        except (aiohttp.ClientError, TimeoutError):
            return 0, {}, b""

    async def close(self) -> None:
        """Close the session."""
        if self._session:
            await self._session.close()
