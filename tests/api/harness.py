"""The API as a client sees it, over a real store and without a host."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import azure.functions as func

from activities.azure.clients import AzureClients
from services.operations import Operations
from services.refusals import StartLost
from shared.clock import Clock
from shared.model.ids import AccountId, NodeKey, node_key
from shared.model.run import Operation, RunState, Status
from shared.settings import Settings
from store.accounts import Account
from store.stores import Stores
from store.tokens import Role
from triggers.answer import answer
from triggers.api import ApiServices

ACCOUNT = "act-0000aaaa"
OTHER_ACCOUNT = "act-0000bbbb"
STRANGE_ACCOUNT = "act-0000cccc"
PATH = "/azure/compute/statefulNode"


@dataclass
class Starts:
    """What was started; refuses while `lost`."""

    operations: list[Operation] = field(default_factory=list)
    lost: bool = False

    async def start(self, key: NodeKey, operation: Operation) -> None:
        if self.lost:
            raise StartLost(f"the hub did not answer for {key.node_id}")
        self.operations.append(operation)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.body["response"]["items"]
        return items

    @property
    def errors(self) -> list[dict[str, Any]]:
        errors: list[dict[str, Any]] = self.body["response"]["errors"]
        return errors

    @property
    def codes(self) -> list[str]:
        return [error["code"] for error in self.errors]

    @property
    def fields(self) -> list[str]:
        return [error.get("field", "") for error in self.errors]


@dataclass
class Api:
    """A client with a token."""

    services: Callable[[], Awaitable[ApiServices]]
    stores: Stores
    starts: Starts
    token: str

    async def call(self, method: str, url: str, body: object = None, **headers: str) -> Answer:
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        response = await self.raw(method, url, raw, headers)
        decoded = json.loads(response.get_body())
        assert isinstance(decoded["response"], dict)
        return Answer(response.status_code, dict(response.headers), decoded)

    async def raw(
        self, method: str, url: str, body: bytes, headers: dict[str, str]
    ) -> func.HttpResponse:
        sent = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = func.HttpRequest(
            method,
            f"http://127.0.0.1:7071{url}",
            headers={name: value for name, value in sent.items() if value},
            params=dict(parse_qsl(urlsplit(url).query, keep_blank_values=True)),
            body=body,
        )
        return await answer(self.services, request, None)

    async def as_(self, roles: Mapping[str, Role], **more: Any) -> "Api":
        """Return the same API with a new token."""
        minted = await self.stores.tokens.mint(roles, "test", **more)
        return replace(self, token=minted.secret.get_secret_value())

    async def created(self, body: object) -> str:
        made = await self.call("POST", PATH, body)
        assert made.status == HTTPStatus.OK, made.body
        node_id: str = made.items[0]["id"]
        return node_id

    async def settle(self, node_id: str, status: Status, **run: Any) -> None:
        """End the operation that holds a node, as its workflow would."""
        key = node_key(ACCOUNT, node_id)
        record = await self.stores.nodes.get(key)
        assert record is not None
        assert record.operation is not None
        state: RunState = record.run.model_copy(update={"status": status, **run})
        now = record.operation.locked_at
        assert await self.stores.nodes.finish(key, record.operation.id, state, now)


async def open_api(
    stores: Stores, clock: Clock, role: Role = Role.OPERATOR, azure: AzureClients | None = None
) -> Api:
    """Make two accounts and a token for them."""
    for account_id, name, digit in ((ACCOUNT, "first", 1), (OTHER_ACCOUNT, "second", 2)):
        account = Account(
            id=AccountId(account_id),
            name=name,
            subscription_id=f"0a1b2c3d-0000-4000-8000-00000000000{digit}",
            is_default=account_id == ACCOUNT,
        )
        await stores.accounts.put(account)
    numbers, starts = count(1), Starts()
    operations = Operations(stores.due, clock, lambda: f"{next(numbers):08x}")
    made = ApiServices.over(
        stores,
        operations,
        azure or nowhere(),
        lambda: f"request-{next(numbers)}",
        lambda _: starts,
    )
    if azure is None:  # nobody tells of images: no look-up leaves a connection open
        made = replace(made, nodes=replace(made.nodes, images=None, networks=None))

    async def services() -> ApiServices:
        return made

    api = Api(services, stores, starts, "")
    return await api.as_(dict.fromkeys((ACCOUNT, OTHER_ACCOUNT), role))


def nowhere() -> AzureClients:
    """Return clients of an Azure that nobody answers for."""
    settings = Settings(
        tables="memory:none",
        arm_endpoint="http://127.0.0.1:1",
        authority="http://127.0.0.1:1",
        credential="local.credential:factory",
    )
    return AzureClients(settings)
