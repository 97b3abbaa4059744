"""What a node has in Azure: named by our rows, told by Azure as it is now.

Where Azure does not tell, our rows do, and what they do not know is null: a page about a node must
not fail because one of ten reads did.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from azure.core.exceptions import AzureError

from activities.azure.clients import Azure, AzureClients
from activities.resources import SnapshotFacts, disks_read, nics_shown, snapshots_read
from services.refusals import AzureSilent, UnknownNode
from shared.model.disk_facts import DiskFacts
from shared.model.ids import NodeKey
from shared.model.resources import (
    DataDiskShown,
    NetworkShown,
    OsDiskShown,
    ResourcesShown,
    Shown,
    StorageShown,
)
from shared.model.run import DiskRef, RunState
from shared.names import parts_of, same_id
from shared.policy.snapshots import newest
from store.node_rows import NodeRecord
from store.stores import Stores

LOOK_UP_S: Final = 10.0
"""A client waits for the answer."""


@dataclass(frozen=True)
class Resources:
    """The use-case of looking at a node's resources."""

    stores: Stores
    azure: AzureClients

    async def of(self, key: NodeKey) -> dict[str, Any]:
        """Return a node's resources. Raises `UnknownNode`, `AzureSilent`."""
        record = await self.stores.nodes.get(key)
        if record is None:
            raise UnknownNode(key.node_id)
        account = await self.stores.accounts.get(key.account_id)
        subscription = account.subscription_id if account else ""
        try:
            async with asyncio.timeout(LOOK_UP_S):
                shown = await _shown(await self.azure.of(subscription, key.account_id), record)
        except (AzureError, TimeoutError) as silence:
            raise AzureSilent("the node's resources could not be read") from silence
        return shown.model_dump(mode="json", by_alias=True)


async def _shown(azure: Azure, record: NodeRecord) -> ResourcesShown:
    run, document = record.run, record.document
    disks = [disk for disk in (run.os_disk, *run.data_disks) if disk]
    nics, read, snapshots = await asyncio.gather(
        nics_shown(azure, run.nics),
        disks_read(azure, (disk.id for disk in disks)),
        snapshots_read(azure, run.snapshots),
    )
    storage = _Storage(run, read, snapshots)
    network = document["compute"]["launchSpecification"]["network"]
    return ResourcesShown(
        id=record.key.node_id,
        name=document["name"],
        resource_group_name=document["resourceGroupName"],
        network=NetworkShown(
            virtual_network=Shown(
                name=network["virtualNetworkName"],
                resource_group_name=network["resourceGroupName"],
            ),
            network_interfaces=nics,
        ),
        storage=storage.shown(document["compute"]["os"]),
    )


@dataclass(frozen=True)
class _Storage:
    """A node's disks, and what Azure told of them."""

    run: RunState
    disks: dict[str, DiskFacts]
    snapshots: tuple[SnapshotFacts, ...]

    def shown(self, system: str) -> StorageShown:
        """Return the disks as the API shows them."""
        os_disk = self.run.os_disk
        return StorageShown(
            os_disk=OsDiskShown(os_type=system, **self._disk(os_disk)) if os_disk else None,
            data_disks=tuple(
                DataDiskShown(lun=disk.lun, **self._disk(disk)) for disk in self.run.data_disks
            ),
        )

    def _disk(self, disk: DiskRef) -> dict[str, Any]:
        group, _, name = parts_of(disk.id)
        read = self.disks.get(disk.id.lower())
        snapshot, taken_at = self._newest(disk.id)
        return {
            "name": name,
            "resource_group_name": group,
            "storage_account_type": (read and read.sku) or disk.sku,
            "size_gib": (read and read.size_gib) or disk.size_gib,
            "snapshot": snapshot,
            "last_completed_snapshot": taken_at,
        }

    def _newest(self, disk_id: str) -> tuple[str | None, datetime | None]:
        """Return the newest snapshot of a disk: taken of it, or what it was made from."""
        read = self.disks.get(disk_id.lower())
        origin = read.made_from if read else ""
        told = [
            one
            for one in self.snapshots
            if same_id(one.disk_id, disk_id) or same_id(one.id, origin)
        ]
        if told:
            last = max(told, key=lambda one: one.taken_at)
            return parts_of(last.id)[2], last.taken_at
        known = newest(self.run, disk_id)
        return (parts_of(known.id)[2], known.taken_at) if known else (None, None)
