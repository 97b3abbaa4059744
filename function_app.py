"""Composition: reads the environment, builds clients, registers blueprints. Nothing else."""

import asyncio
import os
import secrets
import uuid
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

from activities import deletion, disk, extension, market, nic, node
from activities.azure.clients import AzureClients
from activities.catalogue import Catalogue
from activities.ports import Ports
from activities.prices import RetailPrices
from activities.vm_delete import delete_vm
from activities.vm_launch import create_vm
from activities.vm_start import start_vm
from activities.vm_wait import await_down, list_powers
from orchestrators.create import create
from orchestrators.delete import DeleteNode, delete
from orchestrators.replace import ReplaceNode, replace
from services.call_budget import CallBudget
from services.clocks import clock_named
from services.evictions import Evictions
from services.fleet import Fleet
from services.nodes import NodeCommands
from services.operations import Operations
from services.tick import Tick
from shared.clock import Clock
from shared.contracts import disk as disk_contracts
from shared.contracts import market as market_contracts
from shared.contracts import nic as nic_contracts
from shared.contracts import node as node_contracts
from shared.contracts import vm as vm_contracts
from shared.contracts.base import OperationInput
from shared.durable import Context, Durable, serve
from shared.settings import read_settings
from store.secrets import EncryptedFileSecrets
from store.stores import Stores
from triggers.api import ApiServices, api
from triggers.durable import Handler, add_activity, add_orchestrator
from triggers.events import events
from triggers.heard import Hearing
from triggers.starter import DurableStarter
from triggers.timers import timers

SETTINGS = read_settings(os.environ)
CLOCK: Clock = clock_named(SETTINGS.clock)


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

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._built: Built | None = None
        self._open = AsyncExitStack()

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

    async def _build(self) -> Built:
        folder = Path(SETTINGS.secrets_dir)
        kept = EncryptedFileSecrets(folder / "secrets.bin", folder / "key")
        stores = await self._open.enter_async_context(Stores.open(SETTINGS.tables, CLOCK, kept))
        azure = AzureClients(SETTINGS)
        operations = Operations(stores.due, CLOCK, partial(secrets.token_hex, 4))
        evictions = Evictions(stores, operations)

        async def powers(subscription_id: str) -> dict[str, str]:
            return await list_powers(await azure.of(subscription_id))

        return Built(
            ports=Ports(stores, azure, CLOCK),
            prices=RetailPrices(SETTINGS.prices_endpoint, CLOCK),
            catalogue=Catalogue(CLOCK),
            api=ApiServices(
                nodes=NodeCommands(stores, operations),
                tokens=stores.tokens,
                accounts=stores.accounts,
                budget=CallBudget(CLOCK),
                clock=CLOCK,
                new_request_id=lambda: str(uuid.uuid4()),
                starter=DurableStarter,
            ),
            hearing=Hearing(
                clock=CLOCK,
                evictions=evictions,
                tick=Tick(stores, operations, evictions),
                fleet=Fleet(stores, operations, evictions, powers),
                our_client_id=SETTINGS.client_id,
            ),
        )


BUILT = Composition()


def on_ports(handler: Handler) -> Handler:
    """Give an activity its ports."""

    async def run(request: object) -> object:
        return await handler(request, ports=(await BUILT.get()).ports)  # type: ignore[call-arg]

    return run


async def decide(request: market_contracts.Decide) -> object:
    """Give the decision its sources."""
    built = await BUILT.get()
    return await market.decide_move(
        request, ports=built.ports, prices=built.prices, catalogue=built.catalogue
    )


def fail(context: Context, request: OperationInput, reason: str) -> Durable[object]:
    """End an operation that something escaped from."""
    failed = node_contracts.FailOperation(
        key=request.key, operation_id=request.operation_id, reason=reason
    )
    return (yield from node_contracts.FAIL_OPERATION(context, failed))


app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
workflows = df.Blueprint()
for body in (
    serve(create, OperationInput, fail),
    serve(replace, ReplaceNode, fail),
    serve(delete, DeleteNode, fail),
):
    add_orchestrator(workflows, body)
add_activity(workflows, market_contracts.DECIDE, decide)
for contract, handler in (
    (node_contracts.CLAIM, node.claim_operation),
    (node_contracts.SETTLE, node.settle_operation),
    (node_contracts.FAIL_OPERATION, node.fail_operation),
    (vm_contracts.AWAIT_DOWN, await_down),
    (vm_contracts.CREATE_VM, create_vm),
    (vm_contracts.START_VM, start_vm),
    (vm_contracts.DELETE_VM, delete_vm),
    (vm_contracts.INSTALL_EXTENSIONS, extension.install_extensions),
    (disk_contracts.COPY_DISKS, disk.copy_disks),
    (disk_contracts.DELETE_RESOURCES, deletion.delete_resources),
    (nic_contracts.ENSURE_NICS, nic.ensure_nics),
):
    add_activity(workflows, contract, on_ports(handler))  # type: ignore[arg-type]
for blueprint in (workflows, events(BUILT.hearing), timers(BUILT.hearing), api(BUILT.api)):
    app.register_functions(blueprint)
