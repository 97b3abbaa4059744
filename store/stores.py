"""All of the store in one hand."""

import secrets as operating_system
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from azure.data.tables.aio import TableServiceClient

from shared.clock import Clock
from store.accounts import Accounts
from store.due import DueIndex
from store.imports import Imports
from store.journal import Journal
from store.log import NodeLog
from store.markets import Markets
from store.memory import database_at
from store.nodes import Nodes
from store.notices import Notices
from store.rows import Table
from store.secrets import NoSecretStore, SecretStore
from store.signals import Signals
from store.tables import AzureTable, Endpoint, create_missing, service_client
from store.tokens import Tokens
from store.upkeep import Upkeep
from store.usage import Usage
from store.vms import VmIndex

TABLES: Final = (
    "nodes",
    "nodelist",
    "due",
    "vmindex",
    "notices",
    "journal",
    "log",
    "markets",
    "accounts",
    "tokens",
    "upkeep",
    "usage",
    "imports",
)


class Stores:
    """Every repository, over whatever keeps the tables."""

    def __init__(
        self,
        table: Callable[[str], Table],
        clock: Clock,
        secrets: SecretStore | None = None,
        random_bytes: Callable[[int], bytes] = operating_system.token_bytes,
    ) -> None:
        self.table = table
        """Finds a table by its name: for a store over this one (store.overlay)."""
        self.nodes = Nodes(table("nodes"), table("nodelist"))
        self.due = DueIndex(table("due"), clock)
        self.vms = VmIndex(table("vmindex"))
        self.notices = Notices(table("notices"), random_bytes)
        self.signals = Signals(table("notices"))
        self.journal = Journal(table("journal"))
        self.log = NodeLog(table("log"))
        self.markets = Markets(table("markets"))
        self.accounts = Accounts(table("accounts"), clock)
        self.tokens = Tokens(table("tokens"), clock, random_bytes)
        self.upkeep = Upkeep(table("upkeep"))
        self.usage = Usage(table("usage"))
        self.imports = Imports(table("imports"))
        self.secrets: SecretStore = secrets or NoSecretStore()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        connection: str | Endpoint,
        clock: Clock,
        secrets: SecretStore | None = None,
        prefix: str = "",
        random_bytes: Callable[[int], bytes] = operating_system.token_bytes,
    ) -> AsyncIterator["Stores"]:
        """Open the tables, creating those that are missing; close the connections at the end.

        `connection` is a connection string, an endpoint and an identity, or `memory:NAME`: tables
        in this process (`store.memory`). `prefix` (letters and digits) keeps several stores in one
        storage account apart.
        """
        database = database_at(connection) if isinstance(connection, str) else None
        if database:
            tables = {name: database.table(f"{prefix}{name}") for name in TABLES}
            yield cls(tables.__getitem__, clock, secrets, random_bytes)
            return
        async with service_client(connection) as service:
            await create_missing(service, tuple(f"{prefix}{name}" for name in TABLES))
            yield cls(tables_of(service, prefix), clock, secrets, random_bytes)


def tables_of(service: TableServiceClient, prefix: str = "") -> Callable[[str], Table]:
    """Return what finds a table of the service by its name."""
    return lambda name: AzureTable(service.get_table_client(f"{prefix}{name}"))
