"""The SDK's clients over the in-process transport, and each thing that may befall a request."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)
from azure.mgmt.compute import models as m
from azure.mgmt.compute.aio import ComputeManagementClient

from local.arm.app import Simulator
from local.arm.chronicle import Asked
from local.arm.persistence import NoJournal
from local.arm.world import World
from local.clock import VirtualClock
from local.credential import factory
from local.worlds.faults import (
    Call,
    FailedAtEnd,
    Fault,
    LostReply,
    LostRequest,
    Refused,
    Reset,
    Slow,
    Stale,
)
from local.worlds.ground import GROUP, REGION, SUBSCRIPTION, Azure
from local.worlds.logbook import Logbook
from local.worlds.loop import in_virtual_time
from local.worlds.transport import InProcessTransport
from local.worlds.wire import Wire

DISK = f"{GROUP}/providers/Microsoft.Compute/disks/d1"


class Line:
    """A compute client over a wire to a simulator; `fault` befalls each PUT, or each `method`."""

    def __init__(self, fault: Fault | None = None, method: str = "PUT") -> None:
        loop = asyncio.get_running_loop()
        self.log = Logbook(loop.time)
        self.world = World(VirtualClock(), 1, NoJournal())
        self.simulator = Simulator(self.world)
        self.fault, self.method = fault, method
        self.calls: list[Call] = []
        dice = Random(1)  # noqa: S311 - repeatable
        latency_s = (0.01, 0.02)
        self.wire = Wire(self.simulator, self.log, dice, latency_s, _no_kill, self._hook)
        self.compute = ComputeManagementClient(
            factory(), SUBSCRIPTION, transport=InProcessTransport(self.wire.send), retry_total=0
        )

    def _hook(self, call: Call) -> Fault | None:
        self.calls.append(call)
        struck = call.method == self.method and call.resource == DISK
        return self.fault if struck else None

    async def put(self, size_gib: int = 4, **options: Any) -> m.Disk:
        properties = m.DiskProperties(
            creation_data=m.CreationData(create_option="Empty"), disk_size_gb=size_gib
        )
        disk = m.Disk(location=REGION, properties=properties)
        poller = await self.compute.disks.begin_create_or_update(
            "mooring-demo", "d1", disk, polling_interval=0.1, **options
        )
        return await poller.result()

    async def get(self) -> m.Disk:
        return await self.compute.disks.get("mooring-demo", "d1")

    @property
    def exists(self) -> bool:
        return self.world.find(DISK) is not None


async def _no_kill(_fault: object) -> None:
    raise AssertionError("nobody is killed here")


def along(story: Callable[[Line], Awaitable[Any]], *fault: Any) -> Any:
    """Tell a story of one line; return what it returns."""

    async def main() -> Any:
        line = Line(*fault)
        await line.simulator.start()
        await Azure(line.simulator).ask("PUT", GROUP, {"location": REGION})
        try:
            return await story(line)
        finally:
            await line.simulator.stop()

    return in_virtual_time(main())


def test_the_real_client_makes_a_disk_and_follows_the_operation() -> None:
    async def story(line: Line) -> tuple[Any, ...]:
        made = await line.put()
        read = await line.get()
        return made.disk_size_gb, read.provisioning_state, line.calls, str(line.log.entries[0])

    size, state, calls, first = along(story)

    assert (size, state) == (4, "Succeeded")
    assert [call.count for call in calls] == [*range(1, len(calls) + 1)]
    assert calls[0].operation == "Microsoft.Compute/disks/write"
    assert calls[0].resource == DISK
    assert " arm PUT /subscriptions/" in first
    assert " #1 -> 202 " in first


def test_a_refused_request_has_no_effect_and_says_when_to_come_again() -> None:
    async def story(line: Line) -> tuple[Any, ...]:
        with pytest.raises(HttpResponseError) as caught:
            await line.put()
        response: Any = caught.value.response
        return caught.value.status_code, response.headers["Retry-After"], line.exists

    refused = Refused(429, "TooManyRequests", "too many", retry_after_s=17)

    assert along(story, refused) == (429, "17", False)


@pytest.mark.parametrize(
    ("fault", "error", "had_effect"),
    [
        (LostRequest(), ServiceRequestError, False),
        (Reset(), ServiceResponseError, False),
        (LostReply(), ServiceResponseError, True),
    ],
    ids=["lost before", "reset", "lost after"],
)
def test_a_broken_connection_tells_the_client_what_a_real_one_would(
    fault: Fault,
    error: type[Exception],
    had_effect: bool,  # noqa: FBT001 - a column of the table
) -> None:
    async def story(line: Line) -> bool:
        with pytest.raises(error):
            await line.put()
        return line.exists

    assert along(story, fault) is had_effect


def test_an_operation_that_is_doomed_is_accepted_and_fails_at_its_end() -> None:
    async def story(line: Line) -> tuple[Any, ...]:
        with pytest.raises(HttpResponseError) as caught:
            await line.put()
        line.fault = None
        again = await line.put()
        error: Any = caught.value.error
        return error.code, again.provisioning_state

    assert along(story, FailedAtEnd("DiskFull", "no")) == ("DiskFull", "Succeeded")


def test_a_slow_request_arrives_late_and_is_answered() -> None:
    async def story(line: Line) -> tuple[bool, float]:
        await line.put()
        return line.exists, line.log.now()

    existed, took_s = along(story, Slow(40.0))

    assert existed
    assert 40.0 < took_s < 50.0


def test_a_request_slower_than_the_client_is_patient_has_its_effect_unseen() -> None:
    async def story(line: Line) -> tuple[bool, float, bool, str]:
        with pytest.raises(ServiceResponseTimeoutError):
            await line.put(read_timeout=10)
        at_once, gave_up_at_s = line.exists, line.log.now()
        await asyncio.sleep(40)
        return at_once, gave_up_at_s, line.exists, line.log.entries[-1].kind

    assert along(story, Slow(30.0)) == (False, 10.0, True, "late")


def test_of_a_request_that_was_long_under_way_the_chronicle_tells_when_it_set_out() -> None:
    async def story(line: Line) -> tuple[float, bool]:
        with pytest.raises(ServiceResponseTimeoutError):
            await line.put(read_timeout=10)
        await asyncio.sleep(40)
        line.fault = None
        await line.put()
        heard = [one for _, one in line.world.chronicle.since(0, 100) if isinstance(one, Asked)]
        late, usual = (one for one in heard if one.resource == DISK.lower())
        return (late.at - late.sent).total_seconds() if late.sent else 0.0, usual.sent is None

    took_s, undated = along(story, Slow(30.0))

    assert 30.0 <= took_s <= 31.0
    assert undated


def test_a_stale_read_shows_what_the_last_one_showed() -> None:
    async def story(line: Line) -> list[int | None]:
        await line.put(4)
        seen = [(await line.get()).disk_size_gb]
        await Azure(line.simulator).ask("PUT", DISK, _disk(8))
        await asyncio.sleep(5)
        line.fault = Stale(age_s=60)
        seen.append((await line.get()).disk_size_gb)
        await asyncio.sleep(120)
        seen.append((await line.get()).disk_size_gb)
        return seen

    assert along(story, None, "GET") == [4, 4, 8]


def _disk(size_gib: int) -> dict[str, Any]:
    properties = {"creationData": {"createOption": "Empty"}, "diskSizeGB": size_gib}
    return {"location": REGION, "properties": properties}
