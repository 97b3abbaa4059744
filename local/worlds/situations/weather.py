"""Weather: the orders that make a simulated Azure, or its host, behave in some way.

An order is plain data for the world API (docs/local.md), so that one situation serves a simulator
over HTTP and one in the same process alike.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from local.arm.app import Simulator
from local.arm.wire import Json

ANYWHERE: Final = "*"


@dataclass(frozen=True)
class Order:
    """One call of the world API."""

    method: str
    path: str
    body: Json = field(default_factory=dict)


@dataclass(frozen=True)
class KillHost:
    """The host process is killed without a word, and started again."""


Act = Order | KillHost


class Powers(Protocol):
    """Whoever can carry out acts."""

    async def order(self, order: Order) -> None:
        """Call the world API."""
        ...

    async def kill_host(self) -> None:
        """Kill the host process and start it again."""
        ...


async def nothing_to_kill() -> None:
    """Stand where there is no host."""


@dataclass(frozen=True)
class OverHttp:
    """Powers over a simulator in another process."""

    want: Callable[[str, str, Json], Awaitable[Json]]
    """Makes a call that must succeed: method, path, body."""
    kill: Callable[[], Awaitable[None]] = nothing_to_kill

    async def order(self, order: Order) -> None:
        """Call the world API."""
        await self.want(order.method, order.path, order.body)

    async def kill_host(self) -> None:
        """Kill the host process and start it again."""
        await self.kill()


@dataclass(frozen=True)
class InThisProcess:
    """Powers over a simulator in this process."""

    simulator: Simulator
    kill: Callable[[], Awaitable[None]] = nothing_to_kill

    async def order(self, order: Order) -> None:
        """Call the world API; ValueError with its words if it refuses."""
        body = json.dumps(order.body).encode()
        status, _, answer = await self.simulator.handle(order.method, order.path, {}, body)
        if status >= 300:  # noqa: PLR2004 - HTTP
            raise ValueError(f"{order.method} {order.path}: {status} {answer.decode()}")

    async def kill_host(self) -> None:
        """Kill the host process and start it again."""
        await self.kill()


# -- what can be ordered --------------------------------------------------------------------------


def capacity(*rules: Json) -> Order:
    """Set room by place; see docs/local.md for the fields of a rule."""
    return Order("PUT", "/_world/capacity", {"rules": list(rules)})


def room_for_all() -> Order:
    """Forget every rule of capacity."""
    return Order("DELETE", "/_world/capacity")


def evictions(**which: Any) -> Order:
    """Evict Spot VMs: `location`, `size`, `zone`, `count`, `notice_s`."""
    return Order("POST", "/_world/evictions", which)


def fault(kind: str, chance: float, **more: Any) -> Order:
    """Let each call of the product go wrong by a chance, until faults are disarmed."""
    standing = {"kind": kind, "chance": chance, "times": None, "caller": "service"}
    return Order("POST", "/_world/faults", standing | more)


def no_faults() -> Order:
    """Disarm all faults."""
    return Order("DELETE", "/_world/faults")


def events(**how: Any) -> Order:
    """Say how deliveries of events go wrong; nothing: they do not."""
    return Order("PUT", "/_world/events", how)


def quota(**limits: int) -> Order:
    """Limit vCPUs in all regions, by the names of `usages`."""
    told = [{"location": ANYWHERE, "name": name, "limit": limit} for name, limit in limits.items()]
    return Order("PUT", "/_world/quota", {"limits": told})


def usual_quota() -> Order:
    """Let the limits of a new subscription hold."""
    return Order("DELETE", "/_world/quota")


def latency_of(factors: dict[str, float]) -> Order:
    """Multiply the durations of some operations, by patterns of their names; {}: of none."""
    return Order("PATCH", "/_world/settings", {"latency_of": factors})


CALM: Final = (room_for_all(), no_faults(), events(), usual_quota(), latency_of({}))
"""Ends all trouble: what faults did stays done, what is under way ends as it will."""
