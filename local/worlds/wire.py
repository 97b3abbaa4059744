"""The way from the product to the simulated Azure: latency, faults, a line for each exchange."""

import asyncio
import contextlib
import json
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import format_datetime
from random import Random
from typing import Final
from urllib.parse import urlsplit

from azure.core.exceptions import (
    ServiceRequestError,
    ServiceResponseError,
    ServiceResponseTimeoutError,
)

from local.arm import audit
from local.arm import faults as armed
from local.arm.app import Simulator
from local.arm.faults import ConnectionLostError
from local.worlds.faults import (
    Call,
    FailedAtEnd,
    Fault,
    Hook,
    Killed,
    LostReply,
    LostRequest,
    Moment,
    Refused,
    Reset,
    Slow,
    Stale,
)
from local.worlds.logbook import Logbook, mark
from local.worlds.loop import owned_by
from local.worlds.transport import Answer, Sent

REMEMBERED: Final = 512
"""Reads whose last answer is kept, for stale ones."""
ORIGIN: Final = "https://management.azure.com"
"""Left out of the log's lines."""

Kill = Callable[[Killed], Awaitable[None]]
"""Kills the host that the running task belongs to; does not return."""
Span = tuple[float, float]
"""Least and most seconds."""


@dataclass
class Wire:
    """All requests of one world pass here. `hook` decides what befalls each; None: nothing."""

    simulator: Simulator
    log: Logbook
    dice: Random
    latency_s: Span
    """One way."""
    kill: Kill
    hook: Hook | None = None
    struck: Counter[str] = field(default_factory=Counter)
    """How many requests met each kind of fault."""
    sent: int = 0
    """Requests so far."""
    _read: OrderedDict[str, tuple[float, Answer]] = field(default_factory=OrderedDict)

    async def send(self, sent: Sent) -> Answer:
        """Carry one request; raises azure.core's errors for connections that break."""
        self.sent += 1
        number = self.sent
        fault = self._fault(sent, number)
        outcome = "cut"
        try:
            answer = await (self._travel(sent) if fault is None else self._befall(sent, fault))
            outcome = f"{answer[0]} {mark(answer[2])}"
        except (ServiceRequestError, ServiceResponseError) as error:
            outcome = type(error).__name__
            raise
        finally:
            named = f" [{type(fault).__name__}]" if fault else ""
            self.log.add("arm", f"{_line(sent)} #{number} -> {outcome}{named}")
        return answer

    def _fault(self, sent: Sent, number: int) -> Fault | None:
        if self.hook is None:
            return None
        parts = urlsplit(sent.url)
        resource, operation = audit.operation_of(sent.method, parts.path)
        fault = self.hook(Call(sent.method, parts.path, parts.query, number, operation, resource))
        if fault is not None:
            self.struck[type(fault).__name__] += 1
        return fault

    async def _travel(self, sent: Sent) -> Answer:
        """There and back, unharmed."""
        await self._hop()
        answer = await self._arrive(sent)
        await self._hop()
        return answer

    async def _hop(self) -> None:
        if self.latency_s[1] > 0:
            await asyncio.sleep(self.dice.uniform(*self.latency_s))

    async def _arrive(self, sent: Sent) -> Answer:
        try:
            answer = await self.simulator.handle(sent.method, sent.url, sent.headers, sent.body)
        except ConnectionLostError as lost:
            kind = ServiceResponseError if lost.had_effect else ServiceRequestError
            raise kind(str(lost)) from lost
        if sent.method == "GET" and self.hook is not None:
            self._remember(sent.url, answer)
        return answer

    def _remember(self, url: str, answer: Answer) -> None:
        self._read[url] = self.log.now(), answer
        self._read.move_to_end(url)
        if len(self._read) > REMEMBERED:
            self._read.popitem(last=False)

    async def _befall(self, sent: Sent, fault: Fault) -> Answer:
        match fault:
            case FailedAtEnd():
                return await self._doomed(sent, fault)
            case Slow():
                return await self._late(sent, fault.seconds)
            case Stale():
                return await self._stale(sent, fault.age_s)
            case Killed():
                return await self._killed(sent, fault)
        return await self._broken(sent, fault)

    async def _broken(self, sent: Sent, fault: Refused | LostRequest | LostReply | Reset) -> Answer:
        await self._hop()
        match fault:
            case Refused():
                return _refusal(fault)
            case LostRequest():
                raise ServiceRequestError("connection broke before the request was sent")
            case Reset():
                raise ServiceResponseError("connection reset by peer")
            case LostReply():
                await self._arrive(sent)
                raise ServiceResponseError("connection broke before the reply came")

    async def _doomed(self, sent: Sent, fault: FailedAtEnd) -> Answer:
        await self._hop()
        resource, _ = audit.operation_of(sent.method, urlsplit(sent.url).path)
        doom = {"kind": "fail", "resource": resource, "method": sent.method}
        told = {"code": fault.code, "message": fault.message}
        armed.add(self.simulator.world, doom | told)
        answer = await self._arrive(sent)
        await self._hop()
        return answer

    async def _late(self, sent: Sent, seconds: float) -> Answer:
        if seconds < sent.read_timeout_s:
            await asyncio.sleep(seconds)
            return await self._travel(sent)
        self._later(sent, seconds)
        await asyncio.sleep(sent.read_timeout_s)
        raise ServiceResponseTimeoutError(f"no reply in {sent.read_timeout_s:g} s")

    async def _stale(self, sent: Sent, age_s: float) -> Answer:
        kept = self._read.get(sent.url) if sent.method == "GET" else None
        if kept is None or self.log.now() - kept[0] > age_s:
            return await self._travel(sent)
        await self._hop()
        return kept[1]

    async def _killed(self, sent: Sent, fault: Killed) -> Answer:
        if fault.moment is Moment.AFTER:
            await self._hop()
            await self._arrive(sent)
        elif fault.moment is Moment.DURING:
            self._later(sent, fault.arrives_in_s)
        await self.kill(fault)
        raise AssertionError("a killed host goes on")

    def _later(self, sent: Sent, seconds: float) -> None:
        """Let a request arrive though nobody waits for its answer any more."""
        dated = {**sent.headers, "Date": format_datetime(self.simulator.world.now, usegmt=True)}
        nobody = owned_by(None)
        alone = self._arrive_alone(sent._replace(headers=dated), seconds)
        task = asyncio.get_running_loop().create_task(alone, context=nobody)
        _UNDER_WAY.add(task)
        task.add_done_callback(_UNDER_WAY.discard)

    async def _arrive_alone(self, sent: Sent, seconds: float) -> None:
        await asyncio.sleep(seconds)
        outcome = "lost"
        with contextlib.suppress(ServiceRequestError, ServiceResponseError):
            outcome = str((await self._arrive(sent))[0])
        self.log.add("late", f"{_line(sent)} -> {outcome}")


_UNDER_WAY: Final[set["asyncio.Task[None]"]] = set()
"""Requests without a sender; each ends within its delay, or with its loop."""


def _line(sent: Sent) -> str:
    return f"{sent.method} {sent.url.removeprefix(ORIGIN)} {mark(sent.body)}"


def _refusal(fault: Refused) -> Answer:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if fault.retry_after_s is not None:
        headers["Retry-After"] = str(fault.retry_after_s)
    error = {"error": {"code": fault.code, "message": fault.message}}
    return fault.status, headers, json.dumps(error).encode()
