"""Throttling: token buckets as Azure documents them, on simulated time, kept in memory only.

Sources: Azure docs, compute-throttling-limits and request-limits-and-throttling.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.arm.wire import ArmProblem, Json


@dataclass(frozen=True)
class Rate:
    """How a bucket fills: `per_s` tokens a second, up to `burst`."""

    per_s: float
    burst: int


@dataclass(frozen=True)
class Policy:
    """One of Compute's operation groups."""

    name: str
    per_resource: Rate | None
    per_subscription: Rate


def _per_minute(count: int, burst: int) -> Rate:
    return Rate(count / 60, burst)


PUT_VM = Policy("PutVM", _per_minute(4, 12), _per_minute(500, 1_500))
UPDATE_VM = Policy("UpdateVM", _per_minute(4, 12), _per_minute(500, 1_500))
DELETE_VM = Policy("DeleteVM", _per_minute(4, 12), _per_minute(500, 1_500))
LOW_COST_GET = Policy("LowCostGet", _per_minute(12, 36), _per_minute(8_000, 24_000))
HIGH_COST_GET = Policy("HighCostGet", None, _per_minute(300, 900))
GET_OPERATION = Policy("GetOperation", _per_minute(15, 45), _per_minute(5_000, 15_000))
WRITE_DISKS = Policy("CreateUpdateDisks", None, _per_minute(333, 1_000))
"""UNVERIFIED rate: recordings show 999 left of a three-minute window."""
WRITE_SNAPSHOTS = Policy("HighCostSnapshotCreateHydrate", None, _per_minute(333, 1_000))
"""UNVERIFIED rate, as for disks."""

ARM_RATES = {"reads": Rate(25.0, 250), "writes": Rate(10.0, 200), "deletes": Rate(10.0, 200)}
"""Per subscription and principal; the whole subscription has 15 times as much."""
WHOLE_SUBSCRIPTION = 15

_VM = r".*/virtualmachines/[^/]+"
_POLICIES = [
    ("PUT", re.compile(_VM), PUT_VM),
    ("PATCH", re.compile(_VM), UPDATE_VM),
    ("DELETE", re.compile(_VM), DELETE_VM),
    ("GET", re.compile(_VM), LOW_COST_GET),
    ("POST", re.compile(_VM + "/(deallocate|simulateeviction)"), DELETE_VM),
    ("POST", re.compile(_VM + "/.*"), UPDATE_VM),
    ("PUT", re.compile(_VM + "/.*"), UPDATE_VM),
    ("PATCH", re.compile(_VM + "/.*"), UPDATE_VM),
    ("DELETE", re.compile(_VM + "/.*"), UPDATE_VM),
    ("GET", re.compile(_VM + "/.*"), LOW_COST_GET),
    ("GET", re.compile(".*/virtualmachines"), HIGH_COST_GET),
    ("GET", re.compile(".*/microsoft.compute/locations/[^/]+/operations/.*"), GET_OPERATION),
    ("PUT", re.compile(".*/microsoft.compute/disks/[^/]+"), WRITE_DISKS),
    ("PATCH", re.compile(".*/microsoft.compute/disks/[^/]+"), WRITE_DISKS),
    ("PUT", re.compile(".*/microsoft.compute/snapshots/[^/]+"), WRITE_SNAPSHOTS),
]


def policy_of(method: str, path: str) -> Policy | None:
    """Return the Compute policy that counts a call, or None."""
    path = path.rstrip("/").lower()
    if "/providers/microsoft.insights/" in path:
        return None  # what another provider keeps about a VM
    for verb, pattern, policy in _POLICIES:
        if verb == method and pattern.fullmatch(path):
            return policy
    return None


DIP_SHARE = 0.2
"""A take that leaves less than this share of a bucket is told."""

Dipped = Callable[[str, float, "Rate", datetime], None]
"""Hears the bucket, what is left in it, its rate and when."""


def _nobody(_key: str, _left: float, _rate: Rate, _now: datetime) -> None:
    """Hear of a dip and do nothing."""


@dataclass
class Buckets:
    """All token buckets of one simulator."""

    dipped: Dipped = _nobody
    levels: dict[str, tuple[float, datetime]] = field(default_factory=dict)
    by_hand: set[str] = field(default_factory=set)
    """Buckets that somebody emptied through the world API: no dip until half full again."""

    def left(self, key: str, rate: Rate, now: datetime) -> float:
        """Return the tokens in a bucket; a bucket never used is full."""
        level, since = self.levels.get(key, (float(rate.burst), now))
        return min(float(rate.burst), level + (now - since) / timedelta(seconds=1) * rate.per_s)

    def take(self, key: str, rate: Rate, now: datetime) -> float:
        """Take a token; return the seconds until there is one if there was none, else 0."""
        level = self.left(key, rate, now)
        if level < 1.0:
            return (1.0 - level) / rate.per_s
        self.levels[key] = (level - 1.0, now)
        if level >= rate.burst / 2:
            self.by_hand.discard(key)
        if level >= DIP_SHARE * rate.burst > level - 1.0 and key not in self.by_hand:
            self.dipped(key, level - 1.0, rate, now)
        return 0.0

    def set_left(self, key: str, tokens: float, now: datetime) -> None:
        """Fill or empty a bucket."""
        self.levels[key] = (tokens, now)
        self.by_hand.add(key)


def take_compute(
    buckets: Buckets, policy: Policy, now: datetime, *, subscription: str, resource: str
) -> dict[str, str]:
    """Take a token from each bucket of a policy; return the header that tells what is left.

    Raises the 429 of Compute if one is empty.
    """
    whole = f"{policy.name}|{subscription}".lower()
    own = f"{whole}|{resource}".lower()
    parts = []
    if policy.per_resource:
        wait_s = buckets.take(own, policy.per_resource, now)
        if wait_s:
            raise too_many_requests(f"{policy.name}3Min", policy.per_resource.burst, wait_s, now)
        left = int(buckets.left(own, policy.per_resource, now))
        parts.append(f"Microsoft.Compute/{policy.name}3Min;{left}")
    wait_s = buckets.take(whole, policy.per_subscription, now)
    if wait_s:
        raise too_many_requests(f"{policy.name}30Min", policy.per_subscription.burst, wait_s, now)
    left = int(buckets.left(whole, policy.per_subscription, now))
    parts.append(f"Microsoft.Compute/{policy.name}30Min;{left}")
    return {"x-ms-ratelimit-remaining-resource": ",".join(parts)}


def too_many_requests(group: str, allowed: int, wait_s: float | None, now: datetime) -> ArmProblem:
    """Return Compute's 429; `wait_s` None leaves Retry-After out."""
    measured = json.dumps(
        {
            "operationGroup": group,
            "startTime": (now - timedelta(minutes=3)).isoformat(),
            "endTime": now.isoformat(),
            "allowedRequestCount": allowed,
            "measuredRequestCount": allowed + 1,
        },
        separators=(",", ":"),
    )
    problem = ArmProblem(
        429,
        "OperationNotAllowed",
        "The server rejected the request because too many requests have been received for this "
        "subscription.",
        details=[{"code": "TooManyRequests", "target": group, "message": measured}],
    )
    if wait_s is not None:
        problem.headers["Retry-After"] = str(max(1, math.ceil(wait_s)))
    return problem


def take_arm(
    buckets: Buckets, method: str, now: datetime, *, subscription: str, caller: str
) -> dict[str, str]:
    """Take a token from ARM's own buckets; return the headers. Raises ARM's 429."""
    kind = {"GET": "reads", "HEAD": "reads", "DELETE": "deletes"}.get(method, "writes")
    rate = ARM_RATES[kind]
    whole = Rate(rate.per_s * WHOLE_SUBSCRIPTION, rate.burst * WHOLE_SUBSCRIPTION)
    own_key = f"arm|{kind}|{subscription}|{caller}".lower()
    whole_key = f"arm|{kind}|{subscription}".lower()
    wait_s = buckets.take(own_key, rate, now) or buckets.take(whole_key, whole, now)
    if wait_s:
        raise _subscription_throttled(subscription, caller, wait_s)
    name = "x-ms-ratelimit-remaining-subscription-"
    return {
        name + kind: str(int(buckets.left(own_key, rate, now))),
        f"{name}global-{kind}": str(int(buckets.left(whole_key, whole, now))),
    }


def _subscription_throttled(subscription: str, caller: str, wait_s: float) -> ArmProblem:
    seconds = max(1, math.ceil(wait_s))
    problem = ArmProblem(
        429,
        "SubscriptionRequestsThrottled",
        f"Number of requests for subscription '{subscription}' actor '{caller}' exceeded. Please "
        f"try again after '{seconds}' seconds after additional tokens are available. Refer to "
        "https://aka.ms/arm-throttling for additional information.",
    )
    problem.headers["Retry-After"] = str(seconds)
    return problem


def table() -> list[Json]:
    """Return the policies as the world API shows them."""
    policies = [
        *(PUT_VM, UPDATE_VM, DELETE_VM, LOW_COST_GET),
        *(HIGH_COST_GET, GET_OPERATION, WRITE_DISKS, WRITE_SNAPSHOTS),
    ]
    return [
        {
            "policy": policy.name,
            "perResource": policy.per_resource and vars(policy.per_resource),
            "perSubscription": vars(policy.per_subscription),
        }
        for policy in policies
    ]
