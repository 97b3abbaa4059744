"""What goes over the wire: requests, replies, problems, ids."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One HTTP request to Azure Resource Manager, already read."""

    method: str
    path: str
    query: Mapping[str, str]
    """Names lower-cased."""
    headers: Mapping[str, str]
    """Names lower-cased."""
    body: Json | None
    origin: str
    """`http://host:port` as the client called us: operation URLs are built from it."""
    params: Mapping[str, str] = field(default_factory=dict)
    """Values of the route's placeholders, in the client's case."""
    claims: Mapping[str, str] = field(default_factory=dict)
    """Who calls: the claims that stand for the bearer token."""
    fail_with: Json | None = None
    """An ARM error by which the operation that this request begins is to fail at its end."""

    def __getitem__(self, name: str) -> str:
        """Return the value of one placeholder of the route."""
        return self.params[name]


@dataclass
class Reply:
    """One HTTP reply."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    then: Callable[[Any], Awaitable["Reply"]] | None = None
    """What is left to do and must wait for others: given the means to post, it replies."""

    def encode(self) -> bytes:
        """Return the body as the bytes that go out."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


class ArmProblem(Exception):  # noqa: N818 - ARM calls it an error; here it is an answer
    """A refusal, in Azure's words: raised anywhere in a handler, answered as the ARM envelope."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.error: Json = {"code": code, "message": message, **more}
        self.headers: dict[str, str] = {}

    def reply(self) -> Reply:
        """Return the problem as a reply."""
        return Reply(self.status, {"error": self.error}, dict(self.headers))


def resource_not_found(resource_id: str) -> ArmProblem:
    """ARM does not know the resource. `resource_id` may be of a child resource."""
    segments = resource_id.strip("/").split("/")
    group, provider, path = segments[3], segments[5], segments[6:]
    problem = ArmProblem(
        404,
        "ResourceNotFound",
        f"The Resource '{'/'.join([provider, *path])}' under resource group '{group}' was not "
        "found. For more details please go to https://aka.ms/ARMResourceNotFoundFix",
    )
    problem.headers["x-ms-failure-cause"] = "gateway"
    return problem


def parse_target(url: str) -> tuple[str, dict[str, str]]:
    """Split a URL into its path and its query, names lower-cased."""
    parts = urlsplit(url)
    query = {k.lower(): v for k, v in parse_qsl(parts.query, keep_blank_values=True)}
    return parts.path, query


def key_of(resource_id: str) -> str:
    """Return the form of an ARM id that is compared: ids are case-insensitive."""
    return resource_id.strip().rstrip("/").lower()


def name_of(resource_id: str) -> str:
    """Return the last segment of an ARM id."""
    return resource_id.rstrip("/").rsplit("/", 1)[-1]


def group_of(resource_id: str) -> str:
    """Return the resource group named in an ARM id."""
    return resource_id.split("/")[4]


def subscription_of(resource_id: str) -> str:
    """Return the subscription named in an ARM id."""
    return resource_id.split("/")[2]


def same_location(one: str, other: str) -> bool:
    """Tell whether two spellings name one region: `East US` is `eastus`."""
    return one.replace(" ", "").lower() == other.replace(" ", "").lower()
