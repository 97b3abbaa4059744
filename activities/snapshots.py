"""Snapshots of disks in use, a round at a time."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

from azure.core.exceptions import AzureError, HttpResponseError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import BROKEN, found
from activities.azure.errors import arm_error
from activities.azure.polling import follow
from activities.azure.words import word
from activities.older_copies import is_complete
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from activities.vm_read import SECOND_LOOK_S
from shared.contracts.base import StillRunning, Work
from shared.contracts.snapshots import SnapshotsTaken, TakeSnapshots
from shared.model.run import DiskRef
from shared.model.seen import DiskSnapshot
from shared.model.wire import from_stored
from shared.names import parts_of, periodic_snapshot_name, resource_id, stem
from shared.policy.snapshots import obsolete
from store.journal import Lineage

COMPUTE: Final = "Microsoft.Compute"
WAIT_S: Final = 6.0
"""How long a creation or a deletion is followed, two looks even by a process that has just begun:
most take less than a second (22 s at most, by recordings), and what takes longer is looked at by
the next round. The node is held meanwhile."""


class _Troubles:
    """What went wrong, each of it for itself."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def apart(self, work: Awaitable[Any], otherwise: Any) -> Any:
        """Return what the work returns; `otherwise` if Azure refuses it or does not answer."""
        try:
            return await work
        except HttpResponseError as error:
            problem = arm_error(error)
            self.told.append(f"{problem.code}: {problem.message}")
        except AzureError as error:
            self.told.append(f"no answer: {error}")
        return otherwise


async def take_snapshots(request: TakeSnapshots, *, ports: Ports) -> SnapshotsTaken:
    """Take an incremental snapshot of each disk, and keep the newest of each that are complete.

    Idempotent: names carry the moment of the round, so a repeat finds what it made. A creation is
    not waited for longer than `WAIT_S`; one that is under way, or of which nothing was heard, is
    told as incomplete and looked at by the next round. Only what carries the node's tag is deleted.
    Raises nothing of Azure's: whoever waits for the node is not kept waiting.
    """
    troubles = _Troubles()
    azure = await troubles.apart(ports.azure_of(request.work), None)
    if azure is None:
        return SnapshotsTaken(taken=request.earlier, troubles=tuple(troubles.told))
    looks = (_looked(azure, one, ports, troubles) for one in request.earlier)
    begun = (_taken(azure, request, disk, ports, troubles) for disk in request.disks)
    made = await asyncio.gather(*looks, *begun)
    taken = {one.id: one for one in made if one}
    for one in obsolete(taken.values(), request.disks):
        end = _deleted(azure, one, request.work, ports)
        if await troubles.apart(end, otherwise=False):
            del taken[one]
        else:  # perhaps it goes yet: the next round looks
            taken[one] = taken[one].model_copy(update={"is_complete": False})
    return SnapshotsTaken(taken=tuple(taken.values()), troubles=tuple(troubles.told))


async def _looked(
    azure: Azure, snapshot: DiskSnapshot, ports: Ports, troubles: _Troubles
) -> DiskSnapshot | None:
    """Return a snapshot of an earlier round as it is now; None: there is none, at two looks."""
    if snapshot.is_complete:
        return snapshot
    there = await troubles.apart(_read(azure, snapshot.id), snapshot)
    if there is None:
        await ports.clock.sleep(SECOND_LOOK_S)
        there = await troubles.apart(_read(azure, snapshot.id), snapshot)
    if there is None or there is snapshot:
        return snapshot if there else None
    broken = word(there.properties.provisioning_state) in BROKEN
    return snapshot.model_copy(update={"is_complete": is_complete(there), "is_broken": broken})


async def _taken(
    azure: Azure, request: TakeSnapshots, disk: DiskRef, ports: Ports, troubles: _Troubles
) -> DiskSnapshot:
    work = request.work
    name = periodic_snapshot_name(stem(work.key), disk.lun, request.at)
    snapshot_id = resource_id(
        work.subscription_id, work.resource_group, f"{COMPUTE}/snapshots", name
    )
    made = await troubles.apart(_begun(azure, request, disk, (name, snapshot_id, ports)), None)
    return DiskSnapshot(
        id=snapshot_id,
        disk_id=disk.id,
        taken_at=request.at,
        is_complete=made is not None and is_complete(made),
    )


async def _begun(
    azure: Azure, request: TakeSnapshots, disk: DiskRef, about: tuple[str, str, Ports]
) -> Any:
    """Begin the snapshot, if it is not there yet; return it, or None while it is being made."""
    name, snapshot_id, ports = about
    work = request.work
    there = await _read(azure, snapshot_id)
    if there is None:
        body = await _body(azure, request, disk, ports)
        async with journalled(ports, work, f"snapshot_{name}", snapshot_id):
            there = await follow(
                lambda polling, token: azure.compute.snapshots.begin_create_or_update(
                    work.resource_group,
                    name,
                    body,
                    polling=polling,
                    continuation_token=token,
                    headers=headers(work),
                ),
                ports.clock,
                wait_s=WAIT_S,
            )
    born = Lineage(child_id=snapshot_id, parent_id=disk.id, kind="copy", at=ports.clock.now())
    await ports.stores.journal.add_lineage(work.key, born)
    return None if isinstance(there, StillRunning) else there


async def _body(azure: Azure, request: TakeSnapshots, disk: DiskRef, ports: Ports) -> m.Snapshot:
    """Return the body of the PUT. Raises ResourceNotFoundError where the disk is gone."""
    group, _, name = parts_of(disk.id)
    source: Any = await azure.compute.disks.get(group, name)
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        raise LookupError(f"node {request.work.key.node_id} was deleted")
    return m.Snapshot(
        location=source.location,
        sku=m.SnapshotSku(name="Standard_ZRS"),  # in every zone, whatever befalls the disk's
        tags=tags_of(from_stored(record.document), request.work, request.generation),
        properties=m.SnapshotProperties(
            creation_data=m.CreationData(create_option="Copy", source_resource_id=source.id),
            incremental=True,
            security_profile=source.properties.security_profile,
        ),
    )


async def _deleted(azure: Azure, snapshot_id: str, work: Work, ports: Ports) -> bool:
    """Delete a snapshot; True: it is gone, or is not the node's any more."""
    there = await _read(azure, snapshot_id)
    if there is None or not is_ours(there.tags, work):
        return True
    group, _, name = parts_of(snapshot_id)
    async with journalled(ports, work, f"delete_{name}", snapshot_id):
        ended = await follow(
            lambda polling, token: azure.compute.snapshots.begin_delete(
                group, name, polling=polling, continuation_token=token, headers=headers(work)
            ),
            ports.clock,
            wait_s=WAIT_S,
        )
    return not isinstance(ended, StillRunning)


async def _read(azure: Azure, snapshot_id: str) -> Any:
    group, _, name = parts_of(snapshot_id)
    return await found(azure.compute.snapshots.get(group, name))
