"""The route of plans: what it takes and what it gives."""

from typing import Any, Final

from services.plan.plans import ACTIONS
from store.tokens import Role
from triggers.route import NODE, Body, Items, Route
from triggers.shapes import NULLABLE, thing

PLAN_KIND: Final = "spotinst:azure:statefulNode:plan"
_NUMBER: Final = {"type": ["number", "null"]}
_LIST: Final = {"type": "array"}
_OBJECT: Final = {"type": ["object", "null"]}
_CALL: Final = thing(
    "number step method resourceId action irreversible loses atSeconds expectedSeconds",
    "creates changes sends",
    number={"type": "integer"},
    irreversible={"type": "boolean"},
    atSeconds={"type": "number"},
    expectedSeconds={"type": "number"},
    creates=_OBJECT,
    changes={"type": ["array", "null"]},
    sends=_OBJECT,
)
_LOST: Final = thing(
    "resourceId loses", "number at", number={"type": ["integer", "null"]}, at=NULLABLE
)
"""A deletion: one of the calls, by its number, or one to come, at its time."""
_LATER: Final = thing("at kind what loses", "resourceId")
_EFFECTS: Final[dict[str, Any]] = {
    "calls": {"type": "array", "items": _CALL},
    "irreversible": {"type": "array", "items": _LOST},
    "ends": _LIST,
    "log": _LIST,
    "expectedSeconds": {"type": "number"},
    "downtime": thing(
        "expectedSeconds staysDown",
        "upAfterSeconds",
        expectedSeconds={"type": "number"},
        staysDown={"type": "boolean"},
        upAfterSeconds=_NUMBER,
    ),
}
_COST: Final = thing(
    "",
    "usdPerHourBefore usdPerHourAfter changeUsdPerHour changeUsdPerMonth",
    **dict.fromkeys(
        ("usdPerHourBefore", "usdPerHourAfter", "changeUsdPerHour", "changeUsdPerMonth"), _NUMBER
    ),
)


def _one_of(*models: str) -> dict[str, Any]:
    """Return the schema of what may be any of these objects, or null."""
    refs = [{"$ref": f"#/components/schemas/{model}"} for model in models]
    return {"anyOf": [*refs, {"type": "null"}]}


_PLAN: Final = thing(
    f"planId digest action {' '.join(_EFFECTS)} node cost later notes",
    "nodeId whenRecycled started answer",
    node={"type": "object"},
    cost=_COST,
    later={"type": "array", "items": _LATER},
    notes=_LIST,
    nodeId=NULLABLE,
    whenRecycled=_OBJECT,
    started={"type": ["boolean", "null"]},
    answer={"type": ["array", "null"]},
    **_EFFECTS,
)
_DEALLOCATE: Final[dict[str, Any]] = {
    "number": 1,
    "step": "deallocate-0",
    "method": "POST",
    "resourceId": "/subscriptions/.../virtualMachines/dev-eu1-worker",
    "action": "deallocate",
    "irreversible": False,
    "loses": "its temporary disk",
    "atSeconds": 0.0,
    "expectedSeconds": 30.0,
    "sends": None,
}
_EXAMPLE: Final[dict[str, Any]] = {
    "planId": "pln-0a1b2c3d-0123456789abcdef",
    "digest": "0123456789abcdef",
    "action": "recycle",
    "nodeId": "ssn-0a1b2c3d",
    "ends": [{"operation": "recycle", "outcome": "active", "reason": ""}],
    "calls": [_DEALLOCATE],
    "irreversible": [],
    "expectedSeconds": 50.5,
    "downtime": {"expectedSeconds": 46.5, "staysDown": False, "upAfterSeconds": None},
    "log": [{"severity": "INFO", "message": "dev-eu1-worker runs on SPOT standard_d2s_v5"}],
    "node": {"before": {"status": "ACTIVE"}, "after": {"status": "ACTIVE"}},
    "cost": {
        "usdPerHourBefore": 0.02,
        "usdPerHourAfter": 0.019,
        "changeUsdPerHour": -0.001,
        "changeUsdPerMonth": -0.73,
    },
    "later": [],
    "notes": [],
}
_TAKES: Final = {
    **thing(
        "action",
        "nodeId planId statefulNode statefulNodeImport deallocationConfig",
        action={"enum": list(ACTIONS)},
        statefulNode=_one_of("NodeDocument", "NodeDocumentChange"),
        statefulNodeImport=_one_of("ImportNodeObject"),
        deallocationConfig=_one_of("DeallocationConfig"),
    ),
    "description": "Beside action, nodeId and planId stands what the call of the action takes: "
    "statefulNode for create and update, deallocationConfig for delete, statefulNodeImport for "
    "import, the fields of AttachDataDisk, DetachDataDisk and SwapOsDisk for attach, detach and "
    "swap, nothing for pause, resume, recycle, stop and start.",
}

PLAN_ROUTES: Final = (
    Route(
        "mooringStatefulNodePlan",
        "POST",
        f"{NODE}/plan",
        Role.OPERATOR,
        "Tell what a call would do to Azure; with planId, do it as told",
        takes=Body("Plan", _TAKES, {"action": "recycle", "nodeId": "ssn-0a1b2c3d"}),
        gives=Items("PlanTold", _PLAN, _EXAMPLE),
        ours=True,
        about="Actions: create, update, delete, pause, resume, recycle, stop, start, swap, attach, "
        "detach, import; beside action and nodeId stands what the call itself takes. The answer "
        "has each write to Azure in order, what cannot be undone (now, or at its time), what is "
        "kept for a time and then deleted, the expected downtime and the change of cost. The same "
        "call with planId runs it, unless the facts have changed (FACTS_CHANGED).",
    ),
)
