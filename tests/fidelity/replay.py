"""Send recorded requests to a fresh simulator, in order, on a clock that follows the recording."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local.arm.app import Simulator
from local.arm.persistence import NoJournal
from local.arm.world import World
from tests.fidelity.recordings import PASSWORD, REGION, Exchange, Json

ORIGIN = "https://management.azure.com"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
PATIENCE = timedelta(hours=1)
READ_ONLY = frozenset(
    {
        *("etag", "provisioningState", "resourceGuid", "vmId", "uniqueId", "timeCreated"),
        *(
            "instanceView",
            "diskState",
            "diskSizeBytes",
            "managedBy",
            "isArmResource",
            "faultDomain",
        ),
        *("appliedDnsServers", "internalDomainNameSuffix", "virtualMachine", "macAddress"),
    }
)
"""What a client would not send: left out where a reply must stand for a lost request."""


class StepClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self.time

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.time += timedelta(seconds=seconds)


class Reply:
    """What the simulator answered."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.headers = {name.lower(): value for name, value in headers.items()}
        self.body: Any = json.loads(body) if body else None

    @property
    def error(self) -> Json | None:
        """The error of a refusal, or of an operation that failed."""
        found = self.body.get("error") if isinstance(self.body, dict) else None
        return found if isinstance(found, dict) else None


class Replay:
    """One simulator, and what of the recording corresponds to what in it."""

    def __init__(self) -> None:
        self.clock = StepClock()
        self.world = World(self.clock, 1, NoJournal())
        self.world.facts["settings"] = {"throttle": False, "latency": "median"}
        self.simulator = Simulator(self.world)
        self.began: datetime | None = None
        self.followed: dict[str, str] = {}
        """Recorded URL of an operation, to ours."""
        self.named: dict[str, str] = {}
        """Names that Azure made up in the recording, to those made up here."""

    def ask(self, method: str, path: str, query: dict[str, str], body: Any = None) -> Reply:
        """Send one request."""
        url = f"{ORIGIN}{path}?{urlencode(query)}"
        content = json.dumps(body).encode() if body is not None else b""
        headers = {"Authorization": "Bearer local", "Host": "management.azure.com"}
        return Reply(*asyncio.run(self.simulator.handle(method, url, headers, content)))

    def send(self, exchange: Exchange) -> Reply | None:
        """Send a recorded request as it fits here; None for a poll of nothing."""
        self._keep_time(exchange)
        if exchange.is_poll:
            return self._poll(exchange)
        self._ensure_group(exchange)
        body = exchange.body
        if body is None and exchange.method in {"PUT", "PATCH"}:
            body = with_password(writable(exchange.answer))
        reply = self.ask(exchange.method, self.here(exchange.path), exchange.query, self.here(body))
        self._learn_names(exchange.answer, reply.body)
        for name in ("azure-asyncoperation", "location"):
            if name in exchange.headers and name in reply.headers:
                self.followed[_key(exchange.headers[name])] = reply.headers[name]
        return reply

    def here(self, value: Any) -> Any:
        """Return a recorded value with the names that things have in this simulator."""
        text = json.dumps(value)
        for recorded, ours in self.named.items():
            text = text.replace(recorded, ours)
        return json.loads(text)

    def _learn_names(self, recorded: Any, ours: Any) -> None:
        """Note the names of disks that a VM's create made up."""
        for one, other in zip(_disks(recorded), _disks(ours), strict=False):
            if one.get("name") and other.get("name") and one["name"] != other["name"]:
                self.named[one["name"]] = other["name"]

    def _keep_time(self, exchange: Exchange) -> None:
        if exchange.at is None:
            return
        self.began = self.began or exchange.at
        self.clock.time = max(self.clock.time, START + (exchange.at - self.began))

    def _poll(self, exchange: Exchange) -> Reply | None:
        suffix = "?monitor=true" if exchange.query.get("monitor") == "true" else ""
        url = self.followed.get(_key(exchange.path + suffix))
        if url is None:
            return None
        path, _, query = url.removeprefix(ORIGIN).partition("?")
        pairs = dict(pair.split("=", 1) for pair in query.split("&"))
        reply = self.ask("GET", path, pairs)
        until = self.clock.time + PATIENCE
        while not runs(exchange.answer, exchange.status) and self.clock.time < until:
            if not runs(reply.body, reply.status):
                break
            self.clock.time += timedelta(seconds=1)
            reply = self.ask("GET", path, pairs)
        return reply

    def _ensure_group(self, exchange: Exchange) -> None:
        """Make the resource group that the recording found when it began."""
        parts = exchange.path.split("/")
        nested = len(parts) > 4 and parts[3].lower() == "resourcegroups"
        if not nested or (len(parts) == 5 and exchange.method in {"PUT", "HEAD"}):
            return
        path = "/".join(parts[:5])
        was_there = len(parts) > 5 or exchange.status != 404
        if self.world.find(path) is None and was_there:
            shown = exchange.answer if len(parts) == 5 else None
            tags = shown.get("tags") if isinstance(shown, dict) else None
            body = {"location": REGION} | ({"tags": tags} if tags else {})
            self.ask("PUT", path, {"api-version": "2021-04-01"}, body)

    def deploy(self, exchange: Exchange) -> list[Reply]:
        """Write the resources of a recorded template, which is all literal, one by one."""
        self._keep_time(exchange)
        self._ensure_group(exchange)
        group = "/".join(exchange.path.split("/")[:5])
        replies = []
        for given in exchange.body["properties"]["template"]["resources"]:
            if not given["type"].startswith(("Microsoft.Network/", "Microsoft.Compute/")):
                continue
            body = without_nulls({k: v for k, v in given.items() if k not in _OF_TEMPLATES})
            body = self.here(managed(body))
            path = f"{group}/providers/{given['type']}/{given['name']}"
            replies.append(self.ask("PUT", path, {"api-version": given["apiVersion"]}, body))
            self.clock.time += timedelta(minutes=3)
        return replies


_OF_TEMPLATES = frozenset({"apiVersion", "type", "name", "dependsOn"})


def _disks(vm: Any) -> list[Json]:
    properties = vm.get("properties") if isinstance(vm, dict) else None
    storage = properties.get("storageProfile") if isinstance(properties, dict) else None
    if not isinstance(storage, dict):
        return []
    return [storage.get("osDisk") or {}, *(storage.get("dataDisks") or [])]


def _key(url: str) -> str:
    path, _, query = url.removeprefix(ORIGIN).partition("?")
    path = path[path.index("/subscriptions") :] if "/subscriptions" in path else path
    return path.lower() + ("?monitor" if "monitor=true" in query else "")


def runs(body: Any, status: int) -> bool:
    """Tell whether a reply to a poll says that the operation goes on."""
    is_running = isinstance(body, dict) and body.get("status") == "InProgress"
    return is_running or status == 202


def without_nulls(value: Any) -> Any:
    """Return a value without properties that are null: a template's way to leave them out."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def managed(body: Json) -> Json:
    """Return a VM whose OS disk is managed: the simulator knows no other."""
    os_disk = body.get("properties", {}).get("storageProfile", {}).get("osDisk", {})
    if "vhd" in os_disk:
        del os_disk["vhd"]
        os_disk["managedDisk"] = {}
    return body


def with_password(body: Any) -> Any:
    """Return a VM with the password that no reply tells."""
    properties = body.get("properties") if isinstance(body, dict) else None
    profile = properties.get("osProfile") if isinstance(properties, dict) else None
    if isinstance(profile, dict):
        profile["adminPassword"] = PASSWORD
    return body


def writable(value: Any) -> Any:
    """Return what a client may have sent to get this reply."""
    if isinstance(value, dict):
        return {key: writable(item) for key, item in value.items() if key not in READ_ONLY}
    return [writable(item) for item in value] if isinstance(value, list) else value
