"""Hears Azure's own account through Event Grid: when what happened, to the microsecond.

A look at the VMs ten times a second would say less, and would slow down what is measured.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from aiohttp import web

from local.stack.http import Web
from tests.worlds.stack import free_ports

HEALTH = "Microsoft.ResourceNotifications.HealthResources."


class Recorder:
    """Everything that happened in the simulated Azure since it subscribed."""

    def __init__(self) -> None:
        self.preempted: dict[str, list[datetime]] = {}
        """When the platform began to take a VM, by lower-case id."""
        self.down: dict[str, list[datetime]] = {}
        """When a VM became deallocated or stopped."""
        self.ended: list[tuple[datetime, str, str, str]] = []
        """Writes that came to their end: when, operation, lower-case resource, request id."""

    def hear(self, event: dict[str, Any]) -> None:
        """Take one event in."""
        at = datetime.fromisoformat(event["eventTime"])
        kind, subject, data = event["eventType"], event["subject"].lower(), event["data"]
        if kind.startswith("Microsoft.Resources.Resource"):
            request_id = data["httpRequest"]["clientRequestId"]
            self.ended.append((at, data["operationName"], subject, request_id))
            return
        if not kind.startswith(HEALTH):
            return
        told = data["resourceInfo"]["properties"]
        if told.get("annotationName") == "VirtualMachinePreempted":
            self.preempted.setdefault(subject, []).append(at)
        if told.get("availabilityState") == "Unavailable":
            self.down.setdefault(subject, []).append(at)

    def down_since(self, vm_id: str, since: datetime) -> datetime:
        """Return when a VM first went down after `since`; KeyError if it did not."""
        return _first(self.down, vm_id, since)

    def taken_since(self, vm_id: str, since: datetime) -> datetime:
        """Return when the platform first began to take a VM after `since`."""
        return _first(self.preempted, vm_id, since)


def _first(moments: dict[str, list[datetime]], vm_id: str, since: datetime) -> datetime:
    later = [at for at in moments.get(vm_id.lower(), []) if at >= since]
    if not later:
        raise KeyError(vm_id)
    return min(later)


@asynccontextmanager
async def recording(arm: Web) -> AsyncIterator[Recorder]:
    """Subscribe a recorder to the simulated Azure's events for a while."""
    recorder = Recorder()

    async def receive(request: web.Request) -> web.Response:
        events = await request.json()
        if request.headers.get("aeg-event-type") == "SubscriptionValidation":
            code = events[0]["data"]["validationCode"]
            return web.json_response({"validationResponse": code})
        for event in events:
            recorder.hear(event)
        return web.Response()

    app = web.Application()
    app.router.add_post("/events", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    (port,) = free_ports(1)
    await web.TCPSite(runner, "127.0.0.1", port).start()
    endpoint = {"endpoint": f"http://127.0.0.1:{port}/events"}
    try:
        await arm.want("PUT", "/_world/subscribers/bench", endpoint)
        yield recorder
        await arm.want("DELETE", "/_world/subscribers/bench")
    finally:
        await runner.cleanup()
