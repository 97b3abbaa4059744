"""What a body names in another subscription, its sender must be let to use there."""

from typing import Any

import pytest

from tests.simulator import SUBSCRIPTION, Azure

OTHER = "5b5c0000-0000-4000-8000-000000000002"
CLIENT = "c11e0000-0000-4000-8000-000000000001"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"
THERE = f"/subscriptions/{OTHER}/resourceGroups/rg/providers"
VM = f"{GROUP}/providers/Microsoft.Compute/virtualMachines/web"
IDENTITY = f"{THERE}/Microsoft.ManagedIdentity/userAssignedIdentities/web"
IMAGE = f"{THERE}/Microsoft.Compute/galleries/g/images/i"


async def ask(azure: Azure, body: Any, *subscriptions: str) -> tuple[int, dict[str, Any]]:
    """Make a VM as an application that may reach these subscriptions."""
    for one in (SUBSCRIPTION, OTHER):
        await azure.send("PUT", f"/_world/subscriptions/{one}", {})
    await azure.arm("PUT", GROUP, {"location": "eastus"})
    await azure.send("PUT", f"/_world/applications/{CLIENT}", {"subscriptions": [*subscriptions]})
    await azure.send("PUT", "/_world/callers/app", {"appid": CLIENT})
    told = await azure.arm("PUT", VM, {"location": "eastus", **body}, Authorization="Bearer app")
    return told[0], told[1].get("error", {})


@pytest.mark.parametrize(
    ("body", "needed", "scope"),
    [
        pytest.param(
            {"identity": {"type": "UserAssigned", "userAssignedIdentities": {IDENTITY: {}}}},
            "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
            IDENTITY,
            id="S105-identity",
        ),
        pytest.param(
            {"properties": {"storageProfile": {"imageReference": {"id": IMAGE}}}},
            "Microsoft.Compute/galleries/images/read",
            IMAGE,
            id="image",
        ),
    ],
)
async def test_a_name_beyond_the_senders_reach_is_refused_with_the_right_that_is_needed(
    azure: Azure, body: dict[str, Any], needed: str, scope: str
) -> None:
    """S105, R31."""
    status, error = await ask(azure, body, SUBSCRIPTION)

    assert (status, error["code"]) == (403, "LinkedAuthorizationFailed")
    assert f"'{needed}' on the linked scope(s) '{scope}'" in error["message"]
    assert CLIENT in error["message"]


async def test_who_may_reach_it_is_judged_by_what_is_there(azure: Azure) -> None:
    body = {"properties": {"storageProfile": {"imageReference": {"id": IMAGE}}}}

    _, error = await ask(azure, body, SUBSCRIPTION, OTHER)

    assert error["code"] != "LinkedAuthorizationFailed"
