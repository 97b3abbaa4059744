"""What the list of nodes needs of each node, kept small in its own table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import Field

from shared.model.ids import NodeKey, node_key
from shared.model.run import Lifecycle, Progress, Row, RunState, Status, Waiting
from shared.model.seen import HealthSeen, SnapshotRound
from shared.policy import snapshots
from shared.policy.health import HealthRules, rules_of
from store.codec import json_of, json_values, model_of, model_values
from store.keys import decode
from store.rows import Stored

SUMMARY_COLUMNS: Final = (
    "run",
    "progress",
    "document",
    *(f"document_{piece}" for piece in range(1, 8)),
)
"""What the list reads of a row. 44 tags of 1,024 characters, none alike, are less than 8 pieces."""


class DocumentSummary(Row):
    """What the list says of a node's configuration."""

    version: int = 0
    name: str = ""
    region: str = ""
    resource_group_name: str = ""
    tags: dict[str, str] = Field(default_factory=dict)
    health_rules: HealthRules | None = None
    wants_snapshots: bool = False
    """Of disks in use."""


class RunSummary(Row):
    """What the list says of a node's runtime."""

    status: Status = Status.PENDING
    generation: int = 0
    vm_name: str | None = None
    vm_size: str | None = None
    vm_resource_id: str | None = None
    lifecycle: Lifecycle | None = None
    zone: str | None = None
    private_ip: str | None = None
    public_ip: str | None = None
    waiting: Waiting | None = None
    error_reason: str | None = None
    rollback_reason: str | None = None
    vm_health: str = "UNKNOWN"
    health_seen: HealthSeen | None = None
    launched_at: datetime | None = None
    """When the present VM was."""
    snapshot_at: datetime | None = None
    """Of the disks in use: the age of the oldest of their newest complete snapshots."""
    snapshot_round: SnapshotRound | None = None
    """The latest about the present disks, which are not named here."""
    has_snapshots: bool = False
    """Of disks in use."""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class NodeSummary(DocumentSummary, RunSummary):
    """One line of the list of nodes: enough for the API's status document."""

    key: NodeKey
    progress: Progress | None = None


def document_values(version: int, document: Mapping[str, Any]) -> dict[str, str]:
    """Return the list row's properties that come from the configuration document."""
    summary = DocumentSummary(
        version=version,
        name=_text(document, "name"),
        region=_text(document, "region"),
        resource_group_name=_text(document, "resourceGroupName"),
        tags=_tags(document),
        health_rules=rules_of(document),
        wants_snapshots=snapshots.wanted(document),
    )
    return model_values("document", summary)


def run_values(run: RunState) -> dict[str, str]:
    """Return the list row's properties that come from the runtime."""
    same = run.model_dump(mode="json", include=set(RunSummary.model_fields))
    vm = run.vm
    body = {
        **same,
        "vm_name": vm and vm.name,
        "vm_size": vm and vm.size,
        "vm_resource_id": vm and vm.id,
        "lifecycle": vm and vm.lifecycle,
        "zone": vm and vm.zone,
        "launched_at": vm and vm.launched_at and vm.launched_at.isoformat(),
        **_snapshots(run),
    }
    return {**json_values("run", body), **progress_values(run.progress)}


def _snapshots(run: RunState) -> dict[str, Any]:
    latest, at = snapshots.round_of(run), snapshots.snapshot_at(run)
    short = latest.model_copy(update={"disk_ids": ()}) if latest else None
    return {
        "snapshot_at": at and at.isoformat(),
        "snapshot_round": short and short.model_dump(mode="json"),
        "has_snapshots": bool(snapshots.present(run)),
    }


def progress_values(progress: Progress | None) -> dict[str, str]:
    """Return the property that holds how far an operation is; empty for none."""
    return model_values("progress", progress) if progress else {"progress": ""}


def progress_of(stored: Stored) -> Progress | None:
    """Read how far the operation is."""
    return model_of(stored.values, "progress", Progress) if stored.values.get("progress") else None


def summary_of(stored: Stored) -> NodeSummary:
    """Read a list row."""
    parts = {**json_of(stored.values, "document"), **json_of(stored.values, "run")}
    key = node_key(decode(stored.partition), decode(stored.row))
    return NodeSummary.model_validate({**parts, "key": key, "progress": progress_of(stored)})


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    return value if isinstance(value, str) else ""


def _tags(document: Mapping[str, Any]) -> dict[str, str]:
    compute = document.get("compute") or {}
    launch = compute.get("launchSpecification") or {}
    tags = launch.get("tags") or []
    return {str(tag.get("tagKey")): str(tag.get("tagValue") or "") for tag in tags}
