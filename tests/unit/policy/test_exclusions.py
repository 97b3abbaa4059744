"""Which markets are not open, and the reason the user reads."""

from typing import Any

import pytest

from shared.model.facts import OsFacts, QuotaFacts, Reason, SizeAttributes, SizeFacts
from shared.policy.decide import decide
from tests.unit.policy.situations import (
    ARM,
    BODY,
    CATALOGUE,
    CONFIDENTIAL,
    D2,
    D4,
    D8,
    DATA_DISK,
    E2,
    LINUX,
    NVME,
    OD,
    OLD,
    OS_DISK,
    after,
    evicted,
    new,
    reasons,
    shun,
    tried,
    wishing,
)

UNKNOWN: dict[str, Any] = {"os": OsFacts()}
SPOT_ONLY: dict[str, Any] = {"fallback_to_od": False}


def changed(name: str, **facts: Any) -> tuple[SizeFacts, ...]:
    return tuple(size.model_copy(update=facts) if size.name == name else size for size in CATALOGUE)


def reason_of(name: str, *, zone: str | None = "1", **changes: Any) -> str | None:
    wishes = changes.pop("wishes", wishing())
    sizes = {"spot_sizes": (name,), "zones": (zone,) if zone else ()}
    inputs = evicted(wishes=wishes.model_copy(update=sizes | SPOT_ONLY), **changes)
    return reasons(inputs).get((name, zone, "SPOT"))


@pytest.mark.parametrize(
    ("reason", "name", "changes"),
    [
        (Reason.NOT_OFFERED, "Standard_Z9", {}),
        (Reason.NOT_OFFERED_IN_ZONE, D2, {"sizes": changed(D2, zones=("2",))}),
        (Reason.RESTRICTED, D2, {"sizes": changed(D2, restricted=True)}),
        (Reason.RESTRICTED, D2, {"sizes": changed(D2, restricted_zones=("1",))}),
        (Reason.NOT_SOLD_AS_SPOT, D2, {"sizes": changed(D2, spot=False)}),
        (Reason.ARCHITECTURE, ARM, {}),
        (Reason.GENERATION, OLD, {}),
        (Reason.CONTROLLER, NVME, {}),
        (Reason.SECURITY_TYPE, CONFIDENTIAL, {}),
        (
            Reason.SECURITY_TYPE,
            D2,
            {"os": LINUX.model_copy(update={"security_type": "ConfidentialVM"})},
        ),
        (
            Reason.SECURITY_TYPE,
            D2,
            {
                "os": LINUX.model_copy(update={"security_type": "TrustedLaunch"}),
                "sizes": changed(D2, trusted_launch=False),
            },
        ),
        (Reason.SECURITY_TYPE, OLD, {**UNKNOWN, "wishes": wishing(security_type="TrustedLaunch")}),
        (Reason.ENCRYPTION_AT_HOST, OLD, {**UNKNOWN, "wishes": wishing(encryption_at_host=True)}),
        (Reason.PREMIUM_IO, OLD, UNKNOWN),
        (
            Reason.ULTRA_DISK,
            D2,
            {"data_disks": (DATA_DISK.model_copy(update={"sku": "UltraSSD_LRS"}),)},
        ),
        (Reason.DATA_DISKS, D2, {"data_disks": (DATA_DISK,) * 5}),
        (Reason.NICS, D2, {"wishes": wishing(nic_count=3)}),
        (Reason.SHUNNED, D2, {"memory": (shun(D2),)}),
    ],
)
def test_a_market_that_cannot_carry_the_node_is_left_out_for_its_reason(
    reason: Reason, name: str, changes: dict[str, Any]
) -> None:
    """R58, S1."""
    assert reason_of(name, **changes) == reason


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        pytest.param(ARM, {"os": LINUX.model_copy(update={"architecture": "Arm64"})}, id="arm"),
        pytest.param(NVME, {"os": LINUX.model_copy(update={"controllers": ("NVMe",)})}, id="nvme"),
        pytest.param(
            CONFIDENTIAL,
            {"os": LINUX.model_copy(update={"security_type": "ConfidentialVM"})},
            id="confidential",
        ),
        pytest.param(NVME, {"os": OsFacts()}, id="nothing-known-of-the-os"),
        pytest.param(
            OLD,
            {"os": OsFacts(generation="V1"), "os_disk": OS_DISK.model_copy(update={"sku": None})},
            id="standard-disk-on-an-old-size",
        ),
        pytest.param(D2, {"data_disks": (DATA_DISK,) * 4}, id="as-many-disks-as-it-takes"),
        pytest.param(
            D2,
            {
                "data_disks": (DATA_DISK.model_copy(update={"sku": "UltraSSD_LRS"}),),
                "sizes": changed(D2, ultra_zones=("1",)),
            },
            id="ultra-where-there-is-ultra",
        ),
    ],
)
def test_a_market_that_fits_stays_open(name: str, changes: dict[str, Any]) -> None:
    assert reason_of(name, **changes) is None


def test_sizes_are_named_in_any_case_and_written_as_the_catalogue_writes_them() -> None:
    assert tried(evicted(wishes=wishing(spot_sizes=(D2.upper(),))))[0][0] == D2


def test_a_regional_node_needs_no_zone_of_a_size() -> None:
    """R9."""
    disk = OS_DISK.model_copy(update={"zone": None})

    assert reason_of(D2, zone=None, os_disk=disk, sizes=changed(D2, zones=())) is None


@pytest.mark.parametrize(
    ("used", "body", "reason"),
    [
        pytest.param(98, None, None, id="room-for-it"),
        pytest.param(99, None, "QUOTA_SPOT", id="one-short"),
        pytest.param(100, BODY, None, id="its-own-vm-gives-back"),
        pytest.param(101, BODY, "QUOTA_SPOT", id="not-enough-given-back"),
        pytest.param(
            100, BODY.model_copy(update={"lifecycle": OD}), "QUOTA_SPOT", id="od-gives-no-spot-back"
        ),
    ],
)
def test_spot_quota_counts_what_the_nodes_own_vm_gives_back(
    used: int, body: object, reason: str | None
) -> None:
    quotas = (QuotaFacts(name="lowPriorityCores", used=used, limit=100),)

    assert reason_of(D2, quotas=quotas, body=body) == reason


@pytest.mark.parametrize(
    ("pool", "reason"),
    [
        ("standardDSv5Family", "QUOTA_FAMILY"),
        ("cores", "QUOTA_TOTAL"),
        ("standardESv5Family", None),
    ],
)
def test_on_demand_draws_on_its_family_and_on_the_total(pool: str, reason: str | None) -> None:
    quotas = (QuotaFacts(name=pool.upper(), used=9, limit=10),)

    assert reasons(evicted(quotas=quotas)).get((D2, "1", "OD")) == reason


def test_on_demand_is_left_out_unless_the_user_allows_it() -> None:
    assert reasons(evicted(wishes=wishing(**SPOT_ONLY)))[D2, "1", "OD"] == "OD_NOT_ALLOWED"


def test_inside_an_od_window_spot_is_left_out_and_on_demand_allowed() -> None:
    wishes = wishing(od_windows=("Wed:11:00-Wed:13:00",), **SPOT_ONLY)

    assert tried(evicted(wishes=wishes)) == [(D2, "1", "OD", "B")]
    assert reasons(evicted(wishes=wishes))[D2, "1", "SPOT"] == "SPOT_NOT_WANTED_NOW"


@pytest.mark.parametrize(
    ("scope", "ruled_out"),
    [
        (None, {(D4, "1")}),
        ("size_in_zone", {(D4, "1")}),
        ("size", {(D4, "1"), (D4, "2")}),
        ("family_in_zone", {(D4, "1"), (D8, "1")}),
        ("family", {(D4, "1"), (D4, "2"), (D8, "1"), (D8, "2")}),
        ("lifecycle", {(D4, "1"), (D4, "2"), (D8, "1"), (D8, "2")}),
    ],
)
def test_a_refusal_reaches_as_far_as_its_scope(
    scope: str | None, ruled_out: set[tuple[str, str]]
) -> None:
    wishes = wishing(spot_sizes=(D2, D4, D8, E2), zones=("1", "2"))
    inputs = evicted(wishes=wishes, memory=(shun(D4, "1", scope=scope),))
    found = {key[:2] for key, code in reasons(inputs).items() if code == "SHUNNED"}

    assert found == ruled_out


@pytest.mark.parametrize(
    "memory",
    [
        pytest.param(shun(D2, shunned_until=after(-1)), id="over"),
        pytest.param(shun(D2, shunned_until=after(0)), id="just-over"),
        pytest.param(shun(D2, "2"), id="another-zone"),
        pytest.param(shun(D2, lifecycle=OD), id="another-lifecycle"),
    ],
)
def test_what_does_not_concern_a_market_does_not_close_it(memory: Any) -> None:
    assert reason_of(D2, memory=(memory,)) is None


def test_the_reason_names_azures_code_and_the_end_of_the_wait() -> None:
    (exclusion,) = (
        one for one in decide(evicted(memory=(shun(D2),))).exclusions if one.code is Reason.SHUNNED
    )

    assert exclusion.text == "AllocationFailed, passed over until 2026-03-04 13:00:00 UTC"


@pytest.mark.parametrize(
    ("bounds", "names"),
    [
        pytest.param({"min_cpu": 8}, {D8}, id="cpu"),
        pytest.param({"max_cpu": 4, "min_cpu": 3}, {D4}, id="cpu-between"),
        pytest.param({"min_memory_gib": 16, "max_memory_gib": 31}, {D4}, id="memory"),
        pytest.param({"min_storage_gib": 75}, {"Standard_D2ds_v5"}, id="temporary-storage"),
    ],
)
def test_sizes_can_be_told_by_what_they_have(bounds: dict[str, int], names: set[str]) -> None:
    attributes = SizeAttributes(**bounds)
    wishes = wishing(spot_sizes=(), spot_attributes=attributes, **SPOT_ONLY)

    assert {name for name, *_ in tried(new(wishes=wishes))} == names


def test_an_excluded_size_is_not_meant_by_attributes() -> None:
    wishes = wishing(
        spot_sizes=(), spot_attributes=SizeAttributes(min_cpu=4), excluded_sizes=(D8.lower(),)
    )

    assert {name for name, _, lifecycle, _ in tried(new(wishes=wishes)) if lifecycle == "SPOT"} == {
        D4
    }
