"""The paths of a node document: one for each value that a client may write.

A list's elements are `[]`: `compute.launchSpecification.tags[].tagKey`. Free-form objects, such as
an extension's settings, end at themselves.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from shared.model.shape import slots

ELEMENT = "[]"


def leaf_paths(model: type[BaseModel], at: str = "") -> Iterator[str]:
    """Yield the paths of all values below a model, in its order, each once."""
    seen: set[str] = set()
    for slot in slots(model).values():
        if slot.name in seen:
            continue
        seen.add(slot.name)
        path = f"{at}.{slot.name}" if at else slot.name
        if slot.model is None:
            yield path
        else:
            yield from leaf_paths(slot.model, path + ELEMENT if slot.many else path)


def values_at(document: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield each value at a path with its place: `tags[0].tagKey`. Absent ones are left out."""
    step, _, rest = path.partition(".")
    name, many = step.removesuffix(ELEMENT), step.endswith(ELEMENT)
    value = document.get(name) if isinstance(document, Mapping) else None
    if value is None:
        return
    found = [(f"{name}[{i}]", one) for i, one in enumerate(value)] if many else [(name, value)]
    for place, one in found:
        if not rest:
            yield place, one
            continue
        for below, inner in values_at(one, rest):
            yield f"{place}.{below}", inner
