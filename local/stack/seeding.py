"""What a node needs before it can be made: network, account, token, event subscription."""

import asyncio
import os
from asyncio.subprocess import PIPE
from typing import Final

from local.stack import arm as azure
from local.stack import environment
from local.stack.commands import Plan, setup
from local.stack.http import Web
from local.stack.trouble import Trouble

REGION: Final = "eastus"
ACCOUNT: Final = "act-10ca1000"
NETWORK: Final = f"{azure.GROUP}/providers/Microsoft.Network"
HOOK: Final = "/runtime/webhooks/EventGrid?functionName=azure_events"
SETUP_S: Final = 60.0
"""Wall seconds that the set-up tool may take: it waits for storage only."""
UNAUTHORIZED: Final = 401
SSH: Final = {
    "name": "ssh",
    "properties": {
        "priority": 1000,
        "direction": "Inbound",
        "access": "Allow",
        "protocol": "Tcp",
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": "22",
    },
}


async def introduce_ourselves(arm: Web) -> None:
    """Have Azure's events name the runner as a person: the product must not take it for itself."""
    await arm.want("PUT", f"/_world/callers/{arm.token}", {"upn": "you@localhost", "name": "you"})


async def make_network(arm: Web) -> None:
    """Make resource group, security group and network, through ARM; what is there stays."""
    await azure.put(arm, azure.GROUP, {"location": REGION})
    guard = {"location": REGION, "properties": {"securityRules": [SSH]}}
    space = {"addressPrefixes": ["10.60.0.0/16"]}
    subnet = {"name": "default", "properties": {"addressPrefix": "10.60.0.0/24"}}
    network = {"location": REGION, "properties": {"addressSpace": space, "subnets": [subnet]}}
    for path, body in (
        (f"{NETWORK}/networkSecurityGroups/mooring-nsg", guard),
        (f"{NETWORK}/virtualNetworks/mooring-vnet", network),
    ):
        if await azure.try_read(arm, path) is None:
            await azure.put(arm, path, body)


async def connect_account(plan: Plan) -> None:
    """Connect the demo's account to the demo's subscription; repeatable."""
    account = ("account", "--id", ACCOUNT, "--name", "local demo")
    await _run_setup(plan, *account, "--subscription", azure.SUBSCRIPTION)


async def mint_token(plan: Plan) -> str:
    """Return a new API token of the demo's account."""
    words = ("token", "--account", ACCOUNT, "--role", "admin", "--name", "make run")
    printed = (await _run_setup(plan, *words)).split()
    if not printed:
        raise Trouble("The set-up tool printed no token.")
    return printed[-1]


async def sign_in(plan: Plan, host: Web) -> Web:
    """Return the host with a token that it accepts, kept in the env file for other clients."""
    path = plan.options.directory / "env"
    token = environment.read(path).get("SPOTINST_TOKEN", "")
    signed = Web(host.session, host.origin, token)
    listing = f"/azure/compute/statefulNode/status?accountId={ACCOUNT}"
    if not token or (await signed.call("GET", listing)).status == UNAUTHORIZED:
        token = await mint_token(plan)
        signed = Web(host.session, host.origin, token)
    pairs = {
        "MOORING_URL": plan.url,
        "ARM_URL": plan.arm_url,
        "SPOTINST_TOKEN": token,
        "SPOTINST_ACCOUNT": ACCOUNT,
        "AZURE_SUBSCRIPTION_ID": azure.SUBSCRIPTION,
        "MOORING_TABLES": plan.storage,
    }
    environment.write(path, pairs)
    return signed


async def subscribe_to_events(plan: Plan, arm: Web) -> None:
    """Have the simulator's Event Grid deliver to the host, as a subscription in Azure would."""
    await arm.want("PUT", "/_world/subscribers/mooring", {"endpoint": plan.url + HOOK})


async def _run_setup(plan: Plan, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *setup(*words), env={**os.environ, **plan.environment}, stdout=PIPE, stderr=PIPE
    )
    try:
        printed, complaint = await asyncio.wait_for(process.communicate(), SETUP_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Trouble(f"Setting up the {words[0]} did not end in {SETUP_S:g} s.") from None
    if process.returncode:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:]
        raise Trouble(f"Setting up the {words[0]} failed: {' '.join(last) or process.returncode}")
    return printed.decode()
