"""Nodes as the API shows them: documents and statuses."""

from datetime import UTC, datetime
from typing import Any, Final

from shared.model.remarks import Remark, remarks_of
from shared.model.run import Progress, Status, Waiting
from shared.model.seen import VmHealth
from shared.model.wire import from_stored, to_wire
from shared.policy.snapshots import snapshot_at
from store.node_rows import NodeRecord
from store.summary import NodeSummary

GOING: Final = frozenset({Status.DEALLOCATE, Status.DEALLOCATING, Status.DEALLOCATED})
"""A node in one of these is not in the list of nodes any more; its status still is."""


def rfc3339(moment: datetime | None) -> str | None:
    """Return a moment as the API writes it: UTC, milliseconds, `Z`."""
    if moment is None:
        return None
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


class NodeView(dict[str, Any]):
    """A node document as clients read it."""

    record: NodeRecord

    @property
    def remarks(self) -> list[Remark]:
        """What is to be said of it besides: of fields that are never shown, too."""
        return remarks_of(self.record.document)


def node_view(record: NodeRecord) -> NodeView:
    """Return the node document as clients read it."""
    view = NodeView(
        id=record.key.node_id,
        **to_wire(from_stored(record.document)),
        createdAt=record.document.get("createdAt") or rfc3339(record.run.created_at),
        updatedAt=record.document.get("updatedAt") or rfc3339(record.run.updated_at),
    )
    view.record = record
    return view


def status_of_record(record: NodeRecord) -> dict[str, Any]:
    """Return a node's status document."""
    run, vm = record.run, record.run.vm
    summary = NodeSummary(
        key=record.key,
        version=record.version,
        name=record.document["name"],
        region=record.document["region"],
        resource_group_name=record.document["resourceGroupName"],
        vm_name=vm.name if vm else None,
        vm_size=vm.size if vm else None,
        lifecycle=vm.lifecycle if vm else None,
        zone=vm.zone if vm else None,
        snapshot_at=snapshot_at(run),
        **{name: getattr(run, name) for name in _SHARED},
    )
    return status_of_summary(summary)


_SHARED: Final = (
    "status",
    "generation",
    "private_ip",
    "public_ip",
    "waiting",
    "error_reason",
    "rollback_reason",
    "vm_health",
    "created_at",
    "updated_at",
    "progress",
)


def status_of_summary(one: NodeSummary) -> dict[str, Any]:
    """Return a node's status document from its line of the list.

    Both spellings of the lifecycle are in it, because clients disagree. `progress`, `waiting` and
    `lastSnapshotAt` are ours: how far the operation is, why nothing happens now and until when, and
    from when on all would be lost if the zone went down now. A VM's health is known while it runs.
    """
    lifecycle = one.lifecycle.value if one.lifecycle else None
    return {
        "id": one.key.node_id,
        "name": one.name,
        "region": one.region,
        "resourceGroupName": one.resource_group_name,
        "status": one.status.value,
        "vmName": one.vm_name,
        "vmSize": one.vm_size,
        "lifecycle": lifecycle,
        "lifeCycle": lifecycle,
        "zone": one.zone,
        "privateIp": one.private_ip,
        "publicIp": one.public_ip,
        "rollbackReason": one.rollback_reason,
        "errorReason": one.error_reason,
        "vmHealthStatus": one.vm_health if one.status is Status.ACTIVE else VmHealth.UNKNOWN,
        "progress": _progress(one.progress),
        "waiting": _waiting(one.waiting),
        "lastSnapshotAt": rfc3339(one.snapshot_at),
        "createdAt": rfc3339(one.created_at),
        "updatedAt": rfc3339(one.updated_at),
    }


def _progress(progress: Progress | None) -> dict[str, Any] | None:
    return {"percent": progress.percent, "step": progress.step} if progress else None


def _waiting(waiting: Waiting | None) -> dict[str, Any] | None:
    if waiting is None:
        return None
    until = rfc3339(waiting.until)
    return {"reason": waiting.reason, "until": until, "attempt": waiting.attempt}
