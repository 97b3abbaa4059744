"""Drives a runbook with typed replies: no durable host, no Azure, no clock but its own."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.base import Work
from shared.contracts.node import Claimed
from shared.model.ids import OperationId, node_key
from shared.model.market import Market, Move, Rung
from shared.model.run import DiskRef, Lifecycle, NicRef, Row, RunState, Status, Vm

KEY = node_key("act-00000001", "ssn-00000001")
OPERATION = OperationId("ssn-00000001-replace-1")
START = datetime(2030, 1, 1, tzinfo=UTC)
GROUP = "/subscriptions/s/resourceGroups/rg/providers"


@dataclass
class Task:
    """What a runbook yields: an activity call or a timer."""

    name: str
    request: dict[str, Any]
    fire_at: datetime | None = None


@dataclass
class Drive:
    """The durable context, and the answers to its activities in order of calling."""

    answers: dict[str, list[Row]]
    calls: list[Task] = field(default_factory=list)
    now: datetime = START
    seconds_per_call: float = 1.0
    instance_id: str = OPERATION
    payload: Any = None

    @property
    def current_utc_datetime(self) -> datetime:
        return self.now

    def get_input(self) -> Any:
        return self.payload

    def call_activity_with_retry(self, name: str, _retry: Any, input_: Any = None) -> Task:
        return Task(name, input_)

    def create_timer(self, fire_at: datetime) -> Task:
        return Task("timer", {}, fire_at)

    def run(self, body: Generator[Any, Any, Any]) -> Any:
        """Run to the end; return the result. An activity without an answer left is a failure."""
        reply: Any = None
        while True:
            try:
                task = body.send(reply)
            except StopIteration as end:
                return end.value
            self.calls.append(task)
            reply = self._reply(task)

    def _reply(self, task: Task) -> Any:
        if task.fire_at:
            self.now = task.fire_at
            return None
        self.now += timedelta(seconds=self.seconds_per_call)
        left = self.answers.get(task.name, [])
        assert left, f"unexpected {task.name} after {[call.name for call in self.calls]}"
        return left.pop(0).model_dump(mode="json")

    @property
    def names(self) -> list[str]:
        return [call.name for call in self.calls]

    def request(self, name: str, index: int = 0) -> dict[str, Any]:
        return [call for call in self.calls if call.name == name][index].request


def disk(name: str = "os", lun: int | None = None, zone: str | None = "1") -> DiskRef:
    return DiskRef(
        id=f"{GROUP}/Microsoft.Compute/disks/{name}",
        name=name,
        lun=lun,
        sku="Premium_LRS",
        zone=zone,
    )


def nic(name: str = "nic0", *, public: bool = True) -> NicRef:
    return NicRef(
        id=f"{GROUP}/Microsoft.Network/networkInterfaces/{name}",
        name=name,
        is_primary=True,
        private_ip="10.0.0.4",
        public_ip="20.0.0.1" if public else None,
        public_ip_id=f"{GROUP}/Microsoft.Network/publicIPAddresses/{name}-ip" if public else None,
    )


def vm(size: str = "Standard_D2s_v5", zone: str | None = "1", vm_id: str = "v1") -> Vm:
    return Vm(
        id=f"{GROUP}/Microsoft.Compute/virtualMachines/db-00000001",
        name="db-00000001",
        vm_id=vm_id,
        size=size,
        zone=zone,
        lifecycle=Lifecycle.SPOT,
        launched_at=START - timedelta(days=1),
    )


def market(size: str = "Standard_D2s_v5", zone: str | None = "1", *, spot: bool = True) -> Market:
    lifecycle = Lifecycle.SPOT if spot else Lifecycle.OD
    return Market(size=size, zone=zone, lifecycle=lifecycle, family="standardDSv5Family", vcpus=2)


def move(rung: Rung, where: Market | None = None) -> Move:
    return Move(market=where or market(), rung=rung, expected_s=20.0)


def claimed(run: RunState | None = None, **persistence: Any) -> Claimed:
    """A node that persists everything, unless `persistence` says otherwise."""
    switches = {
        "shouldPersistOsDisk": True,
        "shouldPersistDataDisks": True,
        "shouldPersistNetwork": True,
    }
    document = {
        "name": "db",
        "region": "eastus",
        "resourceGroupName": "rg",
        "persistence": switches | persistence,
        "strategy": {"fallbackToOd": True},
        "compute": {
            "os": "Linux",
            "vmSizes": {"odSizes": ["standard_d2s_v5"], "spotSizes": ["standard_d2s_v5"]},
            "launchSpecification": {
                "network": {
                    "resourceGroupName": "rg",
                    "virtualNetworkName": "net",
                    "networkInterfaces": [{"isPrimary": True, "subnetName": "default"}],
                }
            },
        },
    }
    work = Work(
        key=KEY,
        operation_id=OPERATION,
        subscription_id="s",
        region="eastus",
        resource_group="rg",
    )
    return Claimed(work=work, run=run or running(), version=1, document=document)


def running() -> RunState:
    return RunState(
        status=Status.RESUMING,
        generation=1,
        vm=vm(),
        os_disk=disk("os"),
        data_disks=(disk("data0", 0),),
        nics=(nic(),),
        private_ip="10.0.0.4",
        public_ip="20.0.0.1",
        launched_version=1,
        launched_digest="d",
    )


MakeDrive = Callable[..., Drive]


@pytest.fixture
def drive() -> MakeDrive:
    """Make a drive: `drive(claim_operation=[...], decide=[...])`."""

    def make(**answers: list[Row]) -> Drive:
        return Drive(answers)

    return make
