"""The simulator in one process: requests in, replies out, the agenda kept, events carried."""

import asyncio
import importlib
import json
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from urllib.parse import parse_qsl
from uuid import UUID

from local.arm import audit, faults, gate, linked, throttle
from local.arm.courier import Courier, HttpPost, Post
from local.arm.faults import ConnectionLostError
from local.arm.minutes import Minutes
from local.arm.routing import Route, match
from local.arm.wire import ArmProblem, Json, Reply, Request, parse_target
from local.arm.world import World
from local.clock import Clock, seconds_between

NOUNS = (
    *("group", "subscription", "vm", "extension", "eviction", "placement"),
    *("disk", "snapshot", "image", "gallery", "marketplace", "sku", "usage", "price"),
    *("vnet", "nsg", "asg", "nic", "publicip", "loadbalancer", "appgateway"),
    *("insights", "reservation"),
    "login",
    "worldapi",
)
for _noun in NOUNS:
    importlib.import_module(f"local.arm.{_noun}.routes")

Answer = tuple[int, dict[str, str], bytes]
FORM = "application/x-www-form-urlencoded"
"""What a request for a token is sent as; all else is JSON."""


class Simulator:
    """One simulated Azure: `handle` is all a transport needs."""

    def __init__(self, world: World, post: Post | None = None) -> None:
        self.world = world
        self._http = HttpPost()
        self.post: Post = post or self._http
        self.courier = Courier(world, self.post)
        self._woken = asyncio.Event()
        world.wake = self._woken.set
        self._request_ids = Random(f"{world.seed}/requests/{world.count('boots')}")  # noqa: S311
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to keep the agenda while nobody asks."""
        self.courier.recover()
        self.world.settle()
        self.world.commit()
        self.courier.carry()
        self._ticker = asyncio.create_task(self._tick(), name="arm-agenda")

    async def stop(self) -> None:
        """Stop keeping the agenda; what is due waits until the next start."""
        if self._ticker:
            self._ticker.cancel()
            with suppress(asyncio.CancelledError):
                await self._ticker
        await self.courier.stop()
        await self._http.close()
        self.world.commit()

    async def handle(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """Answer one HTTP request.

        Raises ConnectionLostError when a fault is to break the connection.
        """
        world = self.world
        world.settle()
        lowered = {name.lower(): value for name, value in headers.items()}
        path, query = parse_target(url)
        origin = url.split(path, 1)[0] if "://" in url else f"http://{lowered.get('host', '')}"
        request = Request(method.upper(), path, query, lowered, None, origin)
        if path.startswith("/_world"):
            reply = await self._ask_world(request, body)
            world.commit()
            kind = "text/plain" if isinstance(reply.body, bytes) else "application/json"
            return reply.status, {"Content-Type": kind}, reply.encode()
        return await self._answer_arm(request, body)

    async def _ask_world(self, request: Request, body: bytes) -> Reply:
        found = match(request.method, request.path)
        if not found:
            return Reply(404, {"error": f"no such world route: {request.method} {request.path}"})
        try:
            reply = _call(self.world, found, request, body)
            return await reply.then(self.post) if reply.then else reply
        except ArmProblem as problem:
            return problem.reply()
        except (ValueError, KeyError, TypeError) as error:
            return Reply(400, {"error": f"{type(error).__name__}: {error}"})

    async def _answer_arm(self, request: Request, body: bytes) -> Answer:
        world = self.world
        began = world.now
        resource, operation = audit.operation_of(request.method, request.path)
        person = gate.person_of(world, request)
        kind = "person" if person else "service"
        doom = faults.strike(world, faults.Call(operation, resource, request.method, kind))
        if doom.slow_s:
            await world.clock.sleep(doom.slow_s)
            world.settle()
        note: Json = {
            "at": began.isoformat(),
            "operation": operation,
            "method": request.method,
            "resource": resource,
            "clientRequestId": request.headers.get("x-ms-client-request-id"),
            "faults": doom.names,
        }
        minutes = Minutes(world, request, note, person)
        if doom.lose_request:
            world.calls.note({**note, "status": 0, "code": "RequestLost"})
            minutes.close(body, 0)
            world.commit()
            raise ConnectionLostError(had_effect=False)
        reply = doom.refusal or self._reply(request, body, doom.fail_with)
        minutes.close(body, reply.status)
        code = reply.body["error"].get("code") if _is_error(reply) else None
        asked = request.query if request.method == "GET" else {}
        status = reply.status
        world.calls.note({**note, "status": status, "code": code, "query": dict(asked)})
        world.commit()
        if doom.lose_reply:
            raise ConnectionLostError(had_effect=True)
        self._sign(request, reply)
        return reply.status, reply.headers, reply.encode()

    def _reply(self, request: Request, body: bytes, fail_with: Json | None) -> Reply:
        world = self.world
        headers: dict[str, str] = {}
        try:
            found, request = gate.admit(world, request)
            request = _with(request, fail_with=fail_with)
            headers |= gate.take_tokens(world, request)
            reply = _call(world, found, request, body)
        except ArmProblem as problem:
            reply = problem.reply()
        for name, value in headers.items():
            reply.headers.setdefault(name, value)
        if request.claims:
            gate.audit(world, request, reply)
        return reply

    def _sign(self, request: Request, reply: Reply) -> None:
        followed = reply.headers.get("Azure-AsyncOperation")
        request_id = (
            followed.split("?")[0].rsplit("/", 1)[-1] if followed else self._new_request_id()
        )
        asked = request.headers
        correlation_id = asked.get("x-ms-correlation-request-id") or self._new_request_id()
        now = self.world.now
        reply.headers |= {
            "Cache-Control": "no-cache",
            "Pragma": "no-cache",
            "Expires": "-1",
            "Date": now.strftime("%a, %d %b %Y %H:%M:%S GMT"),
            "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
            "X-Content-Type-Options": "nosniff",
            "x-ms-request-id": request_id,
            "x-ms-correlation-request-id": correlation_id,
            "x-ms-routing-request-id": f"LOCAL:{now:%Y%m%dT%H%M%SZ}:{correlation_id}",
        }
        if asked.get("x-ms-return-client-request-id", "").lower() == "true":
            reply.headers["x-ms-client-request-id"] = asked.get("x-ms-client-request-id", "")
        if request.method == "HEAD":
            reply.body = None
        if reply.body is not None:
            reply.headers.setdefault("Content-Type", "application/json; charset=utf-8")
        self._scale_retry_after(reply)

    def _scale_retry_after(self, reply: Reply) -> None:
        """Tell scaled seconds to clients that wait on the wall: SDK pollers sleep wall seconds."""
        speed = getattr(self.world.clock, "speed", 1.0)
        setting = self.world.facts.get("settings", {}).get("retry_after", "auto")
        if speed == 1.0 or setting == "seconds" or reply.status >= 400:  # noqa: PLR2004
            return
        seconds = reply.headers.pop("Retry-After", None)
        if seconds:
            reply.headers["x-ms-retry-after-ms"] = str(max(1, round(int(seconds) * 1000 / speed)))

    def _new_request_id(self) -> str:
        return str(UUID(int=self._request_ids.getrandbits(128), version=4))

    async def _tick(self) -> None:
        world = self.world
        while True:
            self._woken.clear()
            wait_s = 3_600.0
            if world.agenda:
                wait_s = max(0.0, seconds_between(world.clock.now(), world.agenda[0].at))
            await _first(self._woken, world.clock, wait_s)
            world.settle()
            world.commit()
            self.courier.carry()


async def _first(woken: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Return when woken or when the time is over."""
    waits = [asyncio.ensure_future(woken.wait()), asyncio.ensure_future(clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


Found = tuple[Route, dict[str, str]]


def _call(world: World, found: Found, request: Request, body: bytes) -> Reply:
    route, params = found
    try:
        document = _decoded(request, body) if body else None
    except ValueError as error:
        raise gate.invalid_content(str(error)) from error
    if document is not None and not isinstance(document, dict):
        raise gate.invalid_content("The request body must be a JSON object.")
    asked = _with(request, params=params, body=document)
    linked.check(world, asked)
    return route.handler(world, asked)


def _decoded(request: Request, body: bytes) -> object:
    if request.headers.get("content-type", "").startswith(FORM):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    return json.loads(body)


def _with(request: Request, **changes: object) -> Request:
    return Request(**{**vars(request), **changes})


def _is_error(reply: Reply) -> bool:
    return isinstance(reply.body, dict) and isinstance(reply.body.get("error"), dict)


def requests_left(world: World) -> list[Json]:
    """Return the policies of throttling and what every bucket in use still holds."""
    return [
        *throttle.table(),
        *({"bucket": key, "left": level[0]} for key, level in sorted(world.buckets.levels.items())),
    ]
