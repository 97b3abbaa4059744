"""Liberties with the SDKs that make simulations faster and that no result shows.

The management clients build their models in general ways: each text is tried as a moment and as a
duration by exceptions, each annotation is read anew for each value, each field is looked for along
a list. In a simulated world the same answers come from tables, and catalogues that no world changes
are built once. A test runs one world with and one without: their logs are equal byte for byte.
Nothing of this is in the product.
"""

import importlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial
from types import ModuleType
from typing import Any, Final

PLAIN: Final = frozenset({str, int, float, bool, type(None)})
LONG: Final = 100
"""Elements from which a list is a catalogue: the same in each world, and dear to build."""
KEPT: Final = 8
"""Catalogues that are kept: a region's sizes, with and without restrictions."""

Replacements = dict[str, Any]


@contextmanager
def hurried() -> Iterator[None]:
    """Take the liberties for the length of a `with`."""
    before: list[tuple[ModuleType, Replacements]] = []
    try:
        for module, new in _replacements():
            before.append((module, {name: vars(module)[name] for name in new}))
            vars(module).update(new)
        yield
    finally:
        for module, old in reversed(before):
            vars(module).update(old)


def _replacements() -> Iterator[tuple[ModuleType, Replacements]]:
    for name, make in LIBERTIES.items():
        if name not in _MADE:
            module = importlib.import_module(name)
            _MADE[name] = module, make(module)
        yield _MADE[name]


_MADE: Final[dict[str, tuple[ModuleType, Replacements]]] = {}


def _models(module: Any) -> Replacements:
    return {
        "_serialize": _serialize(module),
        "_get_rest_field": _get_rest_field(),
        "_get_deserialize_callable_from_annotation": _callable_of(module),
        "_deserialize_with_callable": _deserialize_with_callable(module),
    }


def _serialize(module: Any) -> Callable[..., Any]:
    whole = module._serialize  # noqa: SLF001

    def serialize(o: Any, format: str | None = None) -> Any:  # noqa: A002 - the SDK's name
        return o if format is None and type(o) in PLAIN else whole(o, format)

    return serialize


def _get_rest_field() -> Callable[..., Any]:
    known: dict[int, tuple[dict[str, Any], dict[str, Any]]] = {}

    def get_rest_field(attr_to_rest_field: dict[str, Any], rest_name: str) -> Any:
        kept, fields = known.get(id(attr_to_rest_field), ({}, {}))
        if kept is not attr_to_rest_field:
            ordered = reversed(attr_to_rest_field.values())  # the first of two namesakes wins
            fields = {field._rest_name: field for field in ordered}  # noqa: SLF001
            known[id(attr_to_rest_field)] = attr_to_rest_field, fields
        return fields.get(rest_name)

    return get_rest_field


def _callable_of(module: Any) -> Callable[..., Any]:
    whole = module._get_deserialize_callable_from_annotation  # noqa: SLF001
    known: dict[Any, Any] = {}

    def callable_of(annotation: Any, module: str | None, rf: Any = None) -> Any:
        if rf is not None:  # the field learns from its annotation
            return whole(annotation, module, rf)
        key = annotation, module
        if key not in known:
            known[key] = whole(annotation, module, rf)
        return known[key]

    return callable_of


def _deserialize_with_callable(module: Any) -> Callable[[Any, Any], Any]:
    whole = module._deserialize_with_callable  # noqa: SLF001
    rare = module.ET.Element, module._Null  # noqa: SLF001
    enum_type, trouble = module.CaseInsensitiveEnumMeta, module.DeserializationError
    is_model = cache(partial(_is_under, module.Model))

    def deserialize(deserializer: Any, value: Any) -> Any:
        if value is None or deserializer is None:
            return value
        if isinstance(value, rare) or isinstance(deserializer, enum_type):
            return whole(deserializer, value)
        try:
            if isinstance(deserializer, type) and is_model(deserializer):
                return deserializer._deserialize(value, [])  # type: ignore[attr-defined]  # noqa: SLF001
            return deserializer(value)
        except Exception as error:
            raise trouble from error

    return deserialize


def _is_under(base: type, kind: type) -> bool:
    return issubclass(kind, base)


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


async def _await_result(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    result = call(*arguments, **options)
    return await result if hasattr(result, "__await__") else result


LIBERTIES: Final[Mapping[str, Callable[[Any], Replacements]]] = {
    "azure.mgmt.compute._utils.model_base": _models,
    "azure.mgmt.network._utils.model_base": _models,
    "azure.mgmt.compute.aio.operations._operations": _lists,
    "azure.core.pipeline._base_async": lambda _module: {"_await_result": _await_result},
    "local.arm.price.wire": _prices,
}
"""What is replaced, by module."""
