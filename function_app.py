"""Composition: reads the environment, builds clients, registers blueprints. Nothing else.

Azure finds `app` here. Whoever needs an app of another environment, or a second one in a process,
calls `compose`.
"""

import asyncio
import os
import secrets
import uuid
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

import azure.durable_functions as df
import azure.functions as func

from activities import market
from activities.azure.clients import AzureClients, transport_of
from activities.azure.polling import LOOKS
from activities.catalogue import Catalogue
from activities.ports import Ports
from activities.prices import RetailPrices
from activities.vm_read import READS
from activities.vm_wait import list_powers
from services.asking import power_now, subscription_of
from services.call_budget import CallBudget
from services.clocks import clock_named
from services.evictions import Evictions
from services.fleet import Fleet
from services.nodes import NodeCommands
from services.operations import Operations
from services.tick import Tick
from shared.clock import Clock
from shared.contracts.market import Decide
from shared.model.run import Vm
from shared.settings import Settings, read_settings
from store.secrets import secrets_at
from store.stores import Stores
from triggers.api import ApiServices, api
from triggers.events import events
from triggers.heard import Hearing
from triggers.starter import DurableStarter
from triggers.timers import timers
from triggers.workflows import workflows


@dataclass(frozen=True)
class Built:
    """Everything the functions use, built once on the loop that runs them."""

    ports: Ports
    prices: RetailPrices
    catalogue: Catalogue
    api: ApiServices
    hearing: Hearing


class Composition:
    """Builds on first use: clients belong to the running loop."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._lock = asyncio.Lock()
        self._built: Built | None = None
        self._open = AsyncExitStack()
        self.app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
        heard, called = events(self.hearing), api(self.api)
        works = workflows(self._ports, self._decide)
        for blueprint in (works, heard, timers(self.hearing), called):
            self.app.register_functions(blueprint)

    async def get(self) -> Built:
        """Return what is built, building it once."""
        async with self._lock:
            if self._built is None:
                self._built = await self._build()
        return self._built

    async def api(self) -> ApiServices:
        """Return what the API works with."""
        return (await self.get()).api

    async def hearing(self) -> Hearing:
        """Return what events and timers work with."""
        return (await self.get()).hearing

    async def close(self) -> None:
        """Let go of what was built: Azure ends the process, others go on without this app."""
        await self._open.aclose()

    async def _build(self) -> Built:
        settings, clock = self._settings, self._clock
        for looks in (LOOKS, READS):
            looks.begin(clock.now())
        kept = secrets_at(settings.secrets_dir)
        stores = await self._open.enter_async_context(Stores.open(settings.tables, clock, kept))
        transport = transport_of(settings)
        azure = AzureClients(settings, transport)
        self._open.push_async_callback(azure.close)
        prices = RetailPrices(settings.prices_endpoint, clock, transport)
        self._open.push_async_callback(prices.close)
        operations = Operations(stores.due, clock, partial(secrets.token_hex, 4))

        async def powers(subscription_id: str) -> dict[str, str]:
            return await list_powers(await azure.of(subscription_id))

        async def ask(vm: Vm) -> str:
            return await power_now(await azure.of(subscription_of(vm)), vm, clock)

        evictions = Evictions(stores, operations, ask)

        return Built(
            ports=Ports(stores, azure, clock),
            prices=prices,
            catalogue=Catalogue(clock),
            api=ApiServices(
                nodes=NodeCommands(stores, operations),
                tokens=stores.tokens,
                accounts=stores.accounts,
                budget=CallBudget(clock),
                clock=clock,
                new_request_id=lambda: str(uuid.uuid4()),
                starter=DurableStarter,
            ),
            hearing=Hearing(
                clock=clock,
                evictions=evictions,
                tick=Tick(stores, operations, evictions),
                fleet=Fleet(stores, operations, evictions, powers),
                our_client_id=settings.client_id,
            ),
        )

    async def _ports(self) -> Ports:
        return (await self.get()).ports

    async def _decide(self, request: Decide) -> object:
        """Give the decision its sources."""
        built = await self.get()
        return await market.decide_move(
            request, ports=built.ports, prices=built.prices, catalogue=built.catalogue
        )


def compose(environment: Mapping[str, str]) -> Composition:
    """Make the app that an environment describes. Raises BadSetting, naming the variable."""
    settings = read_settings(environment)
    return Composition(settings, clock_named(settings.clock))


app = compose(os.environ).app
