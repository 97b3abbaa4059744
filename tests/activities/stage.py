"""A stage: one simulated Azure and our records, with the SDKs in between.

Activities are asked as the durable host asks them: `ask` speaks through their contract, waits out
what the seam waits out, and repeats what broke. `tests/activities/scenes.py` sets stages up.
"""

import json
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from activities.azure.errors import Transient
from activities.catalogue import Catalogue
from activities.ports import Ports
from activities.prices import RetailPrices
from local.arm.app import Simulator
from local.arm.faults import add as add_fault
from local.arm.world import World
from local.worlds.transport import InProcessTransport
from local.worlds.wire import Wire
from shared.contracts.base import Work
from shared.durable import RETRY_ATTEMPTS, Activity
from shared.model.ids import OperationId, node_key
from shared.model.run import Operation, OperationKind, RunState
from store.memory import Database
from store.node_rows import NodeRecord
from tests.activities.cast import CONTRACTS, HANDLERS
from tests.simulator import SUBSCRIPTION
from tests.unit.model.documents import node as document_of

KEY = node_key("act-0000beef", "ssn-0000cafe")
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/fleet"
COMPUTE = f"{GROUP}/providers/Microsoft.Compute"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
ORIGIN = "http://azure.test"
VERSION = "api-version=2026-04-01"
RETRY_S = 2.0
ASKS_MAX = 300
OWNED = ("virtualmachines", "disks", "snapshots", "networkinterfaces", "publicipaddresses")
"""Kinds of resources that cost money or hold what must not be lost."""

T = TypeVar("T")
Meanwhile = Callable[[], Awaitable[object]]


@dataclass
class Stage:
    """What a scene plays on."""

    simulator: Simulator
    ports: Ports
    transport: InProcessTransport
    database: Database
    wire: Wire
    """The way that the product's calls take: `hook` decides what befalls each."""

    def __post_init__(self) -> None:
        self.restart()
        self.before: dict[str, Meanwhile] = {}
        """What happens, once, before the next run of an activity, by its name."""
        self.after: dict[str, Meanwhile] = {}
        """What happens, once, after it."""

    def restart(self) -> None:
        """Begin anew as another process would: without what the last one remembered."""
        self.prices = RetailPrices(ORIGIN, self.ports.clock, self.transport)
        self.catalogue = Catalogue(self.ports.clock)

    @property
    def world(self) -> World:
        """The simulator's state."""
        return self.simulator.world

    # -- Azure ----------------------------------------------------------------------------------

    async def arm(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request as a person; return the decoded answer."""
        content = b"" if body is None else json.dumps(body).encode()
        mark = "&" if "?" in path else "?"
        status, _, answer = await self.simulator.handle(
            method, f"{ORIGIN}{path}{mark}{VERSION}", {"Authorization": "Bearer person"}, content
        )
        assert status < 300, (status, answer)
        return json.loads(answer) if answer else None

    def there(self, *kinds: str) -> dict[str, Any]:
        """Return what there is of the given kinds (all that cost money), by name."""
        wanted = {kind.lower() for kind in kinds or OWNED}
        return {
            one.body["name"]: one
            for one in self.world.resources.values()
            if one.type.split("/")[-1].lower() in wanted
        }

    def find(self, arm_id: str) -> Any:
        """Return a resource of the simulator, or None."""
        return self.world.find(arm_id)

    def fault(self, kind: str, operation: str = "*", **how: Any) -> None:
        """Have the product's next call of an operation meet a fault."""
        add_fault(self.world, {"kind": kind, "operation": operation, "caller": "service", **how})

    def written(self, operation: str = "", *, accepted: bool = True) -> list[Any]:
        """Return the product's writes, as the simulator's ledger has them."""
        return [
            call
            for call in self.world.calls.since(0)
            if call["method"] not in ("GET", "HEAD")
            and (call["clientRequestId"] or "").startswith("mooring/")
            and operation.lower() in call["operation"].lower()
            and (not accepted or 200 <= call["status"] < 300)
        ]

    async def evict(self, vm_id: str) -> None:
        """Have Azure take a VM, and wait until it is down."""
        await self.arm("POST", f"{vm_id}/simulateEviction")
        await self.ports.clock.sleep(120)

    # -- our records ----------------------------------------------------------------------------

    async def operate(self, name: str) -> Work:
        """Let a new operation hold the node; return its work."""
        record = await self.record()
        if record.operation and not record.operation.finished_at:
            await self.ports.stores.nodes.finish(
                KEY, record.operation.id, record.run, self.ports.clock.now()
            )
            record = await self.record()
        assert await self.ports.stores.nodes.lock(record, self.operation(name))
        return self.work(operation=name)

    async def node(self, run: RunState | None = None, **changes: Any) -> None:
        """Store a node, held by an operation."""
        await self.ports.stores.nodes.create(
            KEY, document_of(**changes), run or RunState(), self.operation("op-1")
        )

    def operation(self, name: str) -> Operation:
        """Return an operation of that id, locked now."""
        return Operation(
            id=OperationId(name),
            kind=OperationKind.REPLACE,
            orchestrator="replace",
            locked_at=self.ports.clock.now(),
        )

    async def record(self) -> NodeRecord:
        """Read the node."""
        record = await self.ports.stores.nodes.get(KEY)
        assert record is not None
        return record

    async def put_run(self, **changes: Any) -> RunState:
        """Change the node's run row, as its operation would."""
        run = (await self.record()).run.model_copy(update=changes)
        await self.ports.stores.nodes.put_run(KEY, run)
        return run

    def work(self, step: str = "step", operation: str = "op-1") -> Work:
        """Return the work of a step of the node's operation."""
        return Work(
            key=KEY,
            operation_id=OperationId(operation),
            subscription_id=SUBSCRIPTION,
            region="eastus",
            resource_group="fleet",
            step=step,
        )

    # -- activities -----------------------------------------------------------------------------

    async def call(self, contract: Activity[Any, Any], request: Any) -> Any:
        """Run an activity once, as a worker does: JSON in, JSON out, read by its contract."""
        wire = request.model_dump(mode="json")
        more = {}
        if contract.name == "decide":
            more = {"prices": self.prices, "catalogue": self.catalogue}
        answer = await HANDLERS[contract.name](
            contract.request.model_validate(wire), ports=self.ports, **more
        )
        return contract._adapter.validate_python(answer.model_dump(mode="json"))

    async def ask(self, contract: Activity[Any, Any], request: Any) -> Any:
        """Ask an activity as a runbook does: through the seam, with the durable retries."""
        return await self.follow(contract(self.context(), request))

    def context(self) -> "StageContext":
        """Return a durable context for runbooks that play here."""
        return StageContext(self)

    async def follow(self, body: Generator[Any, Any, T]) -> T:
        """Run a runbook, or a part of one, to its end."""
        reply: Any = None
        for _ in range(ASKS_MAX):
            try:
                wait = body.send(reply)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]
            reply = await wait()
        raise AssertionError(f"no end within {ASKS_MAX} durable turns")

    async def retried(self, name: str, payload: Any) -> Any:
        """Run an activity as the durable retry does: again after an exception, so often."""
        contract = CONTRACTS[name]
        request = contract.request.model_validate(payload)
        if happens := self.before.pop(name, None):
            await happens()
        answer = await self._retried(contract, request)
        if happens := self.after.pop(name, None):
            await happens()
        return answer.model_dump(mode="json")

    async def _retried(self, contract: Activity[Any, Any], request: Any) -> Any:
        for attempt in range(1, RETRY_ATTEMPTS + 1):
            try:
                return await self.call(contract, request)
            except Transient:
                if attempt == RETRY_ATTEMPTS:
                    raise
                await self.ports.clock.sleep(RETRY_S)
        raise AssertionError("unreachable")


@dataclass
class StageContext:
    """What runbooks use of the durable context."""

    stage: Stage
    instance_id: str = "op-1"
    payload: Any = None

    @property
    def current_utc_datetime(self) -> Any:
        return self.stage.ports.clock.now()

    def get_input(self) -> Any:
        return self.payload

    def call_activity_with_retry(self, name: str, _retry: Any, input_: Any = None) -> Any:
        return lambda: self.stage.retried(name, input_)

    def create_timer(self, fire_at: Any) -> Any:
        now = self.stage.ports.clock.now()
        seconds = (fire_at - now) / timedelta(seconds=1)
        return lambda: self.stage.ports.clock.sleep(seconds)
