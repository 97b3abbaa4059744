"""The shape of a request body against the models: which field a key means, and what it is not.

Clients spell some fields in two ways and send null and {} for what they leave out. This turns
a body into the names of the stored document, keeps how the client spelled each, and refuses
what no model knows. Nothing is checked here but names; values are the models' business.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.model.fields import Also, EmptyIsNull, Internal
from shared.model.problems import Code, FieldError, Loc, Problem

KEY_SHOWN: Final = 100
"""Characters of an unknown key that an error repeats."""


@dataclass(frozen=True)
class Slot:
    """One field of a model: its wire name, and the model of its value where that is one."""

    name: str
    model: type[BaseModel] | None
    many: bool
    empty_is_null: bool
    internal: bool


@dataclass
class Shaped:
    """A body in the names of the stored document, with what was found on the way."""

    root: str
    """First word of each client path: `statefulNode`."""
    value: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    spelled: dict[Loc, str] = field(default_factory=dict)

    def path(self, loc: Loc) -> str:
        """Spell a place as the client did, or as the API does where the client did not."""
        for end in range(len(loc), 0, -1):
            if loc[:end] in self.spelled:
                return join(self.spelled[loc[:end]], loc[end:])
        return join(self.root, loc)

    def error(self, problem: Problem) -> FieldError:
        """Return the problem as the client reads it."""
        return FieldError(problem.code, problem.message, self.path(problem.loc))


def join(path: str, loc: Loc) -> str:
    """Append a place to a path: names with dots, indexes in brackets."""
    for step in loc:
        path += f"[{step}]" if isinstance(step, int) else f".{step}"
    return path


def _parts(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    if get_origin(annotation) in (Union, UnionType):
        found = [_parts(one) for one in get_args(annotation) if one is not type(None)]
        return next((one for one in found if one[0] is not None), (None, False))
    if get_origin(annotation) is tuple:
        return _parts(get_args(annotation)[0])[0], True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, False
    return None, False


def _slot(info: FieldInfo) -> Slot:
    model, many = _parts(info.annotation)
    marks = info.metadata
    return Slot(
        name=str(info.alias),
        model=None if str(info.annotation).startswith("pydantic.types.Secret") else model,
        many=many,
        empty_is_null=any(isinstance(mark, EmptyIsNull) for mark in marks),
        internal=any(isinstance(mark, Internal) for mark in marks),
    )


@cache
def slots(model: type[BaseModel]) -> Mapping[str, Slot]:
    """Return the fields of a model by every spelling a client may use."""
    found: dict[str, Slot] = {}
    for info in model.model_fields.values():
        slot = _slot(info)
        if slot.internal:
            continue
        found[slot.name] = slot
        found |= {mark.spelling: slot for mark in info.metadata if isinstance(mark, Also)}
    return found


def shape(model: type[BaseModel], body: Mapping[str, Any], root: str) -> Shaped:
    """Bring a body into the names of `model`, keeping null and {} as they are."""
    shaped = Shaped(root)
    shaped.value = _Walk(shaped).enter(model, body, ())
    return shaped


@dataclass(frozen=True)
class _Walk:
    shaped: Shaped

    def enter(self, model: type[BaseModel], body: Mapping[str, Any], loc: Loc) -> dict[str, Any]:
        """Return one object in the model's names."""
        found: dict[str, Any] = {}
        elsewhere: Mapping[str, str] = getattr(model, "moved", {})
        ignored: frozenset[str] = getattr(model, "read_only", frozenset())
        for key, value in body.items():
            slot = slots(model).get(key)
            if slot is not None:
                self._spell((*loc, slot.name), loc, key)
                self._keep(found, slot, value, (*loc, slot.name))
            elif key not in ignored and key not in elsewhere:
                problem = Problem((*loc, key[:KEY_SHOWN]), Code.UNKNOWN, "is not a known field")
                self.shaped.problems.append(problem)
        for key in elsewhere.keys() & body.keys():
            self._move(slots(model)[elsewhere[key]], found, key, body[key], loc)
        return found

    def _move(self, into: Slot, found: dict[str, Any], key: str, value: Any, loc: Loc) -> None:
        """Put a field that a client wrote one level too high where it belongs."""
        part = found.setdefault(into.name, {})
        if not isinstance(part, dict) or into.model is None:
            return
        place = (*loc, into.name, key)
        if key not in part:
            self.shaped.spelled[place] = join(self.shaped.path(loc), (key,))
        self._keep(part, slots(into.model)[key], value, place)

    def _spell(self, place: Loc, loc: Loc, key: str) -> None:
        if place[-1] != key:
            self.shaped.spelled[place] = join(self.shaped.path(loc), (key,))

    def _keep(self, found: dict[str, Any], slot: Slot, value: Any, place: Loc) -> None:
        """Keep a value; of two spellings the one that says something."""
        shaped_value = self._value(slot, value, place)
        present = found.get(slot.name)
        if present is None:
            found[slot.name] = shaped_value
        elif shaped_value is not None and present != shaped_value:
            message = "has two spellings here, with different values"
            self.shaped.problems.append(Problem(place, Code.CONFLICT, message))

    def _value(self, slot: Slot, value: Any, place: Loc) -> Any:
        if slot.empty_is_null and value == "":
            return None
        if slot.model is None:
            return value
        if slot.many and isinstance(value, list):
            return [self._element(slot.model, one, (*place, i)) for i, one in enumerate(value)]
        if not slot.many and isinstance(value, dict):
            return self.enter(slot.model, value, place)
        return value

    def _element(self, model: type[BaseModel], value: Any, place: Loc) -> Any:
        return self.enter(model, value, place) if isinstance(value, dict) else value
