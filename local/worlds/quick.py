"""Liberties with the SDKs that make simulations faster and that no result shows.

Models are built by plan (`building`), catalogues that no world changes are built once, and what an
SDK finds out at each call in a costly way is found out in a cheap one. A test runs one world with
and one without: their logs are equal byte for byte. Nothing of this is in the product.
"""

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import SimpleNamespace
from typing import Any, Final

from local.worlds.building import Building

LONG: Final = 50
"""Elements from which a list is a catalogue: the same in each world, and dear to build."""
KEPT: Final = 8
"""Catalogues that are kept: a region's sizes, with and without restrictions."""

Replacements = dict[str, Any]


@contextmanager
def hurried() -> Iterator[None]:
    """Take the liberties for the length of a `with`."""
    before: list[tuple[Any, Replacements]] = []
    try:
        for place, new in _replacements():
            before.append((place, {name: vars(place)[name] for name in new}))
            _put(place, new)
        yield
    finally:
        for place, old in reversed(before):
            _put(place, old)


def _replacements() -> Iterator[tuple[Any, Replacements]]:
    for where, make in LIBERTIES.items():
        if where not in _MADE:
            module, _, name = where.partition(":")
            place: Any = importlib.import_module(module)
            place = getattr(place, name) if name else place
            _MADE[where] = place, make(place)
        yield _MADE[where]


_MADE: Final[dict[str, tuple[Any, Replacements]]] = {}


def _put(place: Any, new: Replacements) -> None:
    for name, value in new.items():
        setattr(place, name, value)


def _models(module: Any) -> Replacements:
    building = _building(module)
    return {
        "_serialize": building.serialize,
        "_get_deserialize_callable_from_annotation": building.callable_of,
        "_deserialize_with_callable": building.deserialize,
    }


def _model(model: Any) -> Replacements:
    return {"__init__": _building(sys.modules[model.__module__]).initializer()}


@cache
def _building(module: Any) -> Building:
    return Building(module)


def _prices(module: Any) -> Replacements:
    """Remember the items of the simulator's price list: a thousand UUIDs each time otherwise."""
    whole = module._item  # noqa: SLF001
    known: dict[Any, Any] = {}

    def item(region: str, size: Any, system: str, meter: Any) -> Any:
        key = region, size.name, system, meter
        if key not in known:
            known[key] = whole(region, size, system, meter)
        return known[key]

    return {"_item": item}


def _lists(module: Any) -> Replacements:
    whole = module._deserialize  # noqa: SLF001
    known: dict[tuple[int, Any], tuple[Any, Any]] = {}

    def deserialize(deserializer: Any, value: Any, *more: Any, **options: Any) -> Any:
        if not isinstance(value, list) or len(value) < LONG or more or options:
            return whole(deserializer, value, *more, **options)
        key = id(value), deserializer
        if key not in known:
            if len(known) == KEPT:
                del known[next(iter(known))]
            known[key] = value, whole(deserializer, value)
        return known[key][1]

    return {"_deserialize": deserialize}


def _signatures(module: Any) -> Replacements:
    """Remember the parameters of the decorators' classes: an app of thirty functions asks often."""
    signature = cache(module.inspect.signature)
    return {"inspect": SimpleNamespace(signature=signature)}


async def _await_result(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    result = call(*arguments, **options)
    return await result if hasattr(result, "__await__") else result


LIBERTIES: Final[Mapping[str, Callable[[Any], Replacements]]] = {
    "azure.mgmt.compute._utils.model_base": _models,
    "azure.mgmt.compute._utils.model_base:Model": _model,
    "azure.mgmt.network._utils.model_base": _models,
    "azure.mgmt.network._utils.model_base:Model": _model,
    "azure.mgmt.compute.aio.operations._operations": _lists,
    "azure.core.pipeline._base_async": lambda _module: {"_await_result": _await_result},
    "azure.functions.decorators.utils": _signatures,
    "local.arm.price.wire": _prices,
}
"""What is replaced, by module, or class in a module."""
