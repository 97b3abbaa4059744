"""The API document: OpenAPI 3.1, from the models and the route table, so that it cannot lie."""

import copy
from typing import Any, Final

from shared.model.deallocation import DeallocationConfig
from shared.model.node import NodeDocument
from triggers.openapi_examples import CREATE, DELETE, UPDATE
from triggers.routes import ROUTES, Route

VERSION: Final = "0.1.0"
_REF: Final = "#/components/schemas/{model}"


def document() -> dict[str, Any]:
    """Return the whole document."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        if route.served:
            paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mooring", "version": VERSION, "description": _ABOUT},
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


_ABOUT: Final = (
    "Keeps stateful nodes alive on Azure Spot VMs. Success is exactly 200. Every answer has the "
    "same envelope; every refused document names its fields. Fields unknown to the document are "
    "refused. null and {} mean not set; in an update absent keeps, null clears, {} changes "
    "nothing, arrays replace whole. id, createdAt and updatedAt are ignored in bodies. "
    "Accepted besides: storageUrl for storageUri, MaxStorage for maxStorage, "
    "privateIPAddressVersion for privateIpAddressVersion, loadBalancersConfig under compute."
)
_PARAMETERS: Final = {
    "accountId": "act-…; absent means the token's default account",
    "name": "exact name",
    "region": "exact region",
    "fromDate": "required: ISO 8601 or Unix milliseconds",
    "toDate": "required: ISO 8601 or Unix milliseconds",
    "severity": "DEBUG, INFO, WARN, ERROR or ALL (default)",
    "resourceId": "ARM id: only lines about it",
    "limit": "0 to 1000, default 500",
    "include": "data: with the structured part of decisions",
}
_BODIES: Final = {
    "azureStatefulNodeCreate": ("CreateNode", CREATE),
    "azureStatefulNodeUpdate": ("UpdateNode", UPDATE),
    "azureStatefulNodeDelete": ("DeleteNode", DELETE),
}
_ITEMS: Final = {
    "azureStatefulNodeDelete": "Answer",
    "azureStatefulNodeGetStatus": "StatusAnswer",
    "azureStatefulNodeGetAllStatus": "StatusAnswer",
    "azureStatefulNodeLogs": "LogAnswer",
}
_FAILURES: Final = {
    "400": "Refused; each error names its field. An unknown node has two errors: "
    "GROUP_DOESNT_EXIST and STATEFUL_NODE_DOES_NOT_EXIST.",
    "401": "No valid token",
    "403": "Not with this token, or not in this account",
    "429": "Too many calls; see Retry-After",
    "500": "Our fault; repeat later",
}


def _operation(route: Route) -> dict[str, Any]:
    queries = ["accountId"]
    if route.name == "azureStatefulNodeGetAll":
        queries += ["name", "region"]
    if route.name == "azureStatefulNodeLogs":
        queries += ["fromDate", "toDate", "severity", "resourceId", "limit", "include"]
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Role: {route.role}.",
        "parameters": [_query(name) for name in queries],
        "responses": {"200": _json("Done", _ITEMS.get(route.name, "NodeAnswer"))}
        | {code: _json(text, "Failure") for code, text in _FAILURES.items()},
    }
    if "{id}" in route.path:
        schema = {"type": "string", "pattern": "^ssn-[0-9a-f]{8}$"}
        operation["parameters"].append(
            {"name": "id", "in": "path", "required": True, "schema": schema}
        )
    if route.name in _BODIES:
        model, example = _BODIES[route.name]
        content = _content(model) | {"example": example}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    return operation


def _query(name: str) -> dict[str, Any]:
    schema = {"type": "string"}
    return {"name": name, "in": "query", "description": _PARAMETERS[name], "schema": schema}


def _content(model: str) -> dict[str, Any]:
    return {"schema": {"$ref": _REF.format(model=model)}}


def _json(text: str, model: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": _content(model)}}


def _schemas() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for model in (NodeDocument, DeallocationConfig):
        schema = model.model_json_schema(by_alias=True, ref_template=_REF)
        found |= schema.pop("$defs", {})
        found[model.__name__] = schema
    for schema in found.values():
        for name in [one for one in schema.get("properties", {}) if one.endswith("Ref")]:
            del schema["properties"][name]
    found["UpdatedNode"] = _partial(found["NodeDocument"])
    found["CreateNode"] = _object(statefulNode={"$ref": _REF.format(model="NodeDocument")})
    found["UpdateNode"] = _object(statefulNode={"$ref": _REF.format(model="UpdatedNode")})
    found["DeleteNode"] = _object(
        deallocationConfig={"$ref": _REF.format(model="DeallocationConfig")}
    )
    return found | _envelopes()


def _partial(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a change: every field may be absent or null, at any depth."""
    changed = copy.deepcopy(schema)
    changed.pop("required", None)
    changed["properties"] = {
        name: {"description": f"Part or all of {name}; null clears it"}
        for name in changed["properties"]
    }
    return changed


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _envelopes() -> dict[str, Any]:
    text, number = {"type": "string"}, {"type": "integer"}
    nullable = {"type": ["string", "null"]}
    request = _object(id=text, url=text, method=text, timestamp=text)
    status = _object(code=number, message=text)
    names = "vmName vmSize lifecycle lifeCycle zone privateIp publicIp rollbackReason errorReason"
    node_status = _object(
        **dict.fromkeys(("id", "name", "region", "resourceGroupName", "status"), text),
        **dict.fromkeys(names.split(), nullable),
        vmHealthStatus={"enum": ["HEALTHY", "UNHEALTHY", "UNKNOWN"]},
        progress={"type": ["object", "null"]},
        waiting={"type": ["object", "null"]},
        **dict.fromkeys(("createdAt", "updatedAt"), nullable),
    )

    def answer(item: dict[str, Any]) -> dict[str, Any]:
        items = {"type": "array", "items": item}
        response = _object(status=status, items=items, count=number)
        response["properties"]["kind"] = text
        return _object(request=request, response=response)

    error = _object(code=text, message=text)
    error["properties"]["field"] = text
    failed = _object(status=status, errors={"type": "array", "items": error})
    node = _object(**dict.fromkeys(("id", "createdAt", "updatedAt"), text))
    return {
        "NodeAnswer": answer({"allOf": [{"$ref": _REF.format(model="NodeDocument")}, node]}),
        "StatusAnswer": answer(node_status),
        "LogAnswer": answer({"type": "object", "required": ["message", "severity", "createdAt"]}),
        "Answer": answer({}),
        "Failure": _object(request=request, response=failed),
    }
