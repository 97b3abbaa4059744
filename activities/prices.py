"""Retail prices of VM sizes: Azure's public list, no sign-in.

A price is per region, not per zone. Spot meters are published anew about monthly.
Source: Azure docs, Retail Prices API; karpenter-provider-azure, pricing.
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from azure.core import AsyncPipelineClient
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import ContentDecodePolicy, UserAgentPolicy
from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest

from activities.kept import Kept
from shared.clock import Clock
from shared.model.facts import Price
from shared.model.run import Lifecycle

KEEP_S: Final = 6 * 3_600.0
"""Six hours: far less than the month that a Spot meter lasts."""
PAGES_MAX: Final = 50
"""A region's VM prices fill fewer than ten pages of a thousand: more, and links run in rings."""
TIMEOUT_S: Final = 10
"""For connecting and between two bytes: a node waits for this once in six hours."""
API_VERSION: Final = "2023-01-01-preview"
_SPOT: Final = " Spot"
_NOT_VMS: Final = ("Low Priority", "Cloud Services", "CloudServices")


class RetailPrices:
    """Prices by region and OS, kept for `KEEP_S`."""

    def __init__(
        self,
        endpoint: str,
        clock: Clock,
        transport: AsyncHttpTransport[HttpRequest, AsyncHttpResponse] | None = None,
    ) -> None:
        self._endpoint = endpoint.rstrip("/")
        self._clock = clock
        self._transport = transport
        self._regions: Kept[tuple[dict[str, Any], ...]] = Kept(clock, KEEP_S)
        self._client: AsyncPipelineClient[HttpRequest, AsyncHttpResponse] | None = None

    async def of_region(self, region: str, system: str) -> tuple[Price, ...]:
        """Return the price of each size in USD an hour, by name, Spot and on-demand.

        `system` is `Linux` or `Windows`. Raises azure.core's AzureError if the list cannot be had.
        """
        items = await self._regions.get(region, lambda: self._items(region))
        return prices_of(items, system)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _items(self, region: str) -> tuple[dict[str, Any], ...]:
        wanted = (
            "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' "
            f"and armRegionName eq '{region.lower()}'"
        )
        query = urlencode({"api-version": API_VERSION, "$filter": wanted})
        url: str | None = f"{self._endpoint}/api/retail/prices?{query}"
        items: list[dict[str, Any]] = []
        for _ in range(PAGES_MAX):
            if url is None:
                break
            page = await self._page(url)
            items += page.get("Items") or ()
            url = self._next(page.get("NextPageLink"))
        return tuple(items)

    def _next(self, link: str | None) -> str | None:
        """Follow a link on the endpoint that was configured, whatever host it names."""
        if not link:
            return None
        parts = urlsplit(link)
        return urljoin(self._endpoint, f"{parts.path}?{parts.query}")

    async def _page(self, url: str) -> dict[str, Any]:
        if self._client is None:
            policies = [UserAgentPolicy("mooring"), ContentDecodePolicy()]
            options: dict[str, Any] = {"transport": self._transport} if self._transport else {}
            self._client = AsyncPipelineClient(self._endpoint, policies=policies, **options)
        request = HttpRequest("GET", url)
        response = await self._client.send_request(
            request, connection_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S
        )
        if response.status_code != 200:  # noqa: PLR2004 - HTTP's word for "here it is"
            await response.read()
            raise HttpResponseError(response=response)
        page: dict[str, Any] = response.json()
        return page


def prices_of(items: Iterable[dict[str, Any]], system: str) -> tuple[Price, ...]:
    """Pick the hourly prices for one OS; of several meters for a size the newest counts."""
    newest: dict[tuple[str, Lifecycle], tuple[str, float]] = {}
    for item in items:
        size, meter = str(item.get("armSkuName") or ""), str(item.get("skuName") or "")
        if not size or not _is_hourly(item) or _is_windows(item) != (system == "Windows"):
            continue
        key = size, Lifecycle.SPOT if meter.endswith(_SPOT) else Lifecycle.OD
        found = str(item.get("effectiveStartDate") or ""), float(item.get("retailPrice") or 0)
        newest[key] = max(newest.get(key, found), found)
    return tuple(
        Price(size=size, lifecycle=lifecycle, usd_per_hour=usd)
        for (size, lifecycle), (_, usd) in sorted(newest.items())
        if usd > 0
    )


def _is_hourly(item: dict[str, Any]) -> bool:
    names = f"{item.get('skuName')} {item.get('meterName')} {item.get('productName')}"
    of_a_vm = not any(word in names for word in _NOT_VMS)
    return of_a_vm and item.get("type") == "Consumption" and item.get("unitOfMeasure") == "1 Hour"


def _is_windows(item: dict[str, Any]) -> bool:
    return str(item.get("productName") or "").endswith(" Windows")
