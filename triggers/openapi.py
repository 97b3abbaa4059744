"""The API document: OpenAPI 3.1, from the models and the route table, so that it cannot lie."""

from collections.abc import Iterator
from typing import Any, Final

from triggers.openapi_failures import FAILURES, answered, failed
from triggers.openapi_schemas import REF, answer_of, schemas
from triggers.route import Route
from triggers.routes import ROUTES

VERSION: Final = "0.1.0"


def document() -> dict[str, Any]:
    """Return the whole document."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(f"/{route.path}", {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Mooring", "version": VERSION, "description": _ABOUT},
        "tags": [{"name": name, "description": about} for name, about in TAGS.items()],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
            "schemas": schemas(ROUTES),
        },
    }


PUBLISHED: Final = "Published API"
OURS: Final = "Extensions"
TAGS: Final = {
    PUBLISHED: "The Spot stateful-node API as its published clients speak it.",
    OURS: "What Mooring serves besides: no client of the published API needs it.",
}
_ABOUT: Final = (
    "Keeps stateful nodes alive on Azure Spot VMs. Success is exactly 200. Every answer has the "
    "same envelope; every refused document names its fields. Fields unknown to the document are "
    "refused. null and {} mean not set; in an update absent keeps, null clears, {} changes "
    "nothing, arrays replace whole. id, createdAt and updatedAt are ignored in bodies. "
    "Accepted besides: storageUrl for storageUri, MaxStorage for maxStorage, "
    "privateIPAddressVersion for privateIpAddressVersion, loadBalancersConfig under compute."
)
_ACCOUNT: Final = "act-…; absent means the token's default account"
_PATHS: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "id": ("the node", {"type": "string", "pattern": "^ssn-[0-9a-f]{8}$"}),
    "importId": ("the import", {"type": "string", "pattern": "^(sin|ssn)-[0-9a-f]{8}$"}),
    "resourceGroupName": ("where the VM is", {"type": "string", "minLength": 1}),
    "virtualMachineName": ("the VM", {"type": "string", "minLength": 1}),
    "tokenId": ("the token", {"type": "string", "pattern": "^tok-[0-9a-f]{16}$"}),
}


def _operation(route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "tags": [OURS if route.ours else PUBLISHED],
        "summary": route.summary,
        "description": f"Role: {route.role}. {route.about}".strip(),
        "parameters": list(_parameters(route)),
        "responses": {"200": _done(route)} | {code: failed(code, route) for code in FAILURES},
    }
    if route.takes is not None:
        content = _content(route.takes.name) | {"example": route.takes.example}
        operation["requestBody"] = {
            "required": route.takes.required,
            "content": {"application/json": content},
        }
    return operation


def _parameters(route: Route) -> Iterator[dict[str, Any]]:
    yield _parameter("accountId", "query", _ACCOUNT, {"type": "string"})
    for query in route.queries:
        told = _parameter(query.name, "query", query.about, dict(query.schema))
        yield told | ({"required": True} if query.required else {})
    for step in route.path.split("/"):
        if step.startswith("{"):
            name = step.strip("{}")
            about, schema = _PATHS.get(name, ("", {"type": "string", "minLength": 1}))
            yield _parameter(name, "path", about, schema) | {"required": True}


def _parameter(name: str, place: str, about: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "description": about, "schema": schema}


def _done(route: Route) -> dict[str, Any]:
    items = [route.gives.example] if route.gives else []
    told = answered(route, (200, "OK"), {"items": items, "count": len(items)})
    content = _content(answer_of(route.gives)) | {"example": told}
    return {"description": "Done", "content": {"application/json": content}}


def _content(model: str) -> dict[str, Any]:
    return {"schema": {"$ref": REF.format(model=model)}}
