"""Copies of disks, across zones or for a launch that wants fresh ones."""

import asyncio
from typing import Any, Final

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import ensure, found
from activities.azure.errors import answering
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from shared.contracts.base import Refused, StillRunning
from shared.contracts.disk import CopyDisks, DisksCopied
from shared.model.run import DiskRef
from shared.model.wire import from_stored
from shared.names import copy_name, parts_of, resource_id, snapshot_name, stem
from store.journal import Lineage

COMPUTE: Final = "Microsoft.Compute"
WHOLE: Final = 100.0
"""completionPercent of a snapshot that can be copied from."""


@answering
async def copy_disks(request: CopyDisks, *, ports: Ports) -> DisksCopied | Refused | StillRunning:
    """Snapshot each disk (incrementally) and make a new disk from it in the wanted zone.

    The disks must be down: their snapshots agree with each other then. Idempotent: names come
    from node, disk, generation and zone; another zone's copy uses the same snapshot again.
    The old disks are not touched.
    """
    azure = await ports.azure_of(request.work)
    copies = await asyncio.gather(*(_copy(azure, request, disk, ports) for disk in request.disks))
    disks: list[DiskRef] = []
    snapshots: list[str] = []
    for one in copies:
        if not isinstance(one, tuple):
            return one
        disks.append(one[0])
        snapshots.append(one[1])
    return DisksCopied(disks=tuple(disks), snapshot_ids=tuple(snapshots))


async def _copy(
    azure: Azure, request: CopyDisks, disk: DiskRef, ports: Ports
) -> tuple[DiskRef, str] | Refused | StillRunning:
    group, _, name = parts_of(disk.id)
    source = await found(azure.compute.disks.get(group, name))
    if source is None:
        return Refused(code="DiskGone", message=f"{disk.id} is not there to be copied")
    tags = await _tags(request, ports)
    snapshot = await _snapshot(azure, request, source, (disk, tags), ports)
    if isinstance(snapshot, StillRunning):
        return snapshot
    if not is_ours(snapshot.tags, request.work):
        return Refused(code="NotOurs", message=f"{snapshot.id} is not this node's")
    percent = snapshot.properties.completion_percent
    if percent is not None and percent < WHOLE:
        return StillRunning(token="")
    made = await _disk(azure, request, source, (disk, snapshot.id, tags), ports)
    if isinstance(made, StillRunning):
        return made
    for child, parent in ((snapshot.id, disk.id), (made.id, snapshot.id)):
        born = Lineage(child_id=child, parent_id=parent, kind="copy", at=ports.clock.now())
        await ports.stores.journal.add_lineage(request.work.key, born)
    ref = disk.model_copy(update={"id": made.id, "name": made.name, "zone": request.zone})
    return ref, str(snapshot.id)


async def _tags(request: CopyDisks, ports: Ports) -> dict[str, str]:
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        raise LookupError(f"node {request.work.key.node_id} was deleted")
    return tags_of(from_stored(record.document), request.work, request.generation)


async def _snapshot(
    azure: Azure,
    request: CopyDisks,
    source: Any,
    about: tuple[DiskRef, dict[str, str]],
    ports: Ports,
) -> Any:
    disk, tags = about
    work = request.work
    name = snapshot_name(stem(work.key), disk.lun, request.generation)
    body = m.Snapshot(
        location=source.location,
        tags=tags,
        properties=m.SnapshotProperties(
            creation_data=m.CreationData(create_option="Copy", source_resource_id=source.id),
            incremental=True,
            security_profile=source.properties.security_profile,
        ),
    )
    operations = azure.compute.snapshots
    target = resource_id(work.subscription_id, work.resource_group, f"{COMPUTE}/snapshots", name)
    async with journalled(ports, work, f"snapshot_{_role(disk)}", target):
        return await ensure(
            lambda: operations.get(work.resource_group, name),
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )


async def _disk(
    azure: Azure,
    request: CopyDisks,
    source: Any,
    about: tuple[DiskRef, str, dict[str, str]],
    ports: Ports,
) -> Any:
    disk, snapshot_id, tags = about
    work = request.work
    name = copy_name(stem(work.key), disk.lun, request.generation, request.zone)
    body = m.Disk(
        location=source.location,
        tags=tags,
        zones=[request.zone] if request.zone else None,
        sku=m.DiskSku(name=source.sku.name),
        properties=m.DiskProperties(
            creation_data=m.CreationData(create_option="Copy", source_resource_id=snapshot_id),
            disk_size_gb=source.properties.disk_size_gb,
            os_type=source.properties.os_type,
            hyper_v_generation=source.properties.hyper_v_generation,
            security_profile=source.properties.security_profile,
        ),
    )
    operations = azure.compute.disks
    target = resource_id(work.subscription_id, work.resource_group, f"{COMPUTE}/disks", name)
    async with journalled(ports, work, f"copy_{_role(disk)}", target):
        return await ensure(
            lambda: operations.get(work.resource_group, name),
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )


def _role(disk: DiskRef) -> str:
    return "os" if disk.lun is None else f"data{disk.lun}"
