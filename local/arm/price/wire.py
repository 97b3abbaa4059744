"""Items of the price list, as the Retail Prices API shapes them."""

import uuid
from collections.abc import Iterator
from typing import Final, NamedTuple
from urllib.parse import quote

from local.arm.price.state import LOW_PRIORITY_SHARE, RESERVED_SHARE, System, has_windows, price
from local.arm.sku.state import REGIONS, Size, sold
from local.arm.wire import Json, Request
from local.arm.world import World

PAGE: Final = 1_000
"""Items on a page. Source: Azure docs, Retail Prices API."""
HOURS_A_YEAR: Final = 8_760
REGULAR_SINCE: Final = "2021-11-01T00:00:00Z"
SERVICE_ID: Final = "DZH313Z7MMC8"
SPACE: Final = uuid.UUID("6d6f6f72-696e-4000-8000-677072696365")


class _Meter(NamedTuple):
    """One way to pay for a size."""

    suffix: str
    usd: float
    type: str
    since: str
    term: str | None = None


def items(world: World) -> Iterator[Json]:
    """Yield every item, in an order that does not change."""
    month = f"{world.now:%Y-%m}-01T00:00:00Z"
    for region in REGIONS:
        for size in sold(world):
            for system in ("Linux", "Windows"):
                for meter in _meters(world, region, size, system, month):
                    yield _item(region, size, system, meter)


def _meters(world: World, region: str, size: Size, system: System, month: str) -> Iterator[_Meter]:
    regular = price(world, region, size, "Regular", system)
    if regular is None:
        return
    yield _Meter("", regular, "Consumption", REGULAR_SINCE)
    spot = price(world, region, size, "Spot", system)
    if spot is not None:
        yield _Meter(" Spot", spot, "Consumption", month)
        share = LOW_PRIORITY_SHARE * (1 if system == "Linux" else 2)
        yield _Meter(" Low Priority", round(regular * share, 6), "Consumption", REGULAR_SINCE)
    if system == "Linux":
        year_usd = round(regular * HOURS_A_YEAR * RESERVED_SHARE, 2)
        yield _Meter("", year_usd, "Reservation", REGULAR_SINCE, "1 Year")
    elif has_windows(size):
        linux = price(world, region, size, "Regular", "Linux") or regular
        yield _Meter("", linux, "DevTestConsumption", REGULAR_SINCE)


def _item(region: str, size: Size, system: System, meter: _Meter) -> Json:
    short = size.name.removeprefix("Standard_").replace("_", " ")
    product = f"Virtual Machines {size.series} Series"
    if system == "Windows":
        product += " Windows"
    product_key = uuid.uuid5(SPACE, product).hex[:6].upper()
    sku_key = uuid.uuid5(SPACE, short + meter.suffix).hex[:4].upper()
    item: Json = {
        "currencyCode": "USD",
        "tierMinimumUnits": 0.0,
        "retailPrice": meter.usd,
        "unitPrice": meter.usd,
        "armRegionName": region,
        "location": REGIONS[region],
        "effectiveStartDate": meter.since,
        "meterId": str(uuid.uuid5(SPACE, f"{region}/{product}/{short}{meter.suffix}")),
        "meterName": short + meter.suffix,
        "productId": f"DZH318Z{product_key}",
        "skuId": f"DZH318Z{product_key}/{sku_key}",
        "productName": product,
        "skuName": short + meter.suffix,
        "serviceName": "Virtual Machines",
        "serviceId": SERVICE_ID,
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": meter.type,
        "isPrimaryMeterRegion": True,
        "armSkuName": size.name,
    }
    if meter.term:
        item["reservationTerm"] = meter.term
    return item


def page(request: Request, found: list[Json], skip: int) -> Json:
    """Return one page of what was found, and the link to the next."""
    shown = found[skip : skip + PAGE]
    more = skip + PAGE < len(found)
    return {
        "BillingCurrency": "USD",
        "CustomerEntityId": "Default",
        "CustomerEntityType": "Retail",
        "Items": shown,
        "NextPageLink": _link(request, skip + PAGE) if more else None,
        "Count": len(shown),
    }


def _link(request: Request, skip: int) -> str:
    kept = {name: value for name, value in request.query.items() if name != "$skip"}
    query = "&".join(
        f"{name}={quote(value)}" for name, value in {**kept, "$skip": str(skip)}.items()
    )
    return f"{request.origin}{request.path}?{query}"
