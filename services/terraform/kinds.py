"""What an attribute may hold, with the conversions that Terraform itself makes."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from services.terraform.terms import Kind

_WHOLE: Final = re.compile(r"-?\d{1,18}")


class WrongKind(Exception):  # noqa: N818 - said of the code
    """A value that is not what its attribute holds."""


def of_kind(value: Any, kind: Kind) -> Any:
    """Return the value as the node document has it. Raises `WrongKind`."""
    return _READERS[kind](value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise WrongKind("must be a text")


def _number(value: Any) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise WrongKind("must be a whole number")


def _flag(value: Any) -> bool:
    found = {"true": True, "false": False}.get(value) if isinstance(value, str) else value
    if isinstance(found, bool):
        return found
    raise WrongKind("must be true or false")


def _texts(value: Any) -> list[str]:
    if not isinstance(value, list):
        raise WrongKind("must be a list of texts")
    return [_text(one) for one in value]


def _settings(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise WrongKind("must be a map of texts")
    return {str(key): _text(one) for key, one in value.items()}


_READERS: Final[Mapping[Kind, Callable[[Any], Any]]] = {
    Kind.TEXT: _text,
    Kind.NUMBER: _number,
    Kind.FLAG: _flag,
    Kind.TEXTS: _texts,
    Kind.SETTINGS: _settings,
}
