"""Minutes of one write, for the chronicle."""

import json
from contextlib import suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any, Final

from local.arm import audit
from local.arm.chronicle import SERVICE, Asked
from local.arm.portrait import Portrait, birth_mark, portrait_of
from local.arm.wire import Json, Request, key_of
from local.arm.world import World

NIC_WRITE: Final = "Microsoft.Network/networkInterfaces/write"
MOVING: Final = frozenset({"provisioningState", "etag"})
"""What each write of a network interface changes."""
REFUSED: Final = 400
"""Statuses from here on are refusals."""


class Minutes:
    """One write, taken down for the chronicle: what was there before it, and right after."""

    def __init__(self, world: World, request: Request, note: Json, person: str) -> None:
        self._world = world
        self._request = request
        self._note = note
        self._caller = person or SERVICE
        self._was = self._mark()
        self._had = self._content()

    def close(self, body: bytes, status: int) -> None:
        """Put it into the chronicle; nothing for a read."""
        if self._request.method not in audit.VERBS:
            return
        self._world.chronicle.note(
            Asked(
                at=self._world.now,
                caller=self._caller,
                method=self._request.method,
                operation=self._note["operation"],
                resource=key_of(self._note["resource"]),
                request_id=self._note["clientRequestId"] or "",
                status=status,
                digest=blake2b(body, digest_size=8).hexdigest(),
                was=self._was,
                became=self._mark(),
                place=self._place(body) if status >= REFUSED else "",
                idle=status < REFUSED and self._is_idle(),
                sent=_sent(self._request),
            )
        )

    def _content(self) -> Json:
        """Return what a network interface is that is whole, for a PUT; empty: nothing of it."""
        if self._request.method != "PUT" or self._note["operation"] != NIC_WRITE:
            return {}
        there = self._world.find(self._note["resource"])
        if there is None or there.properties.get("provisioningState") == "Failed":
            return {}
        essence: Json = _essence(there.body)
        return essence

    def _is_idle(self) -> bool:
        """Tell whether nothing has changed, but for tags that only say who asked."""
        has, askers = self._content(), (self._note["clientRequestId"] or "").split("/")
        if not has or not self._had:
            return False
        tags = [{**(one.get("tags") or {})} for one in (has, self._had)]
        for name in [name for name, value in tags[0].items() if value in askers]:
            tags[1][name] = tags[0][name]
        return has | {"tags": tags[0]} == self._had | {"tags": tags[1]}

    def _place(self, body: bytes) -> str:
        """Return where a VM was to be: as the body says, and else as the VM is."""
        operation = self._note["operation"]
        if not operation.startswith("Microsoft.Compute/virtualMachines/"):
            return ""
        vm = self._world.find(self._note["resource"])
        told: Any = None
        with suppress(ValueError):
            told = json.loads(body) if operation.endswith("virtualMachines/write") else None
        has = portrait_of(vm) if vm else None
        return place_asked(_object(told), has)

    def _mark(self) -> str:
        resource = self._world.find(self._note["resource"])
        return birth_mark(resource) if resource else ""


def _sent(request: Request) -> datetime | None:
    """Return what the header Date says; None: nothing that can be read."""
    try:
        return parsedate_to_datetime(request.headers["date"])
    except (KeyError, ValueError):
        return None


def place_asked(told: Json, has: Portrait | None) -> str:
    """Return where a VM is to be that is, so far, as `has` shows it."""
    properties, zones = _object(told.get("properties")), told.get("zones")
    size = _object(properties.get("hardwareProfile")).get("vmSize") or (has.size if has else "")
    zone = zones[0] if isinstance(zones, list) and zones else has.zone if has else ""
    spot = has.spot if has else False
    if "priority" in properties:
        spot = properties["priority"] == "Spot"
    return f"{str(size).lower()}/{zone}/{'SPOT' if spot else 'OD'}" if size else ""


def _essence(body: Any) -> Any:
    """Return a body without what each write changes."""
    if isinstance(body, list):
        return [_essence(one) for one in body]
    if not isinstance(body, dict):
        return body
    return {name: _essence(value) for name, value in body.items() if name not in MOVING}


def _object(told: Any) -> Json:
    """Return what is an object as it is; anything else, which Azure refuses, as an empty one."""
    return told if isinstance(told, dict) else {}
