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
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import azure.durable_functions as df
import azure.functions as func

from activities import market
from activities.azure.clients import AzureClients, transport_of
from activities.azure.logins import AccountLogins
from activities.azure.polling import LOOKS
from activities.catalogue import Catalogue
from activities.ports import Ports
from activities.prices import RetailPrices
from activities.vm_read import READS
from activities.vm_wait import list_powers
from services.actions import NodeActions
from services.asking import power_now, subscription_of
from services.care import Care
from services.clocks import clock_named
from services.deallocation import Deallocations
from services.evictions import Evictions
from services.fleet import Fleet
from services.operations import Operations
from services.plan.plans import Plans
from services.plan.rehearsal import House
from services.schedules import Schedules
from services.tick import Tick
from services.usage import UsageWatch
from shared.clock import Clock
from shared.contracts.market import Decide
from shared.model.run import Vm
from shared.settings import Settings, read_settings
from store.key_vault import vault_at
from store.secrets import SecretStore, secrets_at
from store.stores import Stores
from triggers.api import ApiServices, api
from triggers.events import events
from triggers.heard import Hearing
from triggers.rehearsed import works
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
        ran = workflows(self._ports, self._decide)
        for blueprint in (ran, heard, timers(self.hearing), called):
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
        transport = transport_of(settings)
        azure = AzureClients(settings, transport)
        self._open.push_async_callback(azure.close)
        kept = self._secrets(azure)
        stores = await self._open.enter_async_context(Stores.open(settings.tables, clock, kept))
        azure.sign_in_by(AccountLogins(stores.accounts, kept, clock))
        prices = RetailPrices(settings.prices_endpoint, clock, transport)
        self._open.push_async_callback(prices.close)
        operations = Operations(stores.due, clock, partial(secrets.token_hex, 4))

        async def powers(subscription_id: str) -> dict[str, str]:
            return await list_powers(await azure.of(subscription_id))

        async def ask(vm: Vm) -> str:
            return await power_now(await azure.of(subscription_of(vm)), vm, clock)

        evictions = Evictions(stores, operations, ask)
        every = timedelta(hours=settings.snapshot_hours)
        care = Care.made(stores, operations, azure, every)
        ending = Deallocations(stores, operations)
        tasks = Schedules(NodeActions(stores, operations))
        acts = {**care.acts, **ending.acts, **tasks.acts}
        watches = (*care.watches, UsageWatch(stores, clock, prices.of_region).watch)

        catalogue = Catalogue(clock)

        async def decide(request: Decide, ports: Ports) -> object:
            return await market.decide_move(
                request, ports=ports, prices=prices, catalogue=catalogue
            )

        house = House(stores, azure, settings, clock, works(decide))
        calls = ApiServices.over(
            stores, operations, azure, lambda: str(uuid.uuid4()), DurableStarter
        )

        return Built(
            ports=Ports(stores, azure, clock),
            prices=prices,
            catalogue=catalogue,
            api=replace(calls, plans=Plans(house, prices.of_region, operations.new_id)),
            hearing=Hearing(
                clock=clock,
                evictions=evictions,
                tick=Tick(stores, operations, evictions, acts),
                fleet=Fleet(stores, operations, evictions, powers, watches),
                our_client_id=settings.client_id,
            ),
        )

    def _secrets(self, azure: AzureClients) -> SecretStore:
        """Return where secrets go: the Key Vault, if the deployment has one."""
        settings = self._settings
        if not settings.key_vault:
            return secrets_at(settings.secrets_dir)
        transport = transport_of(settings)
        vault = vault_at(settings.key_vault, azure.credential(), self._clock, transport)
        self._open.push_async_callback(vault.close)
        return vault

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
