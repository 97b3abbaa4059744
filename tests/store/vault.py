"""A Key Vault behind the SDK's transport: soft delete, throttling, challenges, Azure's words."""

import json
import re
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from local.worlds.transport import Answer, InProcessTransport, Sent
from tests.store.worlds import HandClock

URL: Final = "https://mooring.vault.azure.net"
CHALLENGE: Final = (
    'Bearer authorization="https://login.microsoftonline.com/7e4a4000-0000-4000-8000-000000000000"'
    ', resource="https://vault.azure.net"'
)
SETTLE_S: Final = 5.0
"""A delete and a recovery take some seconds."""
NAME: Final = re.compile(r"[0-9A-Za-z-]{1,127}")
VALUE_BYTES: Final = 25_600
RECOVERABLE_DAYS: Final = 90


@dataclass
class Secret:
    """One name: its versions, and since when it is deleted or on its way back."""

    versions: list[tuple[str, str]] = field(default_factory=list)
    deleted_at: datetime | None = None
    recovered_at: datetime | None = None


@dataclass
class Vault:
    """What a vault holds. Names are told without case."""

    clock: HandClock
    secrets: dict[str, Secret] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    throttled: int = 0
    """How many of the next calls are refused with 429."""
    broken: int = 0
    """How many of the next calls are answered with 503."""
    forbidden: bool = False
    settle_s: float = SETTLE_S
    misread: str | None = None
    """A value that is shown as another one."""
    tokens: set[str] = field(default_factory=set)
    _numbers: Any = field(default_factory=lambda: count(1))

    def transport(self) -> InProcessTransport:
        """Return what the SDK's client sends through; it waits on the clock."""
        return WaitingTransport(self)

    def values(self) -> dict[str, str]:
        """Return the present value of each secret that is not deleted."""
        return {
            name: one.versions[-1][1] for name, one in self.secrets.items() if not one.deleted_at
        }

    async def handle(self, sent: Sent) -> Answer:
        """Answer one request."""
        parts = urlsplit(sent.url)
        self.calls.append(f"{sent.method} {parts.path}")
        token = sent.headers.get("Authorization", "")
        if not token.startswith("Bearer "):
            return 401, {"WWW-Authenticate": CHALLENGE}, b""
        self.tokens.add(token)
        if self.broken:
            self.broken -= 1
            return problem(503, "ServiceUnavailable", "try later")
        if self.throttled:
            self.throttled -= 1
            status, headers, body = problem(429, "Throttled", "Request was not processed")
            return status, {**headers, "Retry-After": "3"}, body
        if self.forbidden:
            return problem(403, "Forbidden", "Caller is not authorized to perform action")
        return self._route(sent, [step for step in parts.path.split("/") if step])

    def _route(self, sent: Sent, steps: list[str]) -> Answer:
        if len(steps) < 2 or NAME.fullmatch(steps[1]) is None:
            return problem(400, "BadParameter", "The request URI contains an invalid name")
        name = steps[1].lower()
        self._settle(name)
        if (sent.method, steps[0]) == ("PUT", "secrets"):
            return self._set(name, json.loads(sent.body)["value"])
        ways = {
            ("GET", "secrets"): self._get,
            ("DELETE", "secrets"): self._delete,
            ("POST", "deletedsecrets"): self._recover,
            ("DELETE", "deletedsecrets"): self._purge,
        }
        return ways[sent.method, steps[0]](name)

    def _settle(self, name: str) -> None:
        one = self.secrets.get(name)
        if one and one.recovered_at and self._is_over(one.recovered_at):
            one.deleted_at = one.recovered_at = None

    def _is_over(self, since: datetime) -> bool:
        return (self.clock.now() - since).total_seconds() >= self.settle_s

    def _set(self, name: str, value: str) -> Answer:
        if len(value.encode()) > VALUE_BYTES:
            return problem(400, "BadParameter", "Secret value is too large")
        one = self.secrets.setdefault(name, Secret())
        if one.deleted_at:
            text = f"Secret {name} is currently in a deleted but recoverable state"
            return problem(409, "Conflict", text)
        one.versions.append((f"{next(self._numbers):032x}", value))
        return self._bundle(name)

    def _get(self, name: str) -> Answer:
        one = self.secrets.get(name)
        if one is None or one.deleted_at:
            return problem(404, "SecretNotFound", f"A secret with (name/id) {name} was not found")
        return self._bundle(name)

    def _delete(self, name: str) -> Answer:
        one = self.secrets.get(name)
        if one is None:
            return problem(404, "SecretNotFound", f"Secret not found: {name}")
        if one.deleted_at:
            if self._is_over(one.deleted_at):
                return problem(404, "SecretNotFound", f"Secret not found: {name}")
            return problem(409, "Conflict", f"Secret {name} is currently being deleted.")
        one.deleted_at = self.clock.now()
        return self._bundle(name, recoveryId=f"{URL}/deletedsecrets/{name}")

    def _recover(self, name: str) -> Answer:
        one = self.secrets.get(name)
        if one is None or one.deleted_at is None:
            return problem(404, "SecretNotFound", f"Deleted Secret not found: {name}")
        if not self._is_over(one.deleted_at):
            return problem(409, "Conflict", f"Secret {name} is currently being deleted.")
        one.recovered_at = one.recovered_at or self.clock.now()
        return self._bundle(name)

    def _purge(self, name: str) -> Answer:
        self.secrets.pop(name, None)
        return 204, {}, b""

    def _bundle(self, name: str, **more: str) -> Answer:
        version, value = self.secrets[name].versions[-1]
        attributes = {
            "enabled": True,
            "created": 1_700_000_000,
            "updated": 1_700_000_000,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": RECOVERABLE_DAYS,
        }
        told = {"id": f"{URL}/secrets/{name}/{version}", "attributes": attributes} | more
        if not more:
            told["value"] = value if value != self.misread else "something else"
        return 200, {"Content-Type": "application/json"}, json.dumps(told).encode()


class WaitingTransport(InProcessTransport):
    """Waits between two tries on the vault's clock."""

    def __init__(self, vault: Vault) -> None:
        super().__init__(vault.handle)
        self._clock = vault.clock

    async def sleep(self, duration: float) -> None:
        await self._clock.sleep(duration)


def problem(status: int, code: str, message: str) -> Answer:
    """Return an error as a vault words it."""
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    return status, {"Content-Type": "application/json"}, body
