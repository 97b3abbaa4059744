"""The price list: its filter, its pages, and how the kinds of price are told apart."""

from typing import Any
from urllib.parse import quote

import pytest

from local.arm.price import state
from local.arm.price.errors import BadFilterError
from local.arm.price.filter import parse
from local.arm.sku.state import size
from tests.simulator import Azure

PRICES = "/api/retail/prices"
VIRTUAL_MACHINES = (
    "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq 'eastus'"
)


async def ask(azure: Azure, text: str) -> dict[str, Any]:
    status, body, _ = await azure.send("GET", f"{PRICES}?$filter={quote(text)}")
    assert status == 200, body
    return dict(body)


async def pages(azure: Azure, text: str) -> list[dict[str, Any]]:
    found = [await ask(azure, text)]
    while found[-1]["NextPageLink"]:
        link = found[-1]["NextPageLink"].removeprefix(azure.url)
        _, body, _ = await azure.send("GET", link)
        found.append(body)
    return found


async def test_a_size_has_regular_spot_and_low_priority_prices_for_both_systems(
    azure: Azure,
) -> None:
    page = await ask(azure, VIRTUAL_MACHINES + " and armSkuName eq 'Standard_D2s_v5'")

    told = {(item["productName"], item["skuName"]): item["retailPrice"] for item in page["Items"]}
    linux, windows = "Virtual Machines Dsv5 Series", "Virtual Machines Dsv5 Series Windows"
    assert told[linux, "D2s v5"] == 0.096
    assert told[windows, "D2s v5"] == 0.188
    assert told[linux, "D2s v5 Spot"] < told[linux, "D2s v5 Low Priority"] * 2
    assert {name for _, name in told} == {"D2s v5", "D2s v5 Spot", "D2s v5 Low Priority"}
    assert (page["Count"], page["NextPageLink"]) == (6, None)
    assert {item["unitOfMeasure"] for item in page["Items"]} == {"1 Hour"}


async def test_pages_hold_a_thousand_and_lead_to_the_next(azure: Azure) -> None:
    found = await pages(azure, "serviceName eq 'Virtual Machines'")

    items = [item for page in found for item in page["Items"]]
    assert [page["Count"] for page in found[:-1]] == [1_000] * (len(found) - 1)
    assert len(found) > 2
    keys = [(item["meterId"], item["type"]) for item in items]
    assert len(set(keys)) == len(keys)


async def test_a_price_that_was_set_is_told_from_then_on(azure: Azure) -> None:
    world = azure.world
    state.set_price(world, "eastus", "standard_d2s_v5", "Linux Spot", 0.0123)

    page = await ask(azure, VIRTUAL_MACHINES + " and skuName eq 'D2s v5 Spot'")

    assert 0.0123 in [item["retailPrice"] for item in page["Items"]]
    d2s = size(world, "Standard_D2s_v5")
    assert d2s is not None
    assert state.price(world, "East US", d2s, "Spot") == 0.0123
    assert state.price(world, "westeurope", d2s, "Regular") == pytest.approx(0.1152)
    with pytest.raises(ValueError, match="no price"):
        state.set_price(world, "eastus", "Standard_X", "Linux Spot", 1.0)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("name eq 'a'", ["a"]),
        ("Name ne 'a'", ["b", "it's"]),
        ("name eq 'a' or name eq 'b'", ["a", "b"]),
        ("name eq 'b' and priceType eq 'Consumption'", []),
        ("not (name eq 'a' or name eq 'b')", ["it's"]),
        ("contains(name, 't''s')", ["it's"]),
        ("startswith(name, 'it') and endswith(type, 'on')", ["it's"]),
        ("primary eq true", ["a"]),
        ("name eq 'A'", []),
    ],
)
def test_a_filter_keeps_what_it_says(text: str, names: list[str]) -> None:
    items = [
        {"name": "a", "type": "Consumption", "primary": True},
        {"name": "b", "type": "Reservation", "primary": False},
        {"name": "it's", "type": "Reservation", "primary": False},
    ]

    assert [item["name"] for item in items if parse(text)(item)] == names


@pytest.mark.parametrize("text", ["name", "name gt 'a'", "(name eq 'a'", "name eq 'a' extra", "'"])
def test_a_filter_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(BadFilterError):
        parse(text)


@pytest.mark.parametrize("query", ["$filter=name%20gt%20'a'", "$skip=x", "currencyCode='EUR'"])
async def test_a_query_that_cannot_be_answered_is_refused(azure: Azure, query: str) -> None:
    status, body, _ = await azure.send("GET", f"{PRICES}?{query}")

    assert status == 400
    assert body["Error"]["Code"] == "BadRequest"


async def test_arm_sizes_and_burstable_ones_lack_what_is_not_sold(azure: Azure) -> None:
    arm = await ask(azure, VIRTUAL_MACHINES + " and armSkuName eq 'Standard_D2ps_v5'")
    burstable = await ask(azure, VIRTUAL_MACHINES + " and armSkuName eq 'Standard_B2s'")

    assert not [item for item in arm["Items"] if item["productName"].endswith("Windows")]
    assert not [item for item in burstable["Items"] if item["skuName"].endswith("Spot")]
