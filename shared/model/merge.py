"""One document out of a stored one and a change.

The rules of the published API: absent keeps, null clears, {} changes nothing, arrays replace
whole, and of a one-of the member that was named stays alone. A creation is a change to
nothing. A stored document holds no null and no empty optional object: there, absent is unset;
an empty array stays, for `vmAdmins: []` (nobody) is not `vmAdmins` absent (everybody).
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from shared.model.shape import Slot, slots


def merge(
    model: type[BaseModel], stored: Mapping[str, Any], change: Mapping[str, Any]
) -> dict[str, Any]:
    """Return `stored` with `change` in it; both in the names of the stored document."""
    merged = dict(stored)
    if getattr(model, "one_of", False) and any(value for value in change.values()):
        merged = {name: value for name, value in merged.items() if change.get(name)}
    for name, value in change.items():
        result = _merge_value(slots(model)[name], merged.get(name), value)
        if result is None:
            merged.pop(name, None)
        else:
            merged[name] = result
    return merged


def _merge_value(slot: Slot, stored: Any, value: Any) -> Any:
    """Return the new value, or None for unset."""
    if slot.model is None or value is None:
        return value
    if slot.many:
        return _elements(slot.model, value)
    if not isinstance(value, dict):
        return value
    return merge(slot.model, stored if isinstance(stored, dict) else {}, value) or None


def _elements(model: type[BaseModel], value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return [merge(model, {}, one) if isinstance(one, dict) else one for one in value]
