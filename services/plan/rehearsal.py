"""A rehearsal: a call is done for real, but for Azure and our tables, which only seem to change.

The use-case, the runbook and the activities are those that run otherwise. Reads go to Azure and to
the tables; what is written is seen by the rehearsal alone, and is the plan.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import Context as Variables
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import AioHttpTransport

from activities.azure.clients import AzureClients
from activities.azure.errors import Transient
from activities.azure.identity import transport_of
from activities.azure.logins import AccountLogins
from activities.azure.looks import PRETENDING
from activities.ports import Ports
from activities.vm_read import READS
from services.plan.forecast import ForecastTransport, Transport
from services.plan.forecast_clock import ForecastClock
from services.refusals import AzureSilent
from shared.clock import Clock
from shared.durable import Activity, Context, Durable
from shared.model.ids import NodeKey
from shared.model.run import Operation
from shared.settings import Settings
from store.overlay import Overlay
from store.stores import Stores

STEPS_MAX: Final = 2_000
"""Tasks of one operation: an import of a node with many disks has some fifty, and waits besides."""

Orchestrator = Callable[[Context], Durable[dict[str, Any]]]
Handler = Callable[[Any, Ports], Awaitable[Any]]


@dataclass(frozen=True)
class Works:
    """The runbooks and activities that the process serves, by name."""

    runbooks: Mapping[str, Orchestrator]
    activities: Mapping[str, tuple[Activity[Any, Any], Handler]]


@dataclass(frozen=True)
class House:
    """What a rehearsal takes from the process, and leaves as it is."""

    stores: Stores
    azure: AzureClients
    settings: Settings
    clock: Clock
    works: Works


@dataclass(frozen=True)
class Ask:
    """An activity is to run."""

    name: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Wait:
    """Time is to pass."""

    until: datetime


@dataclass(frozen=True)
class Played:
    """How an operation would end."""

    kind: str
    outcome: str
    reason: str


class RehearsedContext:
    """What runbooks use of a durable context."""

    def __init__(self, operation: Operation, clock: ForecastClock) -> None:
        self._operation = operation
        self._clock = clock

    @property
    def instance_id(self) -> str:
        """The operation's id."""
        return self._operation.id

    @property
    def current_utc_datetime(self) -> datetime:
        """The forecast's present."""
        return self._clock.now()

    def get_input(self) -> Any:
        """Return the orchestration's input."""
        return self._operation.input

    def call_activity_with_retry(self, name: str, retry_options: Any, input_: Any = None) -> Any:  # noqa: ARG002 - nothing fails here for a moment only
        """Return the task of an activity."""
        return Ask(name, input_)

    def create_timer(self, fire_at: datetime) -> Any:
        """Return the task of a timer."""
        return Wait(fire_at)


@dataclass
class Rehearsal:
    """One rehearsal, while it is open."""

    overlay: Overlay
    clock: ForecastClock
    transport: ForecastTransport
    azure: AzureClients
    works: Works
    started: list[tuple[NodeKey, Operation]] = field(default_factory=list)

    @property
    def stores(self) -> Stores:
        """Our tables as they would be."""
        return self.overlay.stores

    async def start(self, _key: NodeKey, operation: Operation) -> None:
        """Take an operation down as started: it is played afterwards."""
        self.started.append((_key, operation))

    async def play(self) -> list[Played]:
        """Play what was started, in order; return how each would end. Raises `AzureSilent`."""
        played = [await self._play(operation) for _, operation in self.started]
        self.started.clear()
        return played

    async def _play(self, operation: Operation) -> Played:
        context = RehearsedContext(operation, self.clock)
        steps = self.works.runbooks[operation.orchestrator](context)
        reply: Any = None
        for _ in range(STEPS_MAX):
            try:
                task = steps.send(reply)
            except StopIteration as end:
                ended: dict[str, Any] = end.value
                outcome, reason = str(ended.get("outcome")), str(ended.get("reason") or "")
                return Played(operation.kind.value, outcome, reason)
            reply = await self._answer(task)
        raise AzureSilent(f"{operation.kind} does not end within {STEPS_MAX} steps")

    async def _answer(self, task: object) -> Any:
        if isinstance(task, Wait):
            self.clock.reach(task.until)
            return None
        if not isinstance(task, Ask):
            raise TypeError(f"a runbook waits for something that is not rehearsed: {task}")
        contract, handler = self.works.activities[task.name]
        request = contract.request.model_validate(task.payload)
        self.transport.step = str((task.payload.get("work") or {}).get("step") or task.name)
        ports = Ports(self.stores, self.azure, self.clock)
        try:
            answer = await handler(request, ports)
        except (AzureError, Transient) as error:
            raise AzureSilent(f"Azure did not answer {task.name}: {error}"[:500]) from error
        told: dict[str, Any] = answer.model_dump(mode="json")
        if told.get("kind") == "throttled":
            raise AzureSilent(f"Azure asks to wait {told['retry_after_s']:.0f} s before more reads")
        return told


@asynccontextmanager
async def rehearsal(house: House) -> AsyncIterator[Rehearsal]:
    """Open a rehearsal; nothing of it stays."""
    clock = ForecastClock(house.clock.now())
    overlay = Overlay(house.stores, clock)
    beneath: Transport = transport_of(house.settings) or AioHttpTransport()

    def count_read(vm_key: str) -> None:
        # Outside of the pretence: this read does reach Azure.
        Variables().run(READS.spend, vm_key, house.clock.now())

    host = urlsplit(house.settings.arm_endpoint).netloc
    transport = ForecastTransport(beneath, host, clock, count_read)
    azure = AzureClients(house.settings, transport)
    azure.sign_in_by(AccountLogins(house.stores.accounts, house.stores.secrets, house.clock))
    pretending = PRETENDING.set(True)
    try:
        yield Rehearsal(overlay, clock, transport, azure, house.works)
    finally:
        PRETENDING.reset(pretending)
        await azure.close()
        await beneath.close()
