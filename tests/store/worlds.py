"""A clock set by hand, and documents to store."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.model.ids import OperationId
from shared.model.run import Lifecycle, Operation, OperationKind, RunState, Status, Vm

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SUBSCRIPTION = "0a1b2c3d-0000-4000-8000-00000000cafe"
VM_ID = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/Fleet/providers/"
    "Microsoft.Compute/virtualMachines/web-1"
)


class HandClock:
    """A clock that stands still until somebody moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def operation(name: str = "op-1", kind: OperationKind = OperationKind.CREATE) -> Operation:
    return Operation(
        id=OperationId(name), kind=kind, orchestrator="create_node", input="{}", locked_at=NOON
    )


def document(name: str = "web") -> dict[str, Any]:
    tags = [{"tagKey": "team", "tagValue": "blå/grün #1?"}]
    return {
        "name": name,
        "region": "eastus",
        "resourceGroupName": "Fleet",
        "compute": {"launchSpecification": {"tags": tags}},
    }


def running(generation: int = 1) -> RunState:
    vm = Vm(id=VM_ID, name="web-1", size="Standard_D4s_v5", zone="2", lifecycle=Lifecycle.SPOT)
    return RunState(
        status=Status.ACTIVE,
        generation=generation,
        vm=vm,
        private_ip="10.0.0.4",
        created_at=NOON,
        updated_at=after(1.000001),
    )
