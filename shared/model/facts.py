"""What a decision is made from, and what it says: rows, so that it can be stored and made again.

Everything the policy looks at is in `DecisionInputs`; the same inputs give the same `Decision`,
byte for byte.
"""

from datetime import datetime
from enum import StrEnum

from shared.model.market import Market, MarketMemory, Move, Rung
from shared.model.run import DiskRef, Lifecycle, Row


class SizeAttributes(Row):
    """Sizes told by what they have; None: no bound. Bounds are inclusive."""

    min_cpu: int | None = None
    max_cpu: int | None = None
    min_memory_gib: int | None = None
    max_memory_gib: int | None = None
    min_storage_gib: int | None = None
    max_storage_gib: int | None = None


class Wishes(Row):
    """What the node document asks for, as far as it decides between markets."""

    os: str = "Linux"
    zones: tuple[str, ...] = ()
    """Empty: regional."""
    preferred_zone: str | None = None
    spot_sizes: tuple[str, ...] = ()
    spot_attributes: SizeAttributes | None = None
    excluded_sizes: tuple[str, ...] = ()
    preferred_sizes: tuple[str, ...] = ()
    od_sizes: tuple[str, ...] = ()
    fallback_to_od: bool = False
    prefers_od: bool = False
    od_windows: tuple[str, ...] = ()
    availability_vs_cost: int = 50
    persists_os: bool = False
    os_on_launch: bool = False
    persists_data: bool = False
    data_on_launch: bool = False
    security_type: str = "Standard"
    encryption_at_host: bool = False
    os_disk_sku: str | None = None
    data_disk_skus: tuple[str, ...] = ()
    data_disk_luns: tuple[int, ...] = ()
    """Of the disks in `data_disk_skus`, in their order."""
    reserved: str = ""
    """When reserved capacity is used: `utilizeOverSpot`, `utilizeOverOD`; empty: never."""
    in_proximity_group: bool = False
    nic_count: int = 1
    extension_count: int = 0
    launch_digest: str = ""
    """Of the present configuration; compared with the one the VM was launched from."""


class SizeFacts(Row):
    """One VM size in the region, as the catalogue (Resource SKUs) tells."""

    name: str
    family: str = ""
    vcpus: int = 0
    memory_gib: float = 0.0
    zones: tuple[str, ...] = ()
    """Zones that offer it; empty: regional only."""
    restricted: bool = False
    """Not for this subscription, in the whole region."""
    restricted_zones: tuple[str, ...] = ()
    spot: bool = True
    """Azure sells it as Spot."""
    architecture: str = "x64"
    generations: tuple[str, ...] = ("V1", "V2")
    controllers: tuple[str, ...] = ("SCSI",)
    temp_disk_mib: int = 0
    """Local temporary disk; 0: has none."""
    premium_io: bool = False
    max_data_disks: int | None = None
    max_nics: int | None = None
    accelerated: bool = False
    """Has accelerated networking."""
    encryption_at_host: bool = False
    trusted_launch: bool = True
    confidential: str = ""
    """`SNP`, `TDX`; empty: an ordinary size."""
    ultra_zones: tuple[str, ...] = ()
    """Zones with Ultra disks for it; `regional` where they need no zone."""


class Price(Row):
    """Price of a size in the region, for the node's OS."""

    size: str
    lifecycle: Lifecycle
    usd_per_hour: float


class QuotaFacts(Row):
    """One of Azure's quotas in the region, in vCPUs."""

    name: str
    used: int
    limit: int


class Reservation(Row):
    """Reserved capacity for one size in one place."""

    group_id: str
    size: str
    zone: str | None = None
    """None: regional."""
    free: int = 0
    """Places that no VM holds."""


class OsFacts(Row):
    """What the OS disk, or the image it will be made from, asks of a size. Empty: not known."""

    generation: str = ""
    architecture: str = ""
    controllers: tuple[str, ...] = ()
    security_type: str = ""
    data_luns: tuple[int, ...] = ()
    """LUNs of data disks that come with the image."""


class BodyFacts(Row):
    """The VM that is to be replaced."""

    size: str
    zone: str | None = None
    lifecycle: Lifecycle
    deallocated: bool = False
    was_up: bool = True
    """False for what a failed create left behind: it can only be deleted."""
    controller: str = ""
    reservation: str = ""
    """Id of the capacity reservation group that it is associated with; empty: none."""


class DecisionInputs(Row):
    """All that a decision looks at."""

    region: str
    now: datetime
    attempt: int = 0
    """Asks in a row that found no market before this one."""
    knocked: bool = False
    """The same ask has tried markets already."""
    wishes: Wishes
    sizes: tuple[SizeFacts, ...] = ()
    """Sizes the wishes may mean, and the present VM's."""
    prices: tuple[Price, ...] = ()
    quotas: tuple[QuotaFacts, ...] = ()
    memory: tuple[MarketMemory, ...] = ()
    body: BodyFacts | None = None
    launched_digest: str = ""
    os: OsFacts = OsFacts()
    address_zone: str | None = None
    """The one zone that a public address which must be kept serves; None: any."""
    os_disk: DiskRef | None = None
    data_disks: tuple[DiskRef, ...] = ()
    reservations: tuple[Reservation, ...] = ()
    """What of the reserved capacity the node may use, in the order in which it is to be used."""
    groups_missing: tuple[str, ...] = ()
    """Capacity reservation groups of the document that are not there, or may not be read."""


class Reason(StrEnum):
    """Why a market is not open."""

    NOT_OFFERED = "NOT_OFFERED"
    NOT_OFFERED_IN_ZONE = "NOT_OFFERED_IN_ZONE"
    RESTRICTED = "RESTRICTED"
    NOT_SOLD_AS_SPOT = "NOT_SOLD_AS_SPOT"
    SPOT_NOT_WANTED_NOW = "SPOT_NOT_WANTED_NOW"
    OD_NOT_ALLOWED = "OD_NOT_ALLOWED"
    ARCHITECTURE = "ARCHITECTURE"
    GENERATION = "GENERATION"
    CONTROLLER = "CONTROLLER"
    SECURITY_TYPE = "SECURITY_TYPE"
    ENCRYPTION_AT_HOST = "ENCRYPTION_AT_HOST"
    PREMIUM_IO = "PREMIUM_IO"
    ULTRA_DISK = "ULTRA_DISK"
    DISK_NEEDS_ZONE = "DISK_NEEDS_ZONE"
    DATA_DISKS = "DATA_DISKS"
    NICS = "NICS"
    ADDRESS_ZONE = "ADDRESS_ZONE"
    QUOTA_SPOT = "QUOTA_SPOT"
    QUOTA_FAMILY = "QUOTA_FAMILY"
    QUOTA_TOTAL = "QUOTA_TOTAL"
    RESERVATION_FULL = "RESERVATION_FULL"
    NOT_RESERVABLE = "NOT_RESERVABLE"
    SHUNNED = "SHUNNED"


class Exclusion(Row):
    """A market that is not open to this node now, and why."""

    market: Market
    code: Reason
    text: str


class Score(Row):
    """How an open market was weighed, at the moment it was ranked."""

    market: Market
    rung: Rung
    tier: tuple[int, int, int]
    """Lifecycle, preferred size, preferred zone: 0 before 1; reserved capacity (-1) before both.
    The score orders within a tier."""
    usd_per_hour: float
    """As weighed: an unpublished price counts as twice the dearest known."""
    expected_s: float
    risk_s: float
    loss_s: float
    """What is lost, as seconds one would wait to keep it."""
    memory_s: float
    """Seconds that our own evictions and refusals there give reason to expect."""
    cost: float
    why_not_in_place: str = ""


class Decision(Row):
    """Where the node goes next; no moves: nowhere, ask again at `next_ask_at`."""

    moves: tuple[Move, ...] = ()
    scores: tuple[Score, ...] = ()
    """Of the moves, in their order; then of open markets beyond the bound, best first."""
    exclusions: tuple[Exclusion, ...] = ()
    probes: tuple[Market, ...] = ()
    """Shunned markets among the moves, tried again because nothing else is open."""
    groups_missing: tuple[str, ...] = ()
    inputs_digest: str = ""
    next_ask_at: datetime | None = None
