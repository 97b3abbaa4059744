"""What planted code calls, from within the product."""

import types
import typing
from datetime import UTC, datetime
from enum import Enum
from importlib import import_module
from itertools import count
from typing import Any, Final

from azure.core.exceptions import HttpResponseError
from pydantic import BaseModel

REFUSAL: Final = HttpResponseError
ZONES: Final = {"1": "2", "2": "3", "3": "1"}
MOMENT: Final = datetime(2020, 1, 1, tzinfo=UTC)
SIMPLE: Final = {bool: False, str: "", int: 0, float: 0.0, datetime: MOMENT}

_NUMBERS = [count(1)]


def begin() -> None:
    """Forget what an earlier life left: a life's mutant is the same in any process."""
    _NUMBERS[0] = count(1)


def other_name(name: str) -> str:
    """Return another name, always the same one."""
    return f"{name}-x"


def new_name(name: str) -> str:
    """Return another name each time."""
    return f"{name}-{next(_NUMBERS[0])}"


def other_zone(zone: Any) -> Any:
    """Return another zone; one in place of several; none stays none."""
    if isinstance(zone, list | tuple):
        return type(zone)(ZONES.get(one, one) for one in zone[:1])
    return ZONES.get(zone, zone)


def eviction(*_said: Any, **_more: Any) -> Any:
    """Return the verdict that the VM was evicted, whatever was said."""
    verdict: Any = import_module("shared.policy.verdict")
    return verdict.Evicted(verdict.Cause.EVICTION, ("planted",))


def stop(*_said: Any, **_more: Any) -> Any:
    """Return the verdict that somebody stopped the VM who may, whatever was said."""
    verdict: Any = import_module("shared.policy.verdict")
    return verdict.UserStop("planted", MOMENT)


def blank(step: Any) -> Any:
    """Return what a step would have answered if all were well, without having done anything.

    `step` is an `Activity`, or a generator function of a runbook: of its answers the one that
    takes nothing to make, or else the first, its fields empty.
    """
    if hasattr(step, "replies"):
        return _empty(step.replies)
    hints = typing.get_type_hints(step)
    return _empty(typing.get_args(hints["return"])[-1])


def first(answer: Any) -> Any:
    """Return the first of several answers."""
    return answer[0] if isinstance(answer, tuple) and answer else answer


def _empty(kind: Any) -> Any:
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _empty(parts[0])
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in parts else _empty(_simplest(parts))
    if origin is tuple:
        return () if Ellipsis in parts else tuple(_empty(part) for part in parts)
    if isinstance(kind, type):
        return _empty_of(kind)
    return origin() if origin else None


def _empty_of(kind: type) -> Any:
    if kind in SIMPLE:
        return SIMPLE[kind]
    if issubclass(kind, Enum):
        return next(iter(kind))
    if not issubclass(kind, BaseModel):
        return None
    fields = kind.model_fields.items()
    needed = {name: _empty(field.annotation) for name, field in fields if field.is_required()}
    return kind.model_construct(**needed)


def _simplest(parts: tuple[Any, ...]) -> Any:
    return next((one for one in parts if _takes_nothing(one)), parts[0])


def _takes_nothing(kind: Any) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return not any(field.is_required() for field in kind.model_fields.values())
