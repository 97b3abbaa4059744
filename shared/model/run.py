"""What a node is right now: status, VM, resources, and the operation that holds it.

Contracts and rows ignore unknown fields, so that old and new code read each other's rows
while a deploy rolls.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from shared.model.ids import OperationId
from shared.model.row import Row as Row  # noqa: PLC0414 - read by most who import rows
from shared.model.seen import DiskSnapshot, HealthSeen, SnapshotRound


class Status(StrEnum):
    """A node's status, the API's words."""

    PENDING = "PENDING"
    IMPORTING = "IMPORTING"
    ACTIVE = "ACTIVE"
    PAUSE = "PAUSE"
    PAUSING = "PAUSING"
    PAUSED = "PAUSED"
    RESUME = "RESUME"
    RESUMING = "RESUMING"
    RECYCLE = "RECYCLE"
    RECYCLING = "RECYCLING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    STARTING = "STARTING"
    ERROR = "ERROR"
    DEALLOCATE = "DEALLOCATE"
    DEALLOCATING = "DEALLOCATING"
    DEALLOCATED = "DEALLOCATED"


class Lifecycle(StrEnum):
    """How Azure sells the VM: Spot or on-demand."""

    SPOT = "SPOT"
    OD = "OD"


class OperationKind(StrEnum):
    """What an operation does to its node."""

    CREATE = "create"
    REPLACE = "replace"
    DELETE = "delete"
    PAUSE = "pause"
    RESUME = "resume"
    RECYCLE = "recycle"
    STOP = "stop"
    START = "start"
    IMPORT = "import_vm"
    SWAP_OS_DISK = "swap_os_disk"
    ATTACH_DISK = "attach_disk"
    DETACH_DISK = "detach_disk"
    SNAPSHOT = "snapshot_disks"
    DEALLOCATE = "deallocate"
    """Ends what its owner wanted kept for a time that is over."""
    OBSERVE = "observe"
    """Changes only our own rows: what somebody else did to the VM is noted. No orchestration."""


class DiskRef(Row):
    """One managed disk of a node."""

    id: str
    name: str
    lun: int | None = None
    """None for the OS disk."""
    sku: str | None = None
    size_gib: int | None = None
    zone: str | None = None
    caching: str | None = None
    security_type: str | None = None
    """That a VM on this OS disk must have, as the disk was last read; None: not told."""


class NicRef(Row):
    """One network interface of a node, with the addresses it last had."""

    id: str
    name: str
    is_primary: bool
    private_ip: str | None = None
    public_ip: str | None = None
    public_ip_id: str | None = None
    public_ip_zone: str | None = None
    """The one zone that the public address serves; None: any."""
    accelerated: bool = False
    """Accelerated networking is on: sizes that have none are refused."""
    pool_marks: str = ""
    """Which backend pools we put it in: its tag, as in shared/policy/backends.py."""


class Vm(Row):
    """The node's present VM."""

    id: str
    name: str
    vm_id: str | None = None
    """Azure's vmId: tells a VM from a later one of the same name."""
    size: str
    zone: str | None = None
    lifecycle: Lifecycle
    launched_at: datetime | None = None
    ours: bool = True
    """False for a VM that was imported and not launched by us."""


class Retained(Row):
    """A resource that the node has given up, and that its owner wants kept for a while."""

    id: str
    until: datetime
    """From then on it is deleted, unless somebody uses it."""
    why: str = ""
    """`deleted`, `detached`, `swapped`: what gave it up."""
    tries: int = 0
    """Deletions that Azure refused."""


class Waiting(Row):
    """Why nothing happens now, and when it will be tried again."""

    reason: str
    until: datetime
    attempt: int = 0


class Progress(Row):
    """How far the running operation is."""

    percent: int = 0
    step: str = ""


class RunState(Row):
    """Runtime state of a node: row `run`. Written by the operation that holds the lock."""

    status: Status = Status.PENDING
    generation: int = 0
    """Counts VMs: the first VM is generation 1."""
    vm: Vm | None = None
    os_disk: DiskRef | None = None
    data_disks: tuple[DiskRef, ...] = ()
    nics: tuple[NicRef, ...] = ()
    private_ip: str | None = None
    public_ip: str | None = None
    launched_version: int = 0
    """Configuration version that the present VM was launched from."""
    launched_digest: str = ""
    """Digest of the launch-affecting part of that configuration."""
    image: str = ""
    """What the OS disk was first made from: the exact image, `latest` resolved."""
    leftovers: tuple[str, ...] = ()
    """ARM ids of what the node no longer needs and has not deleted yet, users of others first."""
    lent: tuple[str, ...] = ()
    """ARM ids of what is its user's and may carry the node's tag still: a delete takes that off."""
    snapshots: tuple[str, ...] = ()
    """ARM ids of the newest snapshot of each disk that was copied: the second good copy. Those
    taken while the VM runs are among them."""
    disk_snapshots: tuple[DiskSnapshot, ...] = ()
    """Of `snapshots` those that were taken while the VM runs; ids that are not in it are gone."""
    snapshot_round: SnapshotRound | None = None
    untold: tuple[str, ...] = ()
    """ARM ids of what operations that broke off may have made, and nobody has looked at since."""
    retained: tuple[Retained, ...] = ()
    """What the node no longer uses and must not forget: it goes when its time is over."""
    detached_luns: tuple[int, ...] = ()
    """LUNs of the document whose disk was detached: no launch makes an empty one in its place, and
    what was attached there since is not what the document describes."""
    rests_since: datetime | None = None
    """Since when a STOPPED node rests because its owner told us so; None: somebody stopped it in
    Azure. What is heard of its VM going down is no news then, not even an eviction."""
    waiting: Waiting | None = None
    progress: Progress | None = None
    error_reason: str | None = None
    rollback_reason: str | None = None
    import_failed: bool = False
    """It was to be made of a VM, and what was made for it was taken back: it has nothing."""
    vm_health: str = "UNKNOWN"
    health_seen: HealthSeen | None = None
    notices_read: str = ""
    """Row key of the newest notice that a verdict has taken into account."""
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Operation(Row):
    """The operation that holds a node: row `op`. A node has at most one."""

    id: OperationId
    kind: OperationKind
    orchestrator: str
    """Registered name of the orchestration that runs it."""
    input: str = ""
    """The orchestration's input, JSON."""
    locked_at: datetime
    claimed_at: datetime | None = None
    finished_at: datetime | None = None


class NoticeKind(StrEnum):
    """What was heard about a node's VM."""

    EVICTION_COMING = "eviction_coming"
    EVICTED = "evicted"
    STOPPED_BY_USER = "stopped_by_user"
    STARTED_BY_USER = "started_by_user"
    DELETED_BY_USER = "deleted_by_user"
    DEALLOCATED = "deallocated"
    """Seen from outside; by whom is not known."""
    GONE = "gone"
    RUNNING = "running"


class Notice(Row):
    """One thing heard: row of table notices. `key` orders them and makes a repeat one row."""

    key: str = ""
    kind: NoticeKind
    source: str
    """`event_grid`, `fleet_list`, `agent` ..."""
    vm_resource_id: str
    occurred_at: datetime
    """When it happened, by the source's own account."""
    heard_at: datetime
    deadline: datetime | None = None
    actor: str | None = None
    """Who did it, for actions of a person or a program: name, upn or appid."""
    event_id: str = ""
    detail: dict[str, str] = Field(default_factory=dict)


class DueKind(StrEnum):
    """What is due."""

    OP_WATCH = "op_watch"
    CAPACITY_RETRY = "capacity_retry"
    VERDICT = "verdict"
    DEALLOCATION = "deallocation"
    """A resource has been kept as long as its user said."""
    SNAPSHOT = "snapshot"
    """Disks of a running VM are due for a snapshot."""
    SCHEDULE = "schedule"
    """A task of the node's own schedule is due."""
    HEALTH = "health"
    """A VM's health is to be looked at."""


class DueItem(Row):
    """Something that must happen at a time: row of table due."""

    account_id: str
    node_id: str
    kind: Annotated[DueKind | str, Field(union_mode="left_to_right")]
    """A text is a kind that a newer release wrote: it is left for that one."""
    item_id: str = ""
    due_at: datetime
    schedule_version: int = 0
    """Compared with the node's present one by whoever acts: a stale item is dropped."""


class LogEntry(Row):
    """A line of the node's log, for its user."""

    at: datetime
    message: str
    severity: str = "INFO"
    resource_id: str | None = None
    data: dict[str, object] | None = None
    """Structured part: a decision with its inputs, scores and exclusions."""


class Intent(Row):
    """A journal entry: what an operation is about to do to Azure, and later how it ended."""

    operation_id: OperationId
    step: str
    action: str
    """`create_vm`, `start_vm`, `delete_disk` ..."""
    target: str
    """ARM id of what is written."""
    detail: dict[str, str] = Field(default_factory=dict)
    intended_at: datetime
    outcome: str | None = None
    ended_at: datetime | None = None
