"""One admitted API call, and what it may work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from activities.azure.clients import AzureClients
from services.account_secrets import AccountSecrets
from services.accounts import AccountCommands
from services.call_budget import CallBudget
from services.disks import DiskCommands, disk_reader
from services.images import Images
from services.imports import ImportCommands
from services.networks import Networks
from services.nodes import NodeCommands
from services.operations import Operations, OperationStarter
from services.plan.plans import Plans
from services.resources import Resources
from services.sources import Sources
from services.tokens import TokenCommands
from shared.clock import Clock
from shared.model.ids import NodeKey, node_key
from store.stores import Stores
from triggers.access import AccountBook, Caller, TokenBook
from triggers.envelope import Found
from triggers.routes import Match


@dataclass(frozen=True)
class ApiServices:
    """What the API needs; made once by the composition."""

    nodes: NodeCommands
    tokens: TokenBook
    accounts: AccountBook
    token_commands: TokenCommands
    account_commands: AccountCommands
    disks: DiskCommands
    resources: Resources
    imports: ImportCommands
    budget: CallBudget
    clock: Clock
    new_request_id: Callable[[], str]
    """A UUID for each answer's envelope."""
    starter: Callable[[Any], OperationStarter]
    """Makes a starter from the durable client of a call."""
    plans: Plans | None = None
    """None: there is no way to Azure to plan by."""

    @classmethod
    def over(
        cls,
        stores: Stores,
        operations: Operations,
        azure: AzureClients,
        new_request_id: Callable[[], str],
        starter: Callable[[Any], OperationStarter],
    ) -> "ApiServices":
        """Make them from what the composition has."""
        clock = operations.clock
        images = Images(stores.accounts, azure, clock)
        networks = Networks(stores.accounts, azure, clock)
        kept = AccountSecrets(stores.accounts, stores.secrets, clock, operations.new_id)
        return cls(
            nodes=NodeCommands(stores, operations, images=images, networks=networks),
            tokens=stores.tokens,
            accounts=stores.accounts,
            token_commands=TokenCommands(stores.tokens, stores.accounts, clock),
            account_commands=AccountCommands(kept, azure),
            disks=DiskCommands(stores, operations, disk_reader(azure)),
            resources=Resources(stores, azure),
            imports=ImportCommands(
                stores, operations, Sources.over(stores, azure, clock), (images, networks)
            ),
            budget=CallBudget(clock),
            clock=clock,
            new_request_id=new_request_id,
            starter=starter,
        )


Services = Callable[[], Awaitable[ApiServices]]


@dataclass(frozen=True)
class Call:
    """One admitted call."""

    services: ApiServices
    request: func.HttpRequest
    client: Any
    caller: Caller
    found: Match

    @property
    def key(self) -> NodeKey:
        """The node that the path names."""
        return node_key(self.caller.account_id, self.found.parameters["id"])

    @property
    def starter(self) -> OperationStarter:
        """What starts orchestrations for this call."""
        return self.services.starter(self.client)


Handler = Callable[[Call], Awaitable[Found]]
"""Serves one route."""
