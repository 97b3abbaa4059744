"""By which rung a market is reached."""

import pytest

from shared.model.facts import DecisionInputs
from shared.model.market import Move, Rung
from shared.model.run import DiskRef
from shared.policy.decide import decide
from shared.policy.rungs import disks_to_copy
from tests.unit.model.documents import node
from tests.unit.policy.situations import (
    BODY,
    D2,
    D4,
    DATA_DISK,
    DD2,
    NVME,
    OD,
    OS_DISK,
    SPOT,
    evicted,
    new,
    shun,
    tried,
    wishing,
)


def test_an_evicted_vm_is_started_in_place() -> None:
    assert tried(evicted())[0] == (D2, "1", "SPOT", "A")


def test_a_first_launch_replaces_nothing() -> None:
    assert {rung for *_, rung in tried(new())} == {"new"}


def test_another_size_of_the_same_kind_is_reached_by_a_resize() -> None:
    inputs = evicted(memory=(shun(D2),), wishes=wishing(spot_sizes=(D2, D4)))

    assert tried(inputs)[0] == (D4, "1", "SPOT", "A'")


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param(evicted(body=BODY.model_copy(update={"deallocated": False})), id="running"),
        pytest.param(evicted(body=BODY.model_copy(update={"was_up": False})), id="never-up"),
        pytest.param(evicted(body=None), id="deleted"),
        pytest.param(evicted(wishes=wishing(persists_os=False)), id="os-disk-not-kept"),
        pytest.param(evicted(launched_digest="older"), id="edited"),
        pytest.param(evicted(launched_digest=""), id="launched-from-nobody-knows-what"),
        pytest.param(
            evicted(data_disks=(DATA_DISK,), wishes=wishing(persists_data=False)),
            id="data-disks-not-kept",
        ),
        pytest.param(evicted(body=BODY.model_copy(update={"lifecycle": OD})), id="on-demand-now"),
    ],
)
def test_what_cannot_be_started_is_created_anew_in_its_zone(inputs: DecisionInputs) -> None:
    assert tried(inputs)[0] == (D2, "1", "SPOT", "B")


@pytest.mark.parametrize("mode", ["os_on_launch", "data_on_launch"])
def test_disks_to_be_rebuilt_at_each_launch_are_copied_even_in_their_zone(mode: str) -> None:
    inputs = evicted(data_disks=(DATA_DISK,), wishes=wishing(**{mode: True}))

    assert {rung for *_, rung in tried(inputs)} == {"C"}


@pytest.mark.parametrize(
    ("name", "why"),
    [(DD2, "only one of the two sizes has a temporary disk"), (NVME, f"{NVME} has no SCSI disks")],
)
def test_a_size_of_another_kind_needs_a_new_vm(name: str, why: str) -> None:
    os_facts = evicted().os.model_copy(update={"controllers": ("SCSI", "NVMe")})
    decision = decide(evicted(os=os_facts, wishes=wishing(spot_sizes=(name,))))

    assert decision.moves[0].rung is Rung.REATTACH
    assert decision.scores[0].why_not_in_place == why


def test_zonal_disks_are_copied_to_another_zone() -> None:
    assert tried(evicted(wishes=wishing(zones=("2",))))[0] == (D2, "2", "SPOT", "C")


def test_zone_redundant_disks_go_to_another_zone_as_they_are() -> None:
    disk = OS_DISK.model_copy(update={"sku": "Premium_ZRS", "zone": None})

    assert tried(evicted(os_disk=disk, wishes=wishing(zones=("2",))))[0] == (D2, "2", "SPOT", "B")


def test_a_regional_disk_is_copied_into_a_zone() -> None:
    disk = OS_DISK.model_copy(update={"zone": None})

    assert tried(evicted(os_disk=disk, body=None))[0] == (D2, "1", "SPOT", "C")


def test_a_regional_vm_is_started_where_it_is() -> None:
    disk = OS_DISK.model_copy(update={"zone": None})
    body = BODY.model_copy(update={"zone": None})
    inputs = evicted(os_disk=disk, body=body, wishes=wishing(zones=()))

    assert tried(inputs)[0] == (D2, None, "SPOT", "A")


def test_disks_that_are_not_kept_bind_the_node_to_no_zone() -> None:
    wishes = wishing(zones=("2",), persists_os=False, persists_data=False)

    assert tried(evicted(data_disks=(DATA_DISK,), wishes=wishes))[0] == (D2, "2", "SPOT", "B")


def test_on_demand_is_never_reached_by_starting_a_spot_vm() -> None:
    rungs = {rung for *_, lifecycle, rung in tried(evicted()) if lifecycle == "OD"}

    assert rungs == {"B"}


def test_nothing_is_started_once_the_plan_has_given_the_vm_up() -> None:
    wishes = wishing(zones=("1", "2"), preferred_zone="2", spot_sizes=(D2, D4))
    rungs = [rung for *_, rung in tried(evicted(wishes=wishes))]

    assert rungs[0] == "C"
    assert not {"A", "A'"} & set(rungs)


def test_a_vm_is_resized_no_more_often_than_its_rate_limit_bears() -> None:
    names = tuple(f"Standard_D{n}s_v5" for n in (2, 4, 8, 16, 32, 48, 64))
    sizes = tuple(
        evicted().sizes[0].model_copy(update={"name": name, "vcpus": 2, "family": name})
        for name in names
    )
    inputs = evicted(sizes=sizes, wishes=wishing(spot_sizes=names, fallback_to_od=False))
    rungs = [rung for *_, rung in tried(inputs)]

    assert rungs == ["A", "A'", "A'", "A'", "A'", "B", "B"]


def test_extensions_make_starting_in_place_worth_a_dearer_market() -> None:
    dear = tuple(
        price.model_copy(update={"usd_per_hour": 0.03 if price.size == D2 else 0.02})
        for price in evicted().prices
    )
    bare = evicted(prices=dear, wishes=wishing(spot_sizes=(D2, DD2), availability_vs_cost=25))
    heavy = bare.model_copy(
        update={"wishes": bare.wishes.model_copy(update={"extension_count": 4})}
    )

    assert tried(bare)[0][0] == DD2
    assert tried(heavy)[0] == (D2, "1", "SPOT", "A")


def test_expected_seconds_are_azures_recorded_medians() -> None:
    moves = decide(evicted(wishes=wishing(zones=("1", "2"), spot_sizes=(D2, D4)))).moves
    seconds = {move.rung: move.expected_s for move in reversed(moves)}

    assert seconds[Rung.START] == 22.0
    assert seconds[Rung.RESIZE] == 22.75
    assert seconds[Rung.COPY] == 16.0 + 0.5 + 1.3


def test_what_a_way_loses_is_said() -> None:
    wishes = wishing(extension_count=1, zones=("2",))

    assert decide(evicted(wishes=wishes)).moves[0].loses == (
        "temporary disk",
        "vmId and system-assigned identity",
        "extensions, to be installed again",
        "disk names; first reads are slow",
    )


ZRS = DATA_DISK.model_copy(update={"sku": "Premium_ZRS", "zone": None})


@pytest.mark.parametrize(
    ("changes", "disks", "zone", "copied"),
    [
        pytest.param({}, (DATA_DISK,), "1", [], id="same-zone"),
        pytest.param({}, (DATA_DISK,), "2", ["os", "data0"], id="other-zone"),
        pytest.param({}, (ZRS,), "2", ["os"], id="zone-redundant-stays"),
        pytest.param(
            {"persistence__osDiskPersistenceMode": "onLaunch"}, (DATA_DISK,), "1", ["os"], id="mode"
        ),
        pytest.param(
            {"persistence__shouldPersistDataDisks": False}, (DATA_DISK,), "2", ["os"], id="not-kept"
        ),
    ],
)
def test_only_kept_disks_that_cannot_come_along_are_copied(
    changes: dict[str, object], disks: tuple[DiskRef, ...], zone: str, copied: list[str]
) -> None:
    market = decide(evicted(wishes=wishing(zones=(zone,)))).moves[0].market
    move = Move(market=market, rung=Rung.COPY)

    assert [disk.name for disk in disks_to_copy(node(**changes), OS_DISK, disks, move)] == copied
    assert market.lifecycle is SPOT
