"""A node with disks and calls about them; what Azure has is told by hand."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from shared.model.disk_facts import DiskFacts
from shared.model.run import DiskRef, Lifecycle, Status, Vm
from shared.names import resource_id
from store.memory import SCHEME, forget
from store.stores import Stores
from tests.api.harness import ACCOUNT, PATH, Answer, Api, open_api
from tests.store.worlds import HandClock
from tests.unit.model.documents import body
from tests.unit.model.documents import node as document
from triggers.call import ApiServices

SUBSCRIPTION = "0a1b2c3d-0000-4000-8000-000000000001"
GROUP = "fleet"
NAMES = count(1)


def disk_id(name: str, group: str = GROUP) -> str:
    return resource_id(SUBSCRIPTION, group, "Microsoft.Compute/disks", name)


def ref(name: str, lun: int | None = None, zone: str | None = "1", **more: Any) -> DiskRef:
    facts = {"sku": "Premium_LRS", "size_gib": 64} | more
    return DiskRef(id=disk_id(name), name=name, lun=lun, zone=zone, **facts)


def facts(name: str, **more: Any) -> DiskFacts:
    known: dict[str, Any] = {
        "region": "eastus",
        "zone": "1",
        "sku": "Premium_LRS",
        "size_gib": 64,
        "os_type": "Linux",
        "generation": "V2",
        "architecture": "x64",
        "security_type": "Standard",
    }
    return DiskFacts(id=disk_id(name), name=name, **(known | more))


@dataclass
class Disks:
    """What Azure has, by lower-case id."""

    there: dict[str, DiskFacts] = field(default_factory=dict)
    failure: Exception | None = None

    def add(self, *disks: DiskFacts) -> None:
        self.there |= {disk.id.lower(): disk for disk in disks}

    async def read(self, account_id: str, wanted: str) -> DiskFacts | None:
        assert account_id == ACCOUNT
        if self.failure:
            raise self.failure
        return self.there.get(wanted.lower())


@dataclass
class Client:
    """A node with disks, and calls about them."""

    api: Api
    disks: Disks
    node_id: str = ""

    async def put(self, path: str, sent: object) -> Answer:
        self.api.starts.operations.clear()
        return await self.api.call("PUT", f"{PATH}/{self.node_id}/{path}", sent)

    async def node(self, status: Status = Status.ACTIVE, **more: Any) -> None:
        """Make a node in zone 1 with an OS disk and a data disk at LUN 0."""
        changes = {"compute__zones": ["1"], "persistence__shouldPersistDataDisks": True}
        run = more.pop("run", {})
        self.node_id = await self.api.created(body(document(**(changes | more))))
        zone = more.get("compute__zones", ["1"]) and "1"
        vm = Vm(
            id=resource_id(SUBSCRIPTION, GROUP, "Microsoft.Compute/virtualMachines", "web"),
            name="web",
            size="Standard_D2s_v5",
            zone=zone,
            lifecycle=Lifecycle.SPOT,
        )
        state: dict[str, Any] = {
            "vm": None if status is Status.PAUSED else vm,
            "os_disk": ref("os"),
            "data_disks": (ref("data0", 0),),
        }
        await self.api.settle(self.node_id, status, **(state | run))

    def told(self) -> dict[str, Any]:
        """Return the input of the one operation that was started."""
        (operation,) = self.api.starts.operations
        told: dict[str, Any] = json.loads(operation.input)
        return told | {"kind": operation.kind}


@asynccontextmanager
async def opened_client(clock: HandClock) -> AsyncIterator[Client]:
    """Open an API on tables of its own."""
    disks, name = Disks(), f"disks-{next(NAMES)}"
    async with Stores.open(f"{SCHEME}{name}", clock) as stores:
        api = await open_api(stores, clock)
        made = await api.services()
        made = replace(made, disks=replace(made.disks, read=disks.read))

        async def services() -> ApiServices:
            return made

        yield Client(replace(api, services=services), disks)
    forget(name)


def attach(**more: Any) -> dict[str, Any]:
    asked = {
        "dataDiskName": "extra",
        "dataDiskResourceGroupName": GROUP,
        "sizeGB": 10,
        "storageAccountType": "Premium_LRS",
        "zone": "1",
    }
    return {name: value for name, value in (asked | more).items() if value is not ...}


def detach(**more: Any) -> dict[str, Any]:
    asked = {"dataDiskName": "data0", "dataDiskResourceGroupName": GROUP, "shouldDeallocate": True}
    return asked | more


def swap(**more: Any) -> dict[str, Any]:
    return {"osDiskName": "new", "osDiskResourceGroupName": GROUP} | more
