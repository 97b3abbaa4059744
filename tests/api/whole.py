"""The whole API in one process: tables in memory, a simulated Azure behind the SDKs, no socket.

Some nodes are there from the start, one in each status that a node can rest in, so that calls
reach what lies behind an id.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func

from activities.azure.clients import AzureClients
from activities.azure.logins import AccountLogins
from local.arm.app import Simulator
from local.arm.persistence import NoJournal
from local.arm.world import World
from local.worlds.ground import SETTLE_S, Azure
from local.worlds.transport import Answer as Reply
from local.worlds.transport import InProcessTransport, Sent
from services.call_budget import CallBudget
from shared.model.ids import AccountId
from shared.model.run import Status
from shared.settings import Settings
from store.accounts import Account
from store.memory import Database
from store.stores import Stores
from store.tokens import Role
from tests.api.harness import ACCOUNT, Api, open_api
from tests.simulator import SUBSCRIPTION
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import body, node
from triggers.answer import answer
from triggers.call import ApiServices

RESTING = (Status.ACTIVE, Status.PAUSED, Status.STOPPED, Status.ERROR)
ENDLESS = 1e9


@dataclass
class Whole:
    """The API, and what is behind it."""

    api: Api
    kept: Database
    azure: AzureClients
    world: World
    node_ids: list[str] = field(default_factory=list)

    async def ask(
        self, method: str, url: str, headers: dict[str, str], sent: bytes
    ) -> func.HttpResponse:
        """Answer one request as it comes off a socket, with the admin's token unless it has one."""
        given = {"Authorization": f"Bearer {self.api.token}"} | headers
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        request = func.HttpRequest(method, url, headers=given, params=query, body=sent)
        return await answer(self.api.services, request, None)


async def open_whole() -> Whole:
    """Make an API with an admin and a node in each resting status, and one that is being made."""
    kept, clock = Database(), HandClock(NOON)
    world = World(clock, 1, NoJournal())
    world.facts["settings"] = {"throttle": False}
    simulator = Simulator(world)

    async def send(sent: Sent) -> Reply:
        return await simulator.handle(sent.method, sent.url, sent.headers, sent.body)

    settings = Settings(tables="memory:none", credential="local.credential:factory")
    azure = AzureClients(settings, InProcessTransport(send))
    stores = Stores(kept.table, clock, kept.secrets)
    azure.sign_in_by(AccountLogins(stores.accounts, stores.secrets, clock))
    api = await open_api(stores, clock, Role.ADMIN, azure)
    await stores.accounts.put(
        Account(id=AccountId(ACCOUNT), name="first", subscription_id=SUBSCRIPTION, is_default=True)
    )
    await _ground(Azure(simulator), clock)
    whole = Whole(await _unhurried(api), kept, azure, world)
    await _people(whole)
    return whole


async def _ground(azure: Azure, clock: HandClock) -> None:
    """Make what the documents name: groups and their networks."""
    for name, network in (("fleet", "vnet"), ("mooring-demo", "demo-vnet")):
        group = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}"
        subnet = {"name": "default", "properties": {"addressPrefix": "10.0.0.0/24"}}
        space = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}, "subnets": [subnet]}
        made = {"location": "eastus", "properties": space}
        await azure.ask("PUT", group, {"location": "eastus"})
        await azure.ask(
            "PUT", f"{group}/providers/Microsoft.Network/virtualNetworks/{network}", made
        )
    await clock.sleep(SETTLE_S)


async def _unhurried(api: Api) -> Api:
    """Return the API without a bound on calls."""
    made = await api.services()
    free = replace(made, budget=CallBudget(made.clock, ENDLESS, ENDLESS))

    async def services() -> ApiServices:
        return free

    return replace(api, services=services)


async def _people(whole: Whole) -> None:
    for status in RESTING:
        node_id = await whole.api.created(body(node(name=status.value.lower())))
        await whole.api.settle(node_id, status)
        whole.node_ids.append(node_id)
    whole.node_ids.append(await whole.api.created(body(node(name="pending"))))


@contextmanager
def whole_api() -> Iterator[tuple[asyncio.Runner, Whole]]:
    """Lend a whole API and the loop it lives on to tests that are not async."""
    with asyncio.Runner() as runner:
        whole = runner.run(open_whole())
        yield runner, whole
        runner.run(whole.azure.close())
