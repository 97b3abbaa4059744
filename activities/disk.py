"""Copies of disks, across zones or for a launch that wants fresh ones."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from azure.core.exceptions import AzureError
from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, ensure, found
from activities.azure.errors import Refusal, answering_room
from activities.azure.words import word
from activities.older_copies import older_copy, says_unwell
from activities.ports import Ports, headers, is_ours, journalled
from activities.vm_body import tags_of
from shared.contracts.base import Changed, NoCapacity, Refused, StillRunning
from shared.contracts.disk import CopyDisks, DisksCopied
from shared.model.run import DiskRef
from shared.model.seen import DiskSnapshot, Stranded
from shared.model.wire import from_stored
from shared.names import copy_name, parts_of, resource_id, snapshot_name, stem
from shared.policy.attach import ZRS
from store.journal import Lineage

COMPUTE: Final = "Microsoft.Compute"
WHOLE: Final = 100.0
"""completionPercent of a snapshot that can be copied from."""


@dataclass(frozen=True)
class _Job:
    """One disk to be copied: the disk as Azure tells it, and the names of what is made of it."""

    disk: DiskRef
    source: Any
    snapshot: str
    copy: str
    older: DiskSnapshot | None = None
    """The snapshot to copy from because no fresh one can be had."""


@dataclass(frozen=True)
class _Made:
    """One disk that was copied, or captured."""

    job: _Job
    disk: DiskRef
    snapshot_id: str


@answering_room
async def copy_disks(
    request: CopyDisks, *, ports: Ports
) -> DisksCopied | NoCapacity | Refused | Changed | StillRunning | Refusal:
    """Snapshot each disk (incrementally) and make a new disk from it in the wanted zone.

    The disks must be down: their snapshots agree with each other then. Idempotent: names come
    from node, disk, generation and zone, and from the moment when the disk last changed hands.
    A snapshot made before the disk was written to again has another name, so it is never taken
    for a copy of what is on the disk now. The old disks are not touched. A refusal of one tells
    what may have been made of all. A request to capture stops at the snapshots. A disk whose zone
    gives nothing out for long is made from a snapshot of earlier, and told as stranded.
    """
    azure = await ports.azure_of(request.work)
    found_jobs = await all_of(_job(azure, request, disk) for disk in request.disks)
    jobs = [job for job in found_jobs if job]
    if len(jobs) < len(request.disks):
        return Changed(code="DiskGone", message="a disk that was to be copied is not there")
    tags = await _tags(request, ports)
    made: list[_Made] = []
    for one in await all_of(_copy(azure, request, job, tags, ports) for job in jobs):
        if isinstance(one, Refused | Changed | NoCapacity):
            tried = await _begun(request, ports)
            return one.model_copy(update={"made": _each((*_ids(request, jobs), *tried))})
        if not isinstance(one, _Made):
            return one
        made.append(one)
    used = {one.lower() for each in made for one in (each.snapshot_id, each.disk.id)}
    begun = _each(one for one in await _begun(request, ports) if one.lower() not in used)
    return DisksCopied(
        disks=tuple(one.disk for one in made),
        snapshot_ids=tuple(one.snapshot_id for one in made),
        made=begun,
        stranded=tuple(
            Stranded(disk_id=one.job.disk.id, copied_at=one.job.older.taken_at)
            for one in made
            if one.job.older
        ),
    )


async def _begun(request: CopyDisks, ports: Ports) -> list[str]:
    """Return the ids of all that this step has set out to make, repeats and all.

    A disk that changes hands between two tries of the step is copied anew, under other names: what
    the first try made is of no use then.
    """
    work = request.work
    intents = await ports.stores.journal.of_operation(work.key, work.operation_id)
    return [one.target for one in intents if one.step.startswith(f"{work.step}/")]


def _each(ids: Iterable[str]) -> tuple[str, ...]:
    """Return each id once, disks before the snapshots that they may have come from."""
    return tuple(sorted(dict.fromkeys(ids), key=lambda one: parts_of(one)[1]))


async def _job(azure: Azure, request: CopyDisks, disk: DiskRef) -> _Job | None:
    group, _, name = parts_of(disk.id)
    source = await found(azure.compute.disks.get(group, name))
    if source is None:
        return None
    root = f"{stem(request.work.key)}-{_state_of(source)}"
    snapshot = snapshot_name(root, disk.lun, request.generation)
    return _Job(disk, source, snapshot, copy_name(root, disk.lun, request.generation, request.zone))


def _state_of(source: Any) -> str:
    """Name what is on a disk that is down: nobody wrote to it since it last changed hands.

    Azure moves that moment with each attach, detach, start and deallocation of the disk's VM.
    """
    properties = source.properties
    moment = properties.last_ownership_update_time or properties.time_created
    return f"{moment:%Y%m%d%H%M%S}"


def _ids(request: CopyDisks, jobs: list[_Job]) -> tuple[str, ...]:
    """Return the ids of all that this step makes, users of others first."""
    work = request.work
    names = [("disks", job.copy) for job in jobs if not request.capture]
    names += [("snapshots", job.snapshot) for job in jobs]
    return tuple(
        resource_id(work.subscription_id, work.resource_group, f"{COMPUTE}/{kind}", name)
        for kind, name in names
    )


@answering_room
async def _copy(
    azure: Azure, request: CopyDisks, job: _Job, tags: dict[str, str], ports: Ports
) -> "_Made | Refused | StillRunning":
    try:
        snapshot = await _snapshot(azure, request, job, tags, ports)
    except AzureError as error:
        older = await _older(azure, request, job, error, ports)
        if older is None:
            raise
        job, snapshot = older
    if isinstance(snapshot, StillRunning):
        return snapshot
    if not is_ours(snapshot.tags, request.work):
        return Refused(code="NotOurs", message=f"{snapshot.id} is not this node's")
    if not _is_whole(snapshot):
        return StillRunning(token="")
    await _born(snapshot.id, job.disk.id, request, ports)
    if request.capture:
        return _Made(job, job.disk, str(snapshot.id))
    return await _copied(azure, request, job, (str(snapshot.id), tags), ports)


async def _older(
    azure: Azure, request: CopyDisks, job: _Job, error: AzureError, ports: Ports
) -> tuple[_Job, Any] | None:
    """Return an older snapshot to copy from, under a name of its own; None: wait for a fresh one.

    What is made from it does not hold what the disk holds, and must never be taken for that.
    """
    if request.capture or not says_unwell(error):
        return None
    action = f"snapshot_{job.snapshot}"
    found_older = await older_copy(azure, request.work, job.disk, action, ports)
    if found_older is None:
        return None
    taken, snapshot = found_older
    root = f"{stem(request.work.key)}-at-{taken.taken_at:%Y%m%d%H%M%S}"
    copy = copy_name(root, job.disk.lun, request.generation, request.zone)
    return replace(job, copy=copy, older=taken), snapshot


def _is_whole(snapshot: Any) -> bool:
    """Tell whether a snapshot can be copied from."""
    percent = snapshot.properties.completion_percent
    return percent is None or percent >= WHOLE


async def _copied(
    azure: Azure, request: CopyDisks, job: _Job, about: tuple[str, dict[str, str]], ports: Ports
) -> "_Made | Refused | StillRunning":
    made = await _disk(azure, request, job, about, ports)
    if isinstance(made, StillRunning):
        return made
    if not is_ours(made.tags, request.work):
        return Refused(code="NotOurs", message=f"{made.id} is not this node's")
    await _born(made.id, about[0], request, ports)
    changes = {"id": made.id, "name": made.name, "zone": _zone(request, job)}
    return _Made(job, job.disk.model_copy(update=changes), about[0])


def _zone(request: CopyDisks, job: _Job) -> str | None:
    """Return the one zone that a copy is in; a zone-redundant disk is in all, and names none."""
    return None if word(job.source.sku.name).endswith(ZRS) else request.zone


async def _born(child_id: str, parent_id: str, request: CopyDisks, ports: Ports) -> None:
    """Note what was made from what."""
    born = Lineage(child_id=child_id, parent_id=parent_id, kind="copy", at=ports.clock.now())
    await ports.stores.journal.add_lineage(request.work.key, born)


async def _tags(request: CopyDisks, ports: Ports) -> dict[str, str]:
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        raise LookupError(f"node {request.work.key.node_id} was deleted")
    return tags_of(from_stored(record.document), request.work, request.generation)


async def _snapshot(
    azure: Azure, request: CopyDisks, job: _Job, tags: dict[str, str], ports: Ports
) -> Any:
    work, source = request.work, job.source
    body = m.Snapshot(
        location=source.location,
        tags=tags,
        properties=m.SnapshotProperties(
            creation_data=m.CreationData(create_option="Copy", source_resource_id=source.id),
            incremental=True,
            security_profile=source.properties.security_profile,
        ),
    )
    operations, kind = azure.compute.snapshots, f"{COMPUTE}/snapshots"
    target = resource_id(work.subscription_id, work.resource_group, kind, job.snapshot)
    async with journalled(ports, work, f"snapshot_{job.snapshot}", target):
        return await ensure(
            lambda: operations.get(work.resource_group, job.snapshot),
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                job.snapshot,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )


async def _disk(
    azure: Azure, request: CopyDisks, job: _Job, about: tuple[str, dict[str, str]], ports: Ports
) -> Any:
    work, source = request.work, job.source
    snapshot_id, tags = about
    body = m.Disk(
        location=source.location,
        tags=tags,
        zones=[zone] if (zone := _zone(request, job)) else None,
        sku=m.DiskSku(name=source.sku.name),
        properties=m.DiskProperties(
            creation_data=m.CreationData(create_option="Copy", source_resource_id=snapshot_id),
            disk_size_gb=source.properties.disk_size_gb,
            os_type=source.properties.os_type,
            hyper_v_generation=source.properties.hyper_v_generation,
            security_profile=source.properties.security_profile,
        ),
    )
    operations, kind = azure.compute.disks, f"{COMPUTE}/disks"
    target = resource_id(work.subscription_id, work.resource_group, kind, job.copy)
    async with journalled(ports, work, f"copy_{job.copy}", target):
        return await ensure(
            lambda: operations.get(work.resource_group, job.copy),
            lambda polling, token: operations.begin_create_or_update(
                work.resource_group,
                job.copy,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(work),
            ),
            ports.clock,
        )
