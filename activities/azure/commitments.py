"""What a tenant has bought ahead, as its own service principal sees it: reservations, plans."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from azure.core.rest import HttpRequest

from activities.azure.clients import Azure, AzureClients
from activities.azure.logins import Login
from activities.azure.probe import NOWHERE

RESERVATIONS: Final = "/providers/Microsoft.Capacity/reservations?api-version=2022-11-01"
PLANS: Final = "/providers/Microsoft.BillingBenefits/savingsPlans?api-version=2022-11-01"
"""Source: Azure docs, rest/api/reserved-vm-instances and rest/api/billingbenefits, list all."""
PAGES_MAX: Final = 100
"""Pages of one list: some thousands of purchases."""
MACHINES: Final = "virtualmachines"
A_WEEK: Final = 7.0
"""Days over which the share that is used is told."""


@dataclass(frozen=True)
class Commitment:
    """One purchase that is in force."""

    kind: str
    """`reservation` or `savingsPlan`."""
    id: str
    name: str
    vm_size: str = ""
    """Of a reservation; of its family, where it is flexible."""
    region: str = ""
    quantity: int | None = None
    """VMs that a reservation covers."""
    per_hour: float | None = None
    """What a savings plan commits to, in `currency`."""
    currency: str = ""
    used_percent: float | None = None
    """Of the last seven days; None: Azure does not tell yet."""
    expires_at: str = ""


async def read_commitments(azure: AzureClients, login: Login) -> list[Commitment]:
    """Return what covers VMs now. Changes nothing; may be repeated. Raises AzureError."""
    async with azure.trying(NOWHERE, login) as clients:
        reserved = [_reservation(one) async for one in _listed(clients, RESERVATIONS)]
        planned = [_plan(one) async for one in _listed(clients, PLANS)]
    return [one for one in (*reserved, *planned) if one is not None]


async def _listed(clients: Azure, path: str) -> AsyncIterator[Mapping[str, Any]]:
    for _ in range(PAGES_MAX):
        response = await clients.compute.send_request(HttpRequest("GET", path))
        response.raise_for_status()
        told = response.json()
        for one in told.get("value") or ():
            yield one
        following = urlsplit(str(told.get("nextLink") or ""))
        if not following.path:
            return
        path = f"{following.path}?{following.query}"  # asked of the ARM that we know, no other


def _reservation(one: Mapping[str, Any]) -> Commitment | None:
    p = one.get("properties") or {}
    is_ours = str(p.get("reservedResourceType", "")).lower() == MACHINES
    if not is_ours or p.get("provisioningState") != "Succeeded":
        return None
    return Commitment(
        kind="reservation",
        id=str(one.get("id", "")),
        name=str(p.get("displayName") or one.get("name") or ""),
        vm_size=str((one.get("sku") or {}).get("name") or ""),
        region=str(one.get("location") or ""),
        quantity=p.get("quantity"),
        used_percent=_used(p),
        expires_at=str(p.get("expiryDateTime") or p.get("expiryDate") or ""),
    )


def _plan(one: Mapping[str, Any]) -> Commitment | None:
    p = one.get("properties") or {}
    if p.get("provisioningState") != "Succeeded":
        return None
    bought = p.get("commitment") or {}
    return Commitment(
        kind="savingsPlan",
        id=str(one.get("id", "")),
        name=str(p.get("displayName") or one.get("name") or ""),
        per_hour=bought.get("amount"),
        currency=str(bought.get("currencyCode") or ""),
        used_percent=_used(p),
        expires_at=str(p.get("expiryDateTime") or ""),
    )


def _used(properties: Mapping[str, Any]) -> float | None:
    shares = (properties.get("utilization") or {}).get("aggregates") or ()
    return next((one.get("value") for one in shares if one.get("grain") == A_WEEK), None)
