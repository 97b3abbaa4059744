"""Faults on demand: calls that fit a pattern are refused, lost, delayed or doomed.

The next n of them, or each by a chance for as long as the fault is armed, or for `lasts_s`.
"""

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from local.arm.throttle import too_many_requests
from local.arm.wire import ArmProblem, Json, Reply
from local.arm.world import World

SHELF = "faults"
KINDS = ("refuse", "fail", "lose_reply", "lose_request", "slow", "throttle")
CALLERS = ("*", "service", "person")
"""Whom a fault strikes: all, those whose token nobody described (the product), the others."""


class ConnectionLostError(Exception):
    """The connection broke: before the request had any effect, or after it had."""

    def __init__(self, *, had_effect: bool) -> None:
        super().__init__("the reply was lost" if had_effect else "the request was lost")
        self.had_effect = had_effect


@dataclass
class Doom:
    """What is to befall one call."""

    slow_s: float = 0.0
    refusal: Reply | None = None
    lose_request: bool = False
    lose_reply: bool = False
    fail_with: Json | None = None
    names: list[str] = field(default_factory=list)
    """Ids of the faults that struck."""


def add(world: World, fault: Json) -> str:
    """Arm a fault; return its id. ValueError if it is malformed."""
    if fault.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    if fault.get("caller", "*") not in CALLERS:
        raise ValueError(f"caller must be one of {', '.join(CALLERS)}")
    if not 0.0 <= float(fault.get("chance", 1.0)) <= 1.0:
        raise ValueError("chance must be between 0 and 1")
    fault_id = f"fault-{world.count('faults'):05d}"
    lasts_s = fault.get("lasts_s")
    ends = {} if lasts_s is None else {"until": world.now.timestamp() + float(lasts_s)}
    world.shelf(SHELF).put(fault_id, {"times": 1, "skip": 0, **fault, **ends})
    return fault_id


@dataclass(frozen=True)
class Call:
    """What a fault may look at."""

    operation: str
    resource: str
    method: str
    caller: str
    """`service` or `person`."""


def strike(world: World, call: Call) -> Doom:
    """Return what befalls a call, and count down the faults that struck."""
    doom = Doom()
    shelf = world.shelf(SHELF)
    for fault_id in sorted(shelf.entries):
        fault = shelf.entries[fault_id]
        if not _fits(fault, call) or fault.get("until", math.inf) <= world.now.timestamp():
            continue
        if fault["skip"] > 0:
            shelf.put(fault_id, fault | {"skip": fault["skip"] - 1})
            continue
        if "chance" in fault and world.dice().random() >= fault["chance"]:
            continue
        _apply(world, fault, doom)
        doom.names.append(fault_id)
        if fault["times"] is None:
            continue
        if fault["times"] <= 1:
            shelf.drop(fault_id)
        else:
            shelf.put(fault_id, fault | {"times": fault["times"] - 1})
    return doom


def _fits(fault: Json, call: Call) -> bool:
    methods = str(fault.get("method", "*")).upper().split(",")
    return (
        fault.get("caller", "*") in ("*", call.caller)
        and ("*" in methods or call.method in methods)
        and fnmatchcase(call.operation.lower(), str(fault.get("operation", "*")).lower())
        and fnmatchcase(call.resource.lower(), str(fault.get("resource", "*")).lower())
    )


def _apply(world: World, fault: Json, doom: Doom) -> None:
    match fault["kind"]:
        case "refuse":
            doom.refusal = _refusal(fault)
        case "throttle":
            wait_s = fault.get("retry_after_s")
            group = fault.get("group", "PutVM3Min")
            doom.refusal = too_many_requests(group, 12, wait_s, world.now).reply()
        case "fail":
            doom.fail_with = _error(fault)
        case "lose_reply":
            doom.lose_reply = True
        case "lose_request":
            doom.lose_request = True
        case "slow":
            doom.slow_s += float(fault.get("slow_s", 1.0))


def _error(fault: Json) -> Json:
    error = {
        "code": fault.get("code", "InternalExecutionError"),
        "message": fault.get("message", "An internal execution error occurred."),
    }
    return error | ({"target": fault["target"]} if "target" in fault else {})


def _refusal(fault: Json) -> Reply:
    status = int(fault.get("status", 500))
    headers = {"Retry-After": str(fault["retry_after_s"])} if "retry_after_s" in fault else {}
    if "code" not in fault:
        return Reply(status, None, headers)
    error = _error(fault)
    problem = ArmProblem(status, error.pop("code"), error.pop("message"), **error)
    problem.headers = headers
    return problem.reply()
