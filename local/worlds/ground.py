"""What a node needs before it can be made: account, token, group, network, event subscription."""

import importlib
import json
from collections.abc import Mapping
from typing import Any, Final

from local.arm.app import Simulator
from local.arm.subscription import state as subscriptions
from local.clock import Clock
from local.credential import TOKEN

ACCOUNT: Final = "act-10ca1000"
SUBSCRIPTION: Final = subscriptions.DEFAULT
GROUP: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/mooring-demo"
NETWORK: Final = f"{GROUP}/providers/Microsoft.Network"
REGION: Final = "eastus"
PERSON: Final = "person"
"""Bearer token of somebody who is not the product: Azure's events carry a name for it."""
API_VERSION: Final = "2026-04-01"
ORIGIN: Final = "https://management.azure.com"
SETTLE_S: Final = 30.0
"""Longer than any network resource takes."""
OK: Final = 300


class Azure:
    """The simulated Azure as its operator and its users reach it, past the product's transport."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator

    async def ask(self, method: str, path: str, body: Any = None, token: str = PERSON) -> Any:
        """Send one request as a person, or to the world API; return the decoded body.

        Raises ValueError with Azure's answer if it is an error.
        """
        if not path.startswith("/_world") and "api-version=" not in path:
            path += f"{'&' if '?' in path else '?'}api-version={API_VERSION}"
        content = b"" if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token}"}
        status, _, told = await self._simulator.handle(method, ORIGIN + path, headers, content)
        answer = json.loads(told) if told else None
        if status >= OK:
            raise ValueError(f"{method} {path}: {status} {answer}")
        return answer


async def lay_ground(azure: Azure, clock: Clock) -> None:
    """Make the person known, the resource group, its security group and its network."""
    claims = {"upn": "you@localhost", "name": "you"}
    await azure.ask("PUT", f"/_world/callers/{PERSON}", claims)
    await azure.ask("PUT", GROUP, {"location": REGION})
    space = {"addressPrefixes": ["10.60.0.0/16"]}
    subnet = {"name": "default", "properties": {"addressPrefix": "10.60.0.0/20"}}
    network = {"addressSpace": space, "subnets": [subnet]}
    guard: Mapping[str, Any] = {"securityRules": []}
    for path, properties in (
        (f"{NETWORK}/networkSecurityGroups/mooring-nsg", guard),
        (f"{NETWORK}/virtualNetworks/mooring-vnet", network),
    ):
        await azure.ask("PUT", path, {"location": REGION, "properties": properties}, TOKEN)
    await clock.sleep(SETTLE_S)


async def connect(environment: Mapping[str, str]) -> str:
    """Connect the account to the subscription by the product's own set-up tool; return a token."""
    tool = importlib.import_module("services.setup")

    words = ("account", "--id", ACCOUNT, "--name", "world", "--subscription", SUBSCRIPTION)
    await tool.run(words, environment)
    words = ("token", "--account", ACCOUNT, "--role", "admin", "--name", "world")
    return str(await tool.run(words, environment))
