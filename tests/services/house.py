"""A fleet's services on tables in memory, a clock set by hand, and an Azure that tests tell."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from azure.core.exceptions import HttpResponseError

from services.evictions import Evictions
from services.fleet import Fleet
from services.operations import Operations
from services.refusals import StartLost
from services.tick import Tick
from shared.model.ids import AccountId, NodeKey, node_key
from shared.model.run import (
    Lifecycle,
    LogEntry,
    Notice,
    NoticeKind,
    Operation,
    OperationKind,
    RunState,
    Status,
    Vm,
)
from store.accounts import Account
from store.memory import SCHEME, forget
from store.node_rows import NodeRecord
from store.stores import Stores
from tests.store.worlds import NOON, SUBSCRIPTION, HandClock

ACCOUNT = "act-0000beef"
MINUTE = timedelta(minutes=1)
NAMES = count(1)
K = NoticeKind


@dataclass
class Starts:
    """Remembers what was started, and what of it lives; `lost` loses every start."""

    ids: list[str] = field(default_factory=list)
    living: set[str] = field(default_factory=set)
    lost: bool = False

    async def start(self, key: NodeKey, operation: Operation) -> None:
        if self.lost:
            raise StartLost(f"nobody hears of {key.node_id}")
        self.ids.append(operation.id)
        self.living.add(operation.id)

    async def is_over(self, operation_id: str) -> bool:
        return operation_id not in self.living


@dataclass
class Azure:
    """Powers of VMs by lower-case id, as lists show them and as single reads do."""

    listed: dict[str, str] = field(default_factory=dict)
    read: dict[str, str] = field(default_factory=dict)
    failure: Exception | None = None
    blind: set[str] = field(default_factory=set)
    """Subscriptions whose list fails."""
    poisoned: str = ""
    """A VM whose read meets a bug of ours."""
    lists: list[str] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)

    async def list_powers(self, subscription_id: str, _account_id: str) -> dict[str, str]:
        self.lists.append(subscription_id)
        if self.failure:
            raise self.failure
        if subscription_id in self.blind:
            raise HttpResponseError("(AuthorizationFailed) no role here")
        return dict(self.listed)

    async def ask(self, _key: NodeKey, vm: Vm) -> str:
        self.reads.append(vm.id)
        if self.failure:
            raise self.failure
        if vm.id == self.poisoned:
            raise ValueError(f"nothing is as it should be with {vm.name}")
        return self.read.get(vm.id.lower(), "")

    def shows(self, vm: Vm, power: str | None) -> None:
        """Have lists and reads tell this power; None: there is no such VM."""
        for place in (self.listed, self.read):
            place.pop(vm.id.lower(), None)
            if power:
                place[vm.id.lower()] = power


class House:
    """The services, and what a test does with them."""

    def __init__(self, stores: Stores, clock: HandClock) -> None:
        numbers = count(1)
        self.stores, self.clock = stores, clock
        self.azure, self.starts = Azure(), Starts()
        self.operations = Operations(stores.due, clock, lambda: f"{next(numbers):08x}")
        self.evictions = Evictions(stores, self.operations, self.azure.ask)
        self.tick_work = Tick(stores, self.operations, self.evictions)
        self.fleet = Fleet(stores, self.operations, self.evictions, self.azure.list_powers)

    async def connect(self, account_id: str = ACCOUNT, subscription: str = SUBSCRIPTION) -> None:
        account = Account(id=AccountId(account_id), name="one", subscription_id=subscription)
        await self.stores.accounts.put(account)

    async def lives(
        self,
        number: int = 1,
        *,
        admins: list[str] | None = None,
        account_id: str = ACCOUNT,
        **run: Any,
    ) -> NodeKey:
        """Make a node that is ACTIVE on a running VM launched a minute ago."""
        key = node_key(account_id, f"ssn-{number:08x}")
        document: dict[str, Any] = {"name": "web", "region": "eastus", "strategy": {}}
        if admins is not None:
            document["strategy"]["vmAdmins"] = admins
        now = self.clock.now()
        vm = Vm(
            id=vm_id(f"web-{number}"),
            name=f"web-{number}",
            size="Standard_D2s_v5",
            lifecycle=Lifecycle.SPOT,
            launched_at=now,
        )
        facts = {"status": Status.ACTIVE, "generation": 1, "vm": vm, "updated_at": now} | run
        state = RunState(**facts)
        made = self.operations.make(key, OperationKind.CREATE)
        await self.stores.nodes.create(key, document, state, made)
        await self.stores.nodes.finish(key, made.id, state, now)
        await self.stores.vms.put(SUBSCRIPTION, vm.id, key, state.generation)
        self.azure.shows(vm, "running")
        self.clock.moment += MINUTE
        return key

    async def node(self, key: NodeKey) -> NodeRecord:
        record = await self.stores.nodes.get(key)
        assert record is not None
        return record

    async def vm(self, key: NodeKey) -> Vm:
        vm = (await self.node(key)).run.vm
        assert vm is not None
        return vm

    async def status(self, key: NodeKey) -> Status:
        return (await self.node(key)).run.status

    async def told(self, key: NodeKey) -> list[str]:
        """Return the node's log, newest first."""
        entries: list[LogEntry] = await self.stores.log.read(
            key, NOON - timedelta(days=1), NOON + timedelta(days=9)
        )
        return [entry.message for entry in entries]

    async def held_by(self, key: NodeKey) -> Operation | None:
        """Return the operation that holds the node, if any."""
        operation = (await self.node(key)).operation
        return operation if operation and not operation.finished_at else None

    async def goes_down(self, key: NodeKey) -> None:
        """Take the VM down, whoever did it."""
        self.azure.shows(await self.vm(key), "deallocated")

    async def hears(self, key: NodeKey, kind: NoticeKind, **more: Any) -> bool:
        """Hear of the node's present VM, as of now."""
        return await self.hear((await self.vm(key)).id, kind, **more)

    async def hear(self, about: str, kind: NoticeKind, **more: Any) -> bool:
        facts: dict[str, Any] = {
            "kind": kind,
            "source": "event_grid",
            "vm_resource_id": about,
            "occurred_at": self.clock.now(),
            "heard_at": self.clock.now(),
        }
        return await self.evictions.hear(Notice(**(facts | more)), self.starts)

    async def looks(self) -> int:
        """Look at the fleet."""
        return await self.fleet.look(self.starts)

    async def ticks(self, minutes: int = 1) -> None:
        """Let the next minutes pass, with a tick at each full one."""
        for _ in range(minutes):
            self.clock.moment = full_minute(self.clock.moment)
            await self.tick_work.run(self.starts)

    async def settles(self, key: NodeKey, **run: Any) -> None:
        """End the operation that holds the node, as its workflow would."""
        record = await self.node(key)
        assert record.operation is not None
        changed = record.run.model_copy(update={"updated_at": self.clock.now(), **run})
        assert await self.stores.nodes.finish(key, record.operation.id, changed, self.clock.now())

    async def comes_back(self, key: NodeKey) -> None:
        """End a replacement with the same VM, launched now."""
        vm = await self.vm(key)
        launched = vm.model_copy(update={"launched_at": self.clock.now()})
        self.azure.shows(vm, "running")
        await self.settles(key, status=Status.ACTIVE, vm=launched)

    async def due(self) -> int:
        """Return how many items wait in the due index."""
        return len(await self.stores.due.read_due(self.clock.now() + timedelta(days=1)))


def full_minute(moment: datetime) -> datetime:
    """Return the next full minute."""
    return moment.replace(second=0, microsecond=0) + MINUTE


def vm_id(name: str, subscription: str = SUBSCRIPTION) -> str:
    return (
        f"/subscriptions/{subscription}/resourceGroups/Fleet/providers/"
        f"Microsoft.Compute/virtualMachines/{name}"
    )


@asynccontextmanager
async def opened_house() -> AsyncIterator[House]:
    name, clock = f"services-{next(NAMES)}", HandClock(NOON)
    async with Stores.open(f"{SCHEME}{name}", clock) as stores:
        house = House(stores, clock)
        await house.connect()
        yield house
    forget(name)
