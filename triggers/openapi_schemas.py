"""The objects of the API document: models as JSON schemas, and the envelope around them."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel

from triggers.route import Body, Items, Route, Schema

REF: Final = "#/components/schemas/{model}"
NO_ITEMS: Final = "Answer"
_NULL: Final = {"type": "null"}
_WORDS: Final = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


def schemas(routes: Iterable[Route]) -> dict[str, Any]:
    """Return every object that these routes take and give, by name."""
    found: dict[str, Any] = {}
    for route in routes:
        if route.takes is not None:
            found |= _taken(route.takes)
        if route.gives is not None:
            found |= _given(route.gives)
    for schema in found.values():
        for name in [one for one in schema.get("properties", {}) if one.endswith("Ref")]:
            del schema["properties"][name]
    return found | {NO_ITEMS: _answer({}), "Failure": _failure()}


def answer_of(items: Items | None) -> str:
    """Return the name of the answer that holds these items."""
    return f"{items.name}Answer" if items else NO_ITEMS


def _taken(body: Body) -> dict[str, Any]:
    found, inner = _parts(body.model, _inner_name(body))
    if body.partial:
        inner = _Changes(found).ref(inner)
    if body.under:
        found[body.name] = _object(**{body.under: inner})
    return found


def _inner_name(body: Body) -> str:
    """Return what the object itself is called: a model under a key keeps its own name."""
    if not body.under:
        return body.name
    return "" if isinstance(body.model, type) else f"{body.name}Object"


def _given(items: Items) -> dict[str, Any]:
    found, item = _parts(items.model, items.name)
    return found | {f"{items.name}Answer": _answer(item)}


def _parts(schema: Schema, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return all objects that a schema is made of, and the reference to itself."""
    if not (isinstance(schema, type) and issubclass(schema, BaseModel)):
        return {name: dict(schema)}, {"$ref": REF.format(model=name)}
    told = _tidy(schema.model_json_schema(by_alias=True, ref_template=REF))
    found: dict[str, Any] = told.pop("$defs", {})
    name = name or schema.__name__
    return found | {name: told}, {"$ref": REF.format(model=name)}


@dataclass(frozen=True)
class _Changes:
    """Schemas of changes: every field may be absent or null; arrays replace whole."""

    found: dict[str, Any]

    def ref(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a change to what `schema` says."""
        if "anyOf" in schema:
            return schema | {"anyOf": [self.ref(one) for one in schema["anyOf"]]}
        name = schema.get("$ref", "").rpartition("/")[2]
        if not self.found.get(name, {}).get("properties"):
            return schema
        changed = f"{name}Change"
        if changed not in self.found:
            whole = copy.deepcopy(self.found[name])
            whole.pop("required", None)
            self.found[changed] = whole
            whole["properties"] = {
                field: _nullable(self.ref(one)) for field, one in whole["properties"].items()
            }
        return {"$ref": REF.format(model=changed)}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in schema.items() if key != "default"}  # absent: keeps
    if "anyOf" not in said:
        return {"anyOf": [said, _NULL]}
    ways = said["anyOf"]
    return said | {"anyOf": ways if _NULL in ways else [*ways, _NULL]}


def _tidy(schema: Any) -> Any:
    """Say in JSON Schema's words what pydantic leaves in its own, and drop what repeats a name."""
    if isinstance(schema, list):
        return [_tidy(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {_WORDS.get(key, key): _tidy(value) for key, value in schema.items()}
    if isinstance(tidied.get("title"), str):
        del tidied["title"]
    if tidied.get("default", ...) is None:
        del tidied["default"]
    return tidied


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT: Final = {"type": "string"}
_STATUS: Final = {
    **_object(code={"type": "integer"}, message=_TEXT),
    "additionalProperties": False,
}


def _request() -> dict[str, Any]:
    return _object(id=_TEXT, url=_TEXT, method=_TEXT, timestamp={"type": ["string", "null"]})


def _answer(item: dict[str, Any]) -> dict[str, Any]:
    items = {"type": "array", "items": item}
    response = _object(status=_STATUS, items=items, count={"type": "integer"})
    response["properties"]["kind"] = _TEXT
    remark = _object(field=_TEXT, message=_TEXT)
    response["properties"]["warnings"] = {
        "type": "array",
        "items": remark,
        "description": "Ours: what the document asks for that no VM will have; absent if nothing",
    }
    return _object(request=_request(), response=response)


def _failure() -> dict[str, Any]:
    error = _object(code=_TEXT, message=_TEXT)
    error["properties"]["field"] = _TEXT
    failed = _object(status=_STATUS, errors={"type": "array", "items": error, "minItems": 1})
    return _object(request=_request(), response=failed)
