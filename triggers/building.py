"""What all functions work with, built once: the clients, the store, the use-cases over them."""

import secrets
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from activities import market
from activities.azure.clients import AzureClients
from activities.azure.identity import transport_of
from activities.azure.logins import AccountLogins
from activities.azure.polling import LOOKS
from activities.catalogue import Catalogue
from activities.ports import Ports
from activities.prices import RetailPrices
from activities.vm_read import READS
from activities.vm_wait import list_powers
from services.actions import NodeActions
from services.asking import asker
from services.care import Care
from services.deallocation import Deallocations
from services.evictions import Evictions
from services.fleet import Fleet
from services.images import Images
from services.operations import Operations
from services.places import Places
from services.plan.plans import Plans
from services.plan.rehearsal import House
from services.schedules import Schedules
from services.tick import Tick
from services.usage import UsageWatch
from shared.clock import Clock
from shared.contracts.market import Decide
from shared.settings import Settings
from store.stores import Stores
from triggers.call import ApiServices
from triggers.heard import Hearing
from triggers.rehearsed import works
from triggers.starter import DurableStarter

Decision = Callable[[Decide, Ports], Awaitable[object]]


@dataclass(frozen=True)
class Built:
    """Everything the functions use."""

    ports: Ports
    decide: Decision
    api: ApiServices
    hearing: Hearing


@dataclass(frozen=True)
class Foundation:
    """What the use-cases stand on."""

    settings: Settings
    clock: Clock
    azure: AzureClients
    stores: Stores
    prices: RetailPrices


async def build(settings: Settings, clock: Clock, opened: AsyncExitStack) -> Built:
    """Build all of it on the running loop; `opened` closes it. Raises StoreError."""
    for looks in (LOOKS, READS):
        looks.begin(clock.now())
    transport = transport_of(settings)
    azure = AzureClients(settings, transport)
    opened.push_async_callback(azure.close)
    places = Places(settings, azure.credential, clock)
    kept = await opened.enter_async_context(places.secrets())
    stores = await opened.enter_async_context(places.stores(kept))
    azure.sign_in_by(AccountLogins(stores.accounts, kept, clock))
    prices = RetailPrices(settings.prices_endpoint, clock, transport)
    opened.push_async_callback(prices.close)
    return _built(Foundation(settings, clock, azure, stores, prices))


def _built(on: Foundation) -> Built:
    operations = Operations(on.stores.due, on.clock, partial(secrets.token_hex, 4))
    decide = _decision(on)
    calls = ApiServices.over(
        on.stores, operations, on.azure, lambda: str(uuid.uuid4()), DurableStarter
    )
    house = House(on.stores, on.azure, on.settings, on.clock, works(decide))
    return Built(
        ports=Ports(on.stores, on.azure, on.clock),
        decide=decide,
        api=replace(calls, plans=Plans(house, on.prices.of_region, operations.new_id)),
        hearing=_hearing(on, operations),
    )


def _decision(on: Foundation) -> Decision:
    """Return what decides, with its sources: prices and what Azure offers."""
    catalogue = Catalogue(on.clock)

    async def decide(request: Decide, ports: Ports) -> object:
        return await market.decide_move(request, ports=ports, prices=on.prices, catalogue=catalogue)

    return decide


def _hearing(on: Foundation, operations: Operations) -> Hearing:
    """Return what events and timers work with."""
    stores, azure, clock = on.stores, on.azure, on.clock

    async def powers(subscription_id: str, account_id: str) -> dict[str, str]:
        return await list_powers(await azure.of(subscription_id, account_id))

    evictions = Evictions(stores, operations, asker(azure, clock))
    care = Care.made(stores, operations, azure, timedelta(hours=on.settings.snapshot_hours))
    ending = Deallocations(stores, operations)
    tasks = Schedules(NodeActions(stores, operations, Images(stores.accounts, azure, clock)))
    watches = (*care.watches, UsageWatch(stores, clock, on.prices.of_region).watch)
    return Hearing(
        clock=clock,
        evictions=evictions,
        tick=Tick(stores, operations, evictions, {**care.acts, **ending.acts, **tasks.acts}),
        fleet=Fleet(stores, operations, evictions, powers, watches),
        our_client_id=on.settings.client_id,
    )
