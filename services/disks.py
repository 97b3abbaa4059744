"""What clients do with the disks of a node: attach a new one, detach one, swap the OS disk.

What Azure alone knows of a disk is asked for before the answer is given: a client that reads 200
can count on it unless Azure changes its mind. The operation looks again before it writes.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError

from activities.azure.clients import AzureClients
from activities.disk_read import GroupNotFoundError, look_up_disk
from services.actions import actions_of, held, is_busy, refusal
from services.disk_asks import new_disk, of_the_old, os_disk_fit, own_disk
from services.operations import Operations, OperationStarter
from services.patience import Patience
from services.refusals import AzureSilent, NotNow, UnknownNode
from shared.contracts.disks_change import OsDiskFit
from shared.model.disk_facts import DiskFacts
from shared.model.disk_requests import parse_attach, parse_detach, parse_swap
from shared.model.ids import NodeKey
from shared.model.problems import Code, FieldError, Rejected
from shared.model.rules.facts import Limits
from shared.model.run import DiskRef, LogEntry, OperationKind
from shared.names import resource_id
from shared.policy.actions import Action
from shared.policy.os_disk import misfits
from shared.policy.retained import Retirement
from store.errors import StoreError
from store.node_rows import NodeRecord
from store.stores import Stores

KIND: Final = "Microsoft.Compute/disks"
LOOK_UP_S: Final = 10.0
"""A client waits for the answer."""

ReadDisk = Callable[[str, str], Awaitable[DiskFacts | None]]
"""Reads a disk by its ARM id, for an account. Raises AzureError, GroupNotFoundError."""


def disk_reader(azure: AzureClients) -> ReadDisk:
    """Return what reads disks by the SDK's clients."""

    async def read(account_id: str, disk_id: str) -> DiskFacts | None:
        return await look_up_disk(await azure.of(disk_id.split("/")[2], account_id), disk_id)

    return read


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DiskCommands:
    """The use-cases of a node's disks."""

    stores: Stores
    operations: Operations
    read: ReadDisk
    limits: Limits = field(default_factory=Limits)

    async def attach(self, key: NodeKey, body: object, starter: OperationStarter) -> dict[str, Any]:
        """Begin to make a data disk and attach it; return what it will be.

        Raises `Rejected`, `NotNow`, `UnknownNode`, `AzureSilent`. A repeat finds the name taken, or
        the node busy with it.
        """
        asked = parse_attach(body, self.limits)
        record = await self._ready(key, Action.ATTACH_DETACH)
        disk_id = await self._id(key, asked.data_disk_resource_group_name, asked.data_disk_name)
        disk = new_disk(record, asked, disk_id)
        if await self._read(key, disk_id, "dataDiskName"):
            message = "is the name of a disk that this resource group has already"
            raise Rejected([FieldError(Code.VALUE, message, "dataDiskName")])
        more = {"disk": disk.model_dump(mode="json")}
        await self._begin(record, OperationKind.ATTACH_DISK, starter, more)
        await self._say(key, f"Data disk {disk.name} is to be attached.")
        return disk_view(record, disk, asked.data_disk_resource_group_name)

    async def detach(self, key: NodeKey, body: object, starter: OperationStarter) -> None:
        """Begin to detach a data disk. Raises as `attach`; a repeat finds it is not the node's."""
        asked = parse_detach(body)
        record = await self._ready(key, Action.ATTACH_DETACH)
        disk_id = await self._id(key, asked.data_disk_resource_group_name, asked.data_disk_name)
        disk = own_disk(record.run, disk_id)
        retirement = Retirement(deletes=asked.should_deallocate, ttl_h=asked.ttl_h, why="detached")
        more = {
            "disk": disk.model_dump(mode="json"),
            "retirement": retirement.model_dump(mode="json"),
        }
        await self._begin(record, OperationKind.DETACH_DISK, starter, more)
        await self._say(key, f"Data disk {disk.name} is to be detached.")

    async def swap(self, key: NodeKey, body: object, starter: OperationStarter) -> None:
        """Begin to put another disk in the OS disk's place. Raises as `attach`.

        A repeat finds that it is the node's OS disk already.
        """
        asked = parse_swap(body)
        record = await self._ready(key, Action.SWAP_OS_DISK)
        disk_id = await self._id(key, asked.os_disk_resource_group_name, asked.os_disk_name)
        fit = os_disk_fit(record)
        await self._refuse_misfit(key, disk_id, fit)
        more = {
            "disk_id": disk_id,
            "fit": fit.model_dump(mode="json"),
            "retirement": of_the_old(asked).model_dump(mode="json"),
        }
        await self._begin(record, OperationKind.SWAP_OS_DISK, starter, more)
        await self._say(key, f"{asked.os_disk_name} is to become the OS disk.")

    async def _refuse_misfit(self, key: NodeKey, disk_id: str, fit: OsDiskFit) -> None:
        disk = await self._read(key, disk_id, "osDiskName")
        present = await self._read(key, fit.like_id, "osDiskName") if fit.like_id else None
        found = [*misfits(disk, present, fit, key.node_id)]
        if found:
            raise Rejected(FieldError(Code.VALUE, one, "osDiskName") for one in found)

    async def _ready(self, key: NodeKey, action: Action) -> NodeRecord:
        """Return a node that may be asked for this now; a brief operation is waited out."""
        patience = Patience(self.operations.clock)
        while True:
            record = await self.stores.nodes.get(key)
            if record is None:
                raise UnknownNode(key.node_id)
            if action not in actions_of(record):
                raise NotNow(refusal(action, record))
            if not is_busy(record):
                return record
            if not await patience.lasts(record):
                raise NotNow(held(record))

    async def _id(self, key: NodeKey, group: str, name: str) -> str:
        account = await self.stores.accounts.get(key.account_id)
        return resource_id(account.subscription_id if account else "", group, KIND, name)

    async def _read(self, key: NodeKey, disk_id: str, place: str) -> DiskFacts | None:
        """Read a disk. Raises `Rejected` with Azure's words, or `AzureSilent`."""
        try:
            async with asyncio.timeout(LOOK_UP_S):
                return await self.read(key.account_id, disk_id)
        except GroupNotFoundError:
            at = place.replace("Name", "ResourceGroupName")
            raise Rejected([FieldError(Code.VALUE, "names no resource group", at)]) from None
        except (AzureError, TimeoutError) as error:
            refused = isinstance(error, HttpResponseError) and _is_no(error.status_code)
            if not refused:
                raise AzureSilent(f"{KIND} could not be read") from error
            message = "names a disk that Azure does not let us read"
            raise Rejected([FieldError(Code.VALUE, message, place)]) from error

    async def _begin(
        self,
        record: NodeRecord,
        kind: OperationKind,
        starter: OperationStarter,
        more: Mapping[str, Any],
    ) -> None:
        """Lock the node and start the operation. Killed in between: the watch starts it."""
        operation = self.operations.make(record.key, kind, **more)
        await self.operations.watch(record.key, operation)
        if not await self.stores.nodes.lock(record, operation):
            raise NotNow(held(await self.stores.nodes.get(record.key)))
        await self.operations.start(record.key, operation, starter)

    async def _say(self, key: NodeKey, message: str) -> None:
        """Write a line of the node's log. What it tells of is done: losing it fails nothing."""
        now = self.operations.clock.now()
        try:
            await self.stores.log.write(key, [LogEntry(at=now, message=message)])
        except StoreError as error:
            _log.warning("node.log_lost", extra={"node": key.node_id, "why": str(error)})


def _is_no(status: int | None) -> bool:
    return status in (400, 401, 403)


def disk_view(record: NodeRecord, disk: DiskRef, group: str) -> dict[str, Any]:
    """Return a disk as the API shows it: its type under both names that clients know."""
    document, vm = record.document, record.run.vm
    shown: dict[str, Any] = {
        "name": disk.name,
        "resourceGroupName": group,
        "region": document["region"],
        "zone": disk.zone,
        "size": disk.size_gib,
        "lun": disk.lun,
        "accountType": disk.sku,
        "storageAccountType": disk.sku,
        "managedBy": vm.name if vm else None,
    }
    launch = (document.get("compute") or {}).get("launchSpecification") or {}
    tags = launch.get("tags") or []
    return shown | ({"tags": tags} if tags else {})
