"""Decisions to be made: a node on a small catalogue, changed by keyword."""

from datetime import UTC, datetime, timedelta
from typing import Any

from shared.model.facts import (
    BodyFacts,
    DecisionInputs,
    OsFacts,
    Price,
    QuotaFacts,
    SizeFacts,
    Wishes,
)
from shared.model.market import Market, MarketMemory
from shared.model.run import DiskRef, Lifecycle
from shared.policy.decide import decide

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
"""A Wednesday."""
SPOT, OD = Lifecycle.SPOT, Lifecycle.OD
D2, D4, D8, E2 = "Standard_D2s_v5", "Standard_D4s_v5", "Standard_D8s_v5", "Standard_E2s_v5"
DD2 = "Standard_D2ds_v5"
NVME = "Standard_D2s_v6"
ARM = "Standard_D2ps_v5"
CONFIDENTIAL = "Standard_DC2as_v5"
OLD = "Standard_D2_v2"


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def size(name: str, family: str, vcpus: int, **changes: Any) -> SizeFacts:
    facts: dict[str, Any] = {
        "name": name,
        "family": family,
        "vcpus": vcpus,
        "memory_gib": vcpus * 4.0,
        "zones": ("1", "2", "3"),
        "premium_io": True,
        "max_data_disks": vcpus * 2,
        "max_nics": 2,
        "encryption_at_host": True,
    }
    return SizeFacts(**(facts | changes))


CATALOGUE = (
    size(D2, "standardDSv5Family", 2),
    size(D4, "standardDSv5Family", 4),
    size(D8, "standardDSv5Family", 8),
    size(E2, "standardESv5Family", 2),
    size(DD2, "standardDDSv5Family", 2, temp_disk_mib=76_800),
    size(NVME, "standardDSv6Family", 2, controllers=("NVMe",), generations=("V2",)),
    size(ARM, "standardDPSv5Family", 2, architecture="Arm64", generations=("V2",)),
    size(CONFIDENTIAL, "standardDCASv5Family", 2, confidential="SNP", generations=("V2",)),
    size(
        OLD,
        "standardDv2Family",
        2,
        premium_io=False,
        encryption_at_host=False,
        trusted_launch=False,
        generations=("V1",),
    ),
)
PRICES = tuple(
    Price(size=one.name, lifecycle=lifecycle, usd_per_hour=usd * one.vcpus)
    for one in CATALOGUE
    for lifecycle, usd in ((SPOT, 0.01), (OD, 0.05))
)
OS_DISK = DiskRef(id="/disks/os", name="os", sku="Premium_LRS", zone="1", size_gib=64)
DATA_DISK = DiskRef(id="/disks/data0", name="data0", lun=0, sku="Premium_LRS", zone="1")
WISHES = Wishes(
    zones=("1",),
    spot_sizes=("standard_d2s_v5",),
    od_sizes=("standard_d2s_v5",),
    fallback_to_od=True,
    persists_os=True,
    persists_data=True,
    launch_digest="same",
)
BODY = BodyFacts(size=D2, zone="1", lifecycle=SPOT, deallocated=True, controller="SCSI")
LINUX = OsFacts(
    generation="V2", architecture="x64", controllers=("SCSI",), security_type="Standard"
)


def wishing(**changes: Any) -> Wishes:
    return WISHES.model_copy(update=changes)


def evicted(**changes: Any) -> DecisionInputs:
    """A Spot node in zone 1 whose VM was evicted at noon."""
    inputs = DecisionInputs(
        region="eastus",
        now=NOON,
        wishes=WISHES,
        sizes=CATALOGUE,
        prices=PRICES,
        quotas=(
            QuotaFacts(name="lowPriorityCores", used=2, limit=100),
            QuotaFacts(name="cores", used=0, limit=100),
        ),
        body=BODY,
        launched_digest="same",
        os=LINUX,
        os_disk=OS_DISK,
    )
    return inputs.model_copy(update=changes)


def new(**changes: Any) -> DecisionInputs:
    """The same node before its first launch."""
    nothing: dict[str, Any] = {"body": None, "os_disk": None, "launched_digest": ""}
    return evicted(**(nothing | changes))


def shun(
    name: str, zone: str | None = "1", lifecycle: Lifecycle = SPOT, **more: Any
) -> MarketMemory:
    facts: dict[str, Any] = {
        "region": "eastus",
        "size": name,
        "zone": zone,
        "lifecycle": lifecycle,
        "shunned_until": after(3_600),
        "last_failure_at": NOON,
        "reason": "AllocationFailed",
    }
    return MarketMemory(**(facts | more))


def tried(inputs: DecisionInputs) -> list[tuple[str, str | None, str, str]]:
    """Decide; return (size, zone, lifecycle, rung) of each move."""
    return [
        (move.market.size, move.market.zone, move.market.lifecycle.value, move.rung.value)
        for move in decide(inputs).moves
    ]


def reasons(inputs: DecisionInputs) -> dict[tuple[str, str | None, str], str]:
    """Decide; return the reason code of each excluded market."""
    return {_key(one.market): one.code.value for one in decide(inputs).exclusions}


def _key(market: Market) -> tuple[str, str | None, str]:
    return market.size, market.zone, market.lifecycle.value
