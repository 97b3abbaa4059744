"""Subscriptions and locations on the wire."""

from local.arm.subscription.state import TENANT
from local.arm.wire import Json

REGIONS = {
    "eastus": ("East US", ("1", "2", "3")),
    "westeurope": ("West Europe", ("1", "2", "3")),
    "westus": ("West US", ()),
}
"""Regions a subscription sees. Source: Azure docs, availability-zones."""


def render(subscription: str, known: Json) -> Json:
    """Return a subscription as `GET /subscriptions/{id}` does."""
    return {
        "id": f"/subscriptions/{subscription}",
        "authorizationSource": "RoleBased",
        "managedByTenants": [],
        "subscriptionId": subscription,
        "tenantId": TENANT,
        "displayName": known["displayName"],
        "state": "Enabled",
        "subscriptionPolicies": {
            "locationPlacementId": "Public_2014-09-01",
            "quotaId": "PayAsYouGo_2014-09-01",
            "spendingLimit": "Off",
        },
    }


def render_location(subscription: str, name: str) -> Json:
    """Return one region as `GET .../locations` does."""
    display_name, zones = REGIONS[name]
    mappings = [{"logicalZone": zone, "physicalZone": f"{name}-az{zone}"} for zone in zones]
    return {
        "id": f"/subscriptions/{subscription}/locations/{name}",
        "name": name,
        "type": "Region",
        "displayName": display_name,
        "regionalDisplayName": display_name,
        "metadata": {"regionType": "Physical", "regionCategory": "Recommended"},
    } | ({"availabilityZoneMappings": mappings} if mappings else {})
