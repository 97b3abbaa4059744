"""The retail price list: paging, meters told apart, kept answers."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from azure.core.exceptions import AzureError, HttpResponseError

from activities.prices import RetailPrices, prices_of
from shared.model.run import Lifecycle
from tests.store.worlds import NOON, HandClock

SPOT, OD = Lifecycle.SPOT, Lifecycle.OD


def meter(usd: float, suffix: str = "", **changes: Any) -> dict[str, Any]:
    item = {
        "armSkuName": "Standard_D2s_v5",
        "skuName": f"D2s v5{suffix}",
        "meterName": f"D2s v5{suffix}",
        "productName": "Virtual Machines Dsv5 Series",
        "retailPrice": usd,
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "effectiveStartDate": "2026-01-01T00:00:00Z",
    }
    return item | changes


WINDOWS = {"productName": "Virtual Machines Dsv5 Series Windows"}


def found(*items: dict[str, Any], system: str = "Linux") -> dict[Lifecycle, float]:
    return {price.lifecycle: price.usd_per_hour for price in prices_of(items, system)}


def test_spot_and_on_demand_are_told_apart_by_the_meter() -> None:
    assert found(meter(0.1), meter(0.02, " Spot")) == {OD: 0.1, SPOT: 0.02}


def test_linux_and_windows_are_told_apart_by_the_product() -> None:
    items = meter(0.1), meter(0.2, **WINDOWS)

    assert found(*items) == {OD: 0.1}
    assert found(*items, system="Windows") == {OD: 0.2}


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(meter(0.01, " Low Priority"), id="low-priority"),
        pytest.param(meter(0.01, type="Reservation"), id="reservation"),
        pytest.param(meter(0.01, type="DevTestConsumption"), id="dev-test"),
        pytest.param(meter(0.01, unitOfMeasure="1 Month"), id="monthly"),
        pytest.param(
            meter(0.01, productName="Dsv5 Series Cloud Services"), id="not-a-virtual-machine"
        ),
        pytest.param(meter(0.0), id="free"),
        pytest.param(meter(0.01, armSkuName=None), id="of-no-size"),
    ],
)
def test_what_is_no_hourly_price_of_a_vm_is_left_out(item: dict[str, Any]) -> None:
    assert found(item) == {}


def test_of_several_meters_the_newest_counts() -> None:
    newer = meter(0.03, " Spot", effectiveStartDate="2026-03-01T00:00:00Z")

    assert found(newer, meter(0.09, " Spot")) == {SPOT: 0.03}


class PriceList:
    """A price list of three pages that can be switched off."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = False
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        if self.broken:
            return web.json_response({"Error": {"Code": "ServerError"}}, status=503)
        skip = int(request.query.get("$skip", "0"))
        self.asked.append(request.query.get("$filter", ""))
        elsewhere = "https://prices.example:443/api/retail/prices"
        link = f"{elsewhere}?$skip={skip + 1}&$filter=x" if skip < 2 else None
        item = meter(0.1 * (skip + 1), armSkuName=f"Standard_D{skip}")
        return web.json_response({"Items": [item], "NextPageLink": link, "Count": 1})


@pytest.fixture
async def listed() -> AsyncIterator[PriceList]:
    prices = PriceList()
    app = web.Application()
    app.router.add_get("/api/retail/prices", prices.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    prices.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield prices
    await runner.cleanup()


@pytest.fixture
async def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def prices(listed: PriceList, clock: HandClock) -> AsyncIterator[RetailPrices]:
    asked = RetailPrices(listed.url, clock)
    yield asked
    await asked.close()


async def test_all_pages_are_read_from_the_configured_host(
    prices: RetailPrices, listed: PriceList
) -> None:
    got = await prices.of_region("eastus", "Linux")

    assert [price.size for price in got] == ["Standard_D0", "Standard_D1", "Standard_D2"]
    assert listed.asked[0] == (
        "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' "
        "and armRegionName eq 'eastus'"
    )


async def test_prices_are_asked_for_once_in_six_hours(
    prices: RetailPrices, listed: PriceList, clock: HandClock
) -> None:
    await prices.of_region("eastus", "Linux")
    await prices.of_region("eastus", "Windows")
    assert len(listed.asked) == 3

    await clock.sleep(6 * 3_600)
    await prices.of_region("eastus", "Linux")
    assert len(listed.asked) == 6


async def test_old_prices_are_better_than_none(
    prices: RetailPrices, listed: PriceList, clock: HandClock
) -> None:
    fresh = await prices.of_region("eastus", "Linux")
    listed.broken = True
    await clock.sleep(30 * 86_400)

    assert await prices.of_region("eastus", "Linux") == fresh


async def test_a_list_that_never_answered_is_an_error(
    prices: RetailPrices, listed: PriceList
) -> None:
    listed.broken = True

    with pytest.raises(HttpResponseError):
        await prices.of_region("eastus", "Linux")


async def test_a_list_that_is_not_there_is_an_error(clock: HandClock) -> None:
    nowhere = RetailPrices("http://127.0.0.1:9", clock)

    with pytest.raises(AzureError):
        await nowhere.of_region("eastus", "Linux")
    await nowhere.close()
