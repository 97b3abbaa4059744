"""Fields that decide between markets: what the same catalogue gives for each value."""

from collections.abc import Callable
from typing import Any

from activities.reservations import groups_named
from shared.model.facts import DecisionInputs, Reservation
from shared.policy.decide import decide
from shared.policy.wishes import wishes_of
from tests.fields.row import (
    ABSENT,
    SUBSCRIPTION,
    Elsewhere,
    Json,
    Row,
    Shown,
    dug,
    parsed,
    vm_of,
)
from tests.unit.policy.situations import CATALOGUE, D2, D4, D8, new, reasons, tried

SIZES = "compute.vmSizes"
ATTRIBUTES = f"{SIZES}.spotSizeAttributes"
TWO = {f"{SIZES}.spotSizes": ["standard_d2s_v5", "standard_d4s_v5"]}
THREE_ZONES = {"compute.zones": ["1", "2", "3"]}
ANY_OF_TWO: Json = {"odSizes": ["standard_d2s_v5"], "spotSizeAttributes": {}}
NOON_WINDOW = ["Wed:11:00-Wed:13:00"]
"""Around the moment of the decisions, a Wednesday noon."""


def inputs(document: Json) -> DecisionInputs:
    """Return the inputs of a first launch of this document."""
    return new(wishes=wishes_of(document))


def moves(document: Json) -> list[tuple[str, str | None, str]]:
    """Return the markets that a first launch tries, in order."""
    return [(size, zone, lifecycle) for size, zone, lifecycle, _ in tried(inputs(document))]


def first(document: Json) -> tuple[str, str | None, str]:
    return moves(document)[0]


def lifecycles(document: Json) -> set[str]:
    return {lifecycle for *_, lifecycle in moves(document)}


def zones(document: Json) -> set[str | None]:
    return {zone for _, zone, lifecycle in moves(document) if lifecycle == "SPOT"}


def spot_sizes(document: Json) -> set[str]:
    """Return the Spot sizes that are meant, open or not."""
    names = {size for size, _, lifecycle in moves(document) if lifecycle == "SPOT"}
    closed = reasons(inputs(document))
    return names | {size for size, _, lifecycle in closed if lifecycle == "SPOT"}


def _by(holds: Callable[[Any], bool]) -> set[str]:
    return {one.name for one in CATALOGUE if holds(one)}


def _bound(name: str, values: tuple[int, int], *gives: set[str]) -> Row:
    given = {SIZES: ANY_OF_TWO}
    return Shown(f"{ATTRIBUTES}.{name}", values, (gives[0], gives[1]), spot_sizes, given)


RESERVED = "strategy.capacityReservation"
GROUPS = f"{RESERVED}.capacityReservationGroups"
RESERVING: Json = {"shouldUtilize": True, "utilizationStrategy": "utilizeOverSpot"}
NAMED = [{"name": "a", "resourceGroupName": "fleet"}, {"name": "b", "resourceGroupName": "fleet"}]


def first_group(document: Json) -> str:
    """Return the name and the resource group of what is looked into first."""
    (first, *_) = groups_named(parsed(document).strategy.capacity_reservation, SUBSCRIPTION)
    parts = first.split("/")
    return f"{parts[-1]} in {parts[4]}"


def reserved(document: Json) -> list[str]:
    """Return which markets are tried where a place is kept: lifecycles, with a star for it."""
    wanted = inputs(document).model_copy(
        update={"reservations": (Reservation(group_id="/groups/a", size=D2, free=1),)}
    )
    return [
        one.market.lifecycle.value + "*" * bool(one.market.reservation)
        for one in decide(wanted).moves
    ]


RESERVATIONS: tuple[Row, ...] = (
    Shown(
        f"{RESERVED}.shouldUtilize",
        (True, False),
        (["OD*", "SPOT", "OD"], ["SPOT", "OD"]),
        reserved,
        {RESERVED: RESERVING},
    ),
    Shown(
        f"{RESERVED}.utilizationStrategy",
        ("utilizeOverSpot", "utilizeOverOD"),
        (["OD*", "SPOT", "OD"], ["SPOT", "OD*", "OD"]),
        reserved,
        {RESERVED: RESERVING},
    ),
    Shown(
        f"{GROUPS}[].name",
        ("a", "c"),
        ("a in fleet", "c in fleet"),
        first_group,
        {RESERVED: {**RESERVING, "capacityReservationGroups": NAMED}},
    ),
    Shown(
        f"{GROUPS}[].resourceGroupName",
        ("fleet", "other"),
        ("a in fleet", "a in other"),
        first_group,
        {RESERVED: {**RESERVING, "capacityReservationGroups": NAMED}},
    ),
    Shown(
        f"{GROUPS}[].shouldPrioritize",
        (True, False),
        ("a in fleet", "b in fleet"),
        first_group,
        {
            RESERVED: {
                **RESERVING,
                "capacityReservationGroups": [NAMED[0], {**NAMED[1], "shouldPrioritize": True}],
            }
        },
    ),
)

DECISIONS: tuple[Row, ...] = (
    *RESERVATIONS,
    Shown("strategy.fallbackToOd", (True, False), ({"SPOT", "OD"}, {"SPOT"}), lifecycles),
    Shown(
        "strategy.preferredLifecycle",
        ("od", "spot"),
        ((D2, None, "OD"), (D2, None, "SPOT")),
        first,
    ),
    Shown("strategy.odWindows", (NOON_WINDOW, ABSENT), ({"OD"}, {"SPOT", "OD"}), lifecycles),
    Elsewhere(
        "strategy.availabilityVsCost",
        "tests/unit/policy/test_ranking.py::test_cost_and_availability_are_blended_as_the_user_says",
    ),
    Shown("compute.zones", (["1"], ["2", "3"]), ({"1"}, {"2", "3"}), zones),
    Shown(
        "compute.preferredZone",
        ("2", "3"),
        ((D2, "2", "SPOT"), (D2, "3", "SPOT")),
        first,
        THREE_ZONES,
    ),
    Shown(
        f"{SIZES}.odSizes",
        (["standard_d2s_v5"], ["standard_d8s_v5"]),
        ((D2, None, "OD"), (D8, None, "OD")),
        lambda document: moves(document)[-1],
    ),
    Shown(
        f"{SIZES}.spotSizes", (["standard_d4s_v5"], ["standard_d8s_v5"]), ({D4}, {D8}), spot_sizes
    ),
    Shown(
        f"{SIZES}.preferredSpotSizes",
        (["standard_d4s_v5"], ["standard_d2s_v5"]),
        ((D4, None, "SPOT"), (D2, None, "SPOT")),
        first,
        TWO,
    ),
    Shown(
        f"{SIZES}.excludedVmSizes",
        (["standard_d4s_v5"], ["standard_d8s_v5"]),
        ({D8}, {D4}),
        spot_sizes,
        {SIZES: {**ANY_OF_TWO, "spotSizeAttributes": {"minCpu": 4}}},
    ),
    _bound("minCpu", (4, 8), {D4, D8}, {D8}),
    _bound("maxCpu", (8, 2), _by(lambda _: True), _by(lambda one: one.vcpus == 2)),
    _bound("minMemory", (16, 32), {D4, D8}, {D8}),
    _bound("maxMemory", (16, 8), _by(lambda one: one.name != D8), _by(lambda one: one.vcpus == 2)),
    _bound(
        "minStorage",
        (0, 75),
        _by(lambda _: True),
        _by(lambda one: one.temp_disk_mib > 0),
    ),
    _bound(
        "maxStorage",
        (75, 0),
        _by(lambda _: True),
        _by(lambda one: one.temp_disk_mib == 0),
    ),
    Shown(
        "compute.os",
        ("Linux", "Windows"),
        (True, False),
        lambda document: (
            dug(vm_of(_signing_in_by_password(document)), "properties/osProfile/linuxConfiguration")
            is not ABSENT
        ),
    ),
    Shown(
        "region", ("eastus", "westus2"), ("eastus", "westus2"), lambda one: vm_of(one)["location"]
    ),
)


def _signing_in_by_password(document: Json) -> Json:
    login = {"userName": "mooring", "password": "Str0ng-enough!"}
    document["compute"]["launchSpecification"]["login"] = login
    return document
