"""Builds the management SDK's models from JSON by a plan for each class: same models, less search.

The SDK finds each field along a list, reads each annotation anew for each value, and tries each
text as a moment and as a duration by exceptions. The plan is drawn from the SDK's own fields, once
a class; what it does not know goes the SDK's own way.
"""

from collections.abc import Callable
from functools import cache, partial
from typing import Any, Final

PLAIN: Final = frozenset({str, int, float, bool, type(None)})

Builder = Callable[[Any], Any]
Plan = tuple[dict[str, Builder], Builder, dict[str, Any]]
"""Builders by the field's name on the wire, the one for unknown fields, defaults by name."""


class Building:
    """Replacements for one copy of the SDK's `model_base`."""

    def __init__(self, module: Any) -> None:
        self._sdk = module
        self._serialize_whole = module._serialize  # noqa: SLF001
        self._callable_whole = module._get_deserialize_callable_from_annotation  # noqa: SLF001
        self._deserialize_whole = module._deserialize_with_callable  # noqa: SLF001
        self._rare = module.ET.Element, module._Null  # noqa: SLF001
        self._callables: dict[Any, Any] = {}
        self._plans: dict[type, Plan] = {}
        self._is_model = cache(lambda kind: issubclass(kind, module.Model))

    def initializer(self) -> Callable[..., None]:
        """Return what stands in for `Model.__init__`."""
        whole, keep = self._sdk.Model.__init__, self._sdk._MyMutableMapping.__init__  # noqa: SLF001
        plans, draw = self._plans, self._draw

        def initialize(model: Any, *arguments: Any, **fields: Any) -> None:
            if len(arguments) != 1 or type(arguments[0]) is not dict:
                whole(model, *arguments, **fields)
                return
            builders, other, defaults = plans.get(type(model)) or draw(type(model))
            content = {k: builders.get(k, other)(v) for k, v in arguments[0].items()}
            for name, default in defaults.items():
                content.setdefault(name, default)
            keep(model, content)

        return initialize

    def serialize(self, o: Any, format: str | None = None) -> Any:  # noqa: A002 - the SDK's name
        """Stand in for `_serialize`."""
        return o if format is None and type(o) in PLAIN else self._serialize_whole(o, format)

    def callable_of(self, annotation: Any, module: str | None, rf: Any = None) -> Any:
        """Stand in for `_get_deserialize_callable_from_annotation`."""
        if rf is not None:  # the field learns from its annotation
            return self._callable_whole(annotation, module, rf)
        key = annotation, module
        if key not in self._callables:
            self._callables[key] = self._callable_whole(annotation, module, rf)
        return self._callables[key]

    def deserialize(self, deserializer: Any, value: Any) -> Any:
        """Stand in for `_deserialize_with_callable`."""
        if value is None or deserializer is None:
            return value
        kind = self._sdk.CaseInsensitiveEnumMeta
        if isinstance(value, self._rare) or isinstance(deserializer, kind):
            return self._deserialize_whole(deserializer, value)
        try:
            if isinstance(deserializer, type) and self._is_model(deserializer):
                return deserializer._deserialize(value, [])  # type: ignore[attr-defined]  # noqa: SLF001
            return deserializer(value)
        except Exception as error:
            raise self._sdk.DeserializationError from error

    def _draw(self, kind: Any) -> Plan:
        fields = [*kind._attr_to_rest_field.values()]  # noqa: SLF001
        # Of two fields with one name the SDK takes the first.
        builders = {field._rest_name: self._of_field(field) for field in reversed(fields)}  # noqa: SLF001
        unset = self._sdk._UNSET  # noqa: SLF001
        defaults = {
            field._rest_name: self._sdk._create_value(field, field._default)  # noqa: SLF001
            for field in fields
            if field._default is not unset  # noqa: SLF001
        }
        self._plans[kind] = builders, self.serialize, defaults
        return self._plans[kind]

    def _of_field(self, field: Any) -> Builder:
        if field._is_multipart_file_input:  # noqa: SLF001
            return lambda value: value
        if field._is_model:  # noqa: SLF001
            return self._of_callable(field._type)  # noqa: SLF001
        if field._format is None:  # noqa: SLF001
            return self.serialize
        return partial(self._sdk._create_value, field)  # noqa: SLF001

    def _of_callable(self, call: Any) -> Builder:
        sdk = self._sdk
        known = call.func if isinstance(call, partial) else None
        if known is sdk._deserialize_with_optional:  # noqa: SLF001
            return self._of_callable(call.args[0])
        if known is sdk._deserialize_model and isinstance(call.args[0], type):  # noqa: SLF001
            return self._of_model(call.args[0])
        if known is sdk._deserialize_sequence:  # noqa: SLF001
            return self._of_list(call)
        return partial(self.deserialize, call)

    def _of_list(self, call: Any) -> Builder:
        build = self._of_callable(call.args[0])

        def build_list(value: Any) -> Any:
            if type(value) is list:
                return [build(one) for one in value]
            return self.deserialize(call, value)

        return build_list

    def _of_model(self, kind: Any) -> Builder:
        has_kinds = hasattr(kind, "__mapping__")
        rare, model = self._rare, self._sdk.Model

        def build_model(value: Any) -> Any:
            if value is None or isinstance(value, (*rare, model)):
                return self.deserialize(partial(self._sdk._deserialize_model, kind), value)  # noqa: SLF001
            try:
                return kind._deserialize(value, []) if has_kinds else kind(value)  # noqa: SLF001
            except Exception:  # noqa: BLE001 - as the SDK: what is no such model stays as it is
                return value

        return build_model
