"""The way to Azure in a rehearsal: reads go there, writes are written down and answered here."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from azure.core.pipeline.transport import AsyncHttpTransport
from azure.core.rest import AsyncHttpResponse, HttpRequest

from services.plan.arm_paths import ArmPath, arm_path
from services.plan.forecast_clock import ForecastClock
from services.plan.replies import ForecastReply
from services.plan.resources import Json, Resources
from services.plan.timings import CREATE, DELETE, UPDATE, VM, expected_s

VIEW: Final = "instanceview"
READING_ACTIONS: Final = frozenset({"retrievebootdiagnosticsdata"})
"""Actions that change nothing."""
NOT_FOUND: Final = 404
FOUND: Final = 200
TAKEN: Final = 412

Transport = AsyncHttpTransport[HttpRequest, AsyncHttpResponse]


@dataclass(frozen=True)
class Written:
    """One write as it would go to Azure."""

    method: str
    path: ArmPath
    action: str
    """`create`, `update`, `delete`, or Azure's word for an action."""
    body: Json | None
    before: Json | None
    """The resource as it was; None: there was none."""
    at_s: float
    """Seconds after the beginning at which it is expected."""
    takes_s: float
    step: str
    """The runbook's step that it belongs to."""
    power: tuple[str, str] = ("", "")
    """Of a VM: its power state before and after."""


class ForecastTransport(AsyncHttpTransport[HttpRequest, Any]):
    """An azure-core transport over another, which hears of no write."""

    def __init__(
        self, beneath: Transport, host: str, clock: ForecastClock, on_read: Callable[[str], None]
    ) -> None:
        self.resources = Resources(clock)
        self.writes: list[Written] = []
        self.step = ""
        """The runbook's step that runs now."""
        self._beneath = beneath
        self._host = host.lower()
        self._clock = clock
        self._on_read = on_read
        self._reading: dict[str, asyncio.Lock] = {}

    async def send(self, request: HttpRequest, **options: Any) -> Any:
        """Answer a request. Raises what the way beneath raises."""
        path = arm_path(request.url) if self._is_arm(request) else None
        if path is None or (request.method == "POST" and path.more.lower() in READING_ACTIONS):
            return await self._beneath.send(request, **options)
        if request.method == "GET":
            return await self._read(request, path, options)
        await self._know(request, path, options)
        return self._write(request, path)

    def _is_arm(self, request: HttpRequest) -> bool:
        return urlsplit(request.url).netloc.lower() == self._host

    async def _read(self, request: HttpRequest, path: ArmPath, options: dict[str, Any]) -> Any:
        if path.more and path.more.lower() != VIEW:
            return await self._list(request, path, options)
        refusal = await self._know(request, path, options)
        if refusal is not None:
            return refusal
        body = self.resources.get(path.key)
        if body is None:
            return _not_found(request, path)
        if path.more:
            return ForecastReply(request, FOUND, body["properties"].get("instanceView") or {})
        if "instanceview" not in request.url.lower():
            (body.get("properties") or {}).pop("instanceView", None)
        if "userdata" in request.url.lower() and self.resources.found.get(path.key):
            told = await self._beneath.send(request, **options)
            if told.status_code == FOUND:
                there = json.loads(await _content(told))["properties"]
                body["properties"].setdefault("userData", there.get("userData"))
        return ForecastReply(request, FOUND, body)

    async def _list(self, request: HttpRequest, path: ArmPath, options: dict[str, Any]) -> Any:
        """Answer a list: Azure's, with what was written here in it."""
        own = self.resources.children(path)
        holder = self.resources.written.get(path.key)
        is_new = holder is not None and self.resources.found.get(path.key) is None
        if is_new or (path.key in self.resources.written and holder is None):
            return ForecastReply(request, FOUND, {"value": own})
        answer = await self._beneath.send(request, **options)
        if answer.status_code != FOUND or not (own or self.resources.written):
            return answer
        told: Json = json.loads(await _content(answer))
        items = told.get("value")
        if not isinstance(items, list):
            return ForecastReply(request, FOUND, told)
        kept = [one for one in items if str(one.get("id")).lower() not in self.resources.written]
        return ForecastReply(request, FOUND, {**told, "value": [*kept, *own]})

    async def _know(self, request: HttpRequest, path: ArmPath, options: dict[str, Any]) -> Any:
        """Read a resource from Azure once; return Azure's answer if it tells nothing of it."""
        async with self._reading.setdefault(path.key, asyncio.Lock()):
            if self.resources.knows(path.key):
                return None
            if path.target == VM:
                self._on_read(path.key)
            answer = await self._beneath.send(self._reading_of(request, path), **options)
            if answer.status_code == FOUND:
                self.resources.found[path.key] = json.loads(await _content(answer))
                return None
            if answer.status_code == NOT_FOUND:
                self.resources.found[path.key] = None
                return None
            return answer

    def _reading_of(self, request: HttpRequest, path: ArmPath) -> HttpRequest:
        """Return the read of a resource whole: of a VM, with what runs on it."""
        parts = urlsplit(request.url)
        query = "&".join(
            one for one in parts.query.split("&") if not one.lower().startswith(("$expand", "%24e"))
        )
        if path.target == VM:
            query = f"{query}&$expand=instanceView" if query else "$expand=instanceView"
        whole = parts.path[: -len(path.more) - 1] if path.more else parts.path
        url = urlunsplit((parts.scheme, parts.netloc, whole, query, ""))
        headers = {
            name: value
            for name, value in request.headers.items()
            if name.lower() in ("authorization", "accept", "user-agent", "x-ms-client-request-id")
        }
        return HttpRequest("GET", url, headers=headers)

    def _write(self, request: HttpRequest, path: ArmPath) -> ForecastReply:
        before, sent = self.resources.get(path.key), _body(request)
        if request.headers.get("If-None-Match") == "*" and before is not None:
            return ForecastReply(request, TAKEN, _error("PreconditionFailed", "it exists"))
        if before is None and request.method in ("PATCH", "POST"):
            return _not_found(request, path)
        if before is None and request.method == "DELETE":
            return ForecastReply(request, 204)
        action = _action(request.method, path, before)
        takes_s = expected_s(path.target, self._as_timed(path, action, sent))
        power, beside = self.resources.power(path.key), self._beside(path, action)
        at_s = beside.at_s if beside else self._clock.elapsed_s
        reply = self._do(request, path, sent or {})
        entry = Written(
            method=request.method,
            path=path,
            action=action,
            body=sent,
            before=before,
            at_s=at_s,
            takes_s=takes_s,
            step=self.step,
            power=(power, self.resources.power(path.key)) if path.target == VM else ("", ""),
        )
        self.writes.append(entry)
        self._clock.pass_s(at_s + takes_s - self._clock.elapsed_s)
        return reply

    def _beside(self, path: ArmPath, action: str) -> Written | None:
        """Return the write that goes out with this one: an activity does all of a kind at once."""
        last = self.writes[-1] if self.writes else None
        if last is None or (last.step, last.path.kind, last.action) != (
            self.step,
            path.kind,
            action,
        ):
            return None
        return None if last.path.key == path.key else last

    def _do(self, request: HttpRequest, path: ArmPath, sent: Json) -> ForecastReply:
        match request.method:
            case "PUT":
                return ForecastReply(request, FOUND, self.resources.put(path, sent))
            case "PATCH":
                return ForecastReply(request, FOUND, self.resources.patch(path, sent))
            case "DELETE":
                self.resources.delete(path)
                return ForecastReply(request, 204)
            case _:
                self.resources.act(path, sent)
                return ForecastReply(request, FOUND)

    def _as_timed(self, path: ArmPath, action: str, sent: Json | None) -> str:
        """Return the action as its timing is known by."""
        if path.target != VM:
            return action
        if action == DELETE and self.resources.power(path.key) == "running":
            return "delete running"
        storage = ((sent or {}).get("properties") or {}).get("storageProfile") or {}
        attaches = (storage.get("osDisk") or {}).get("createOption") == "Attach"
        return "attach" if action == CREATE and attaches else action

    async def open(self) -> None:
        """Open the way beneath."""
        await self._beneath.open()

    async def close(self) -> None:
        """Leave the way beneath to whoever made it."""

    async def __aexit__(self, *_raised: object) -> None:
        """Leave the way beneath to whoever made it."""


def _action(method: str, path: ArmPath, before: Json | None) -> str:
    if method == "POST":
        return path.more.lower()
    if method == "DELETE":
        return DELETE
    return CREATE if before is None else UPDATE


def _body(request: HttpRequest) -> Json | None:
    content: Any = request.content
    if not content:
        return None
    sent: Json = json.loads(content)
    return sent


async def _content(answer: Any) -> bytes:
    """Return the body of a reply, whichever way its transport hands it over."""
    if hasattr(answer, "read"):
        content: bytes = await answer.read()
        return content
    await answer.load_body()
    body: bytes = answer.body()
    return body


def _not_found(request: HttpRequest, path: ArmPath) -> ForecastReply:
    name = path.resource_id.partition("/providers/")[2]
    message = f"The Resource '{name}' was not found."
    return ForecastReply(request, NOT_FOUND, _error("ResourceNotFound", message))


def _error(code: str, message: str) -> Json:
    return {"error": {"code": code, "message": message}}
