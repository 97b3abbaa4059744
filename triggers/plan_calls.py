"""A call planned, and a call done as it was planned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any, Final

import azure.functions as func

from services.operations import Operations, OperationStarter
from services.plan.plans import Asked, FactsChanged, parse_plan, seeded
from services.plan.rehearsal import House, Rehearsal
from triggers import disk_calls, import_calls, node_calls, state_calls
from triggers.body import read_json
from triggers.call import ApiServices, Call, Handler
from triggers.envelope import Found, failure
from triggers.plan_routes import PLAN_KIND
from triggers.routes import ROUTES, Match

ROUTE_OF: Final[Mapping[str, str]] = {
    "create": "azureStatefulNodeCreate",
    "update": "azureStatefulNodeUpdate",
    "delete": "azureStatefulNodeDelete",
    "swap": "azureStatefulNodeSwapOSDisk",
    "attach": "azureStatefulNodeAttachDataDisk",
    "detach": "azureStatefulNodeDetachDataDisk",
    "import": "azureStatefulNodeImportVm",
}
"""The call that does an action; every other action is a change of state."""
CHANGE_STATE: Final = "azureStatefulNodeChangeState"
_DOES: Final[Mapping[str, Handler]] = {
    **node_calls.HANDLERS,
    **state_calls.HANDLERS,
    **disk_calls.HANDLERS,
    **import_calls.HANDLERS,
}


async def _plan(call: Call) -> Found:
    asked = parse_plan(read_json(call.request))
    plans = call.services.plans
    if plans is None:
        message = "this process has no way to Azure to plan by"
        raise failure(HTTPStatus.BAD_REQUEST, "NO_PLANS", message)

    async def perform(stage: Rehearsal, operations: Operations, action: str) -> object:
        services = ApiServices.over(
            stage.stores, operations, stage.azure, operations.new_id, lambda _client: stage
        )
        return await _do(call, services, asked, action)

    try:
        plan = await plans.make(call.caller.account_id, asked, perform)
    except FactsChanged as changed:
        raise failure(HTTPStatus.BAD_REQUEST, "FACTS_CHANGED", str(changed), "planId") from changed
    if not asked.plan_id:
        return Found([plan], PLAN_KIND)
    answer = await _run(call, plans.house, asked)
    return Found([{**plan, "started": True, "answer": answer}], PLAN_KIND)


async def _run(call: Call, house: House, asked: Asked) -> Sequence[Mapping[str, Any]]:
    """Do the call for real, with the ids of the plan; return what it answers."""
    given = call.services.nodes.operations
    operations = replace(given, new_id=seeded(asked.seed))
    starter: OperationStarter = call.starter
    services = ApiServices.over(
        house.stores, operations, house.azure, call.services.new_request_id, lambda _client: starter
    )
    return (await _do(call, services, asked, asked.action)).items


async def _do(call: Call, services: ApiServices, asked: Asked, action: str) -> Found:
    """Do the call of an action; the body is that of the plan, or for a state the state alone."""
    name = ROUTE_OF.get(action, CHANGE_STATE)
    body = dict(asked.body) if action == asked.action else {}
    if name == CHANGE_STATE:
        body["state"] = action
    route = next(one for one in ROUTES if one.name == name)
    request = func.HttpRequest(
        route.method,
        call.request.url,
        headers={"Content-Type": "application/json"},
        params={},
        body=json.dumps(body).encode(),
    )
    found = Match(route, {"id": asked.node_id})
    return await _DOES[name](Call(services, request, call.client, call.caller, found))


HANDLERS: Final[Mapping[str, Handler]] = {"mooringStatefulNodePlan": _plan}
