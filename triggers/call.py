"""One admitted API call, and what it may work with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import azure.functions as func

from services.call_budget import CallBudget
from services.nodes import NodeCommands
from services.operations import OperationStarter
from shared.clock import Clock
from shared.model.ids import NodeKey, node_key
from triggers.access import AccountBook, Caller, TokenBook
from triggers.envelope import Found
from triggers.routes import Match


@dataclass(frozen=True)
class ApiServices:
    """What the API needs; made once by the composition."""

    nodes: NodeCommands
    tokens: TokenBook
    accounts: AccountBook
    budget: CallBudget
    clock: Clock
    new_request_id: Callable[[], str]
    """A UUID for each answer's envelope."""
    starter: Callable[[Any], OperationStarter]
    """Makes a starter from the durable client of a call."""


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
