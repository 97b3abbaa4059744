"""Route templates as ASP.NET reads them, and the order in which they win."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

ALL_METHODS: Final = frozenset(
    {"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT"}
)
PARAMETER: Final = re.compile(
    r"\{(?P<star>\*{0,2})(?P<name>[^:=?{}]+)(?P<rules>(?::(?:[^{}()=?]+|\([^)]*\))+)*)"
    r"(?:=(?P<default>[^{}?]*))?(?P<optional>\??)\}"
)
RULE: Final = re.compile(r":([A-Za-z]+)(?:\(([^)]*)\))?")


class TemplateError(ValueError):
    """A route template that cannot be read."""


def _is_guid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text))


def _is_int(text: str, bits: int) -> bool:
    edge = 1 << (bits - 1)
    return bool(re.fullmatch(r"[+-]?\d+", text)) and -edge <= int(text) < edge


def _length(text: str, argument: str) -> bool:
    low, _, high = argument.partition(",")
    return int(low) <= len(text) <= int(high or low)


def _range(text: str, argument: str) -> bool:
    low, _, high = argument.partition(",")
    return _is_int(text, 64) and int(low) <= int(text) <= int(high)


RULES: Final[dict[str, Callable[[str, str], bool]]] = {
    "int": lambda text, _: _is_int(text, 32),
    "long": lambda text, _: _is_int(text, 64),
    "bool": lambda text, _: text.lower() in ("true", "false"),
    "guid": lambda text, _: _is_guid(text),
    "alpha": lambda text, _: bool(re.fullmatch(r"[A-Za-z]*", text)),
    "decimal": lambda text, _: _is_number(text),
    "double": lambda text, _: _is_number(text),
    "float": lambda text, _: _is_number(text),
    "datetime": lambda text, _: bool(re.match(r"\d{1,4}[-/]\d{1,2}[-/]\d{1,4}", text)),
    "length": _length,
    "minlength": lambda text, low: len(text) >= int(low),
    "maxlength": lambda text, high: len(text) <= int(high),
    "min": lambda text, low: _is_int(text, 64) and int(text) >= int(low),
    "max": lambda text, high: _is_int(text, 64) and int(text) <= int(high),
    "range": _range,
    "regex": lambda text, pattern: bool(re.search(pattern, text, re.IGNORECASE)),
    "required": lambda text, _: bool(text),
}


@dataclass(frozen=True)
class Segment:
    """One part of a template between slashes; it may mix text and parameters."""

    pattern: re.Pattern[str]
    names: tuple[str, ...] = ()
    rules: tuple[tuple[str, str, str], ...] = ()
    optional: bool = False
    rest: bool = False
    literal: bool = False
    default: tuple[str, str] | None = None

    @property
    def rank(self) -> int:
        """Lower wins. Source: ASP.NET Core's route precedence."""
        if self.literal:
            return 1
        bare = 5 if self.rest else 3
        return bare - 1 if self.rules else bare

    def match(self, text: str) -> dict[str, str] | None:
        """Return the parameters in this text, None if it does not fit."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        values = dict(zip(self.names, found.groups(), strict=True))
        return values if all(RULES[r](values[n], a) for n, r, a in self.rules) else None


class Template:
    """A route template, matched against decoded path segments, in any case."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._segments = [_segment(part) for part in _split(text)]

    @property
    def precedence(self) -> tuple[int, ...]:
        """Sort key: literal parts win over parameters, constrained over bare, all over the rest."""
        return tuple(segment.rank for segment in self._segments)

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """Return the route parameters of a path, None if the template does not fit."""
        values: dict[str, str] = {}
        rest = list(parts)
        for segment in self._segments:
            if segment.rest:
                found, rest = segment.match("/".join(rest)), []
            elif rest:
                found = segment.match(rest.pop(0))
            else:
                found = _absent(segment)
            if found is None:
                return None
            values.update(found)
        return None if rest else values


def _absent(segment: Segment) -> dict[str, str] | None:
    if segment.default is not None:
        return dict([segment.default])
    return {} if segment.optional else None


def _split(text: str) -> list[str]:
    parts, depth, current = [], 0, ""
    for char in text.strip("/"):
        depth += (char == "{") - (char == "}")
        if char == "/" and depth == 0:
            parts.append(current)
            current = ""
        else:
            current += char
    return [part for part in [*parts, current] if part]


def _segment(part: str) -> Segment:
    found = list(PARAMETER.finditer(part))
    if not found:
        if "{" in part or "}" in part:
            raise TemplateError(f"cannot read the route segment '{part}'")
        return Segment(re.compile(re.escape(part), re.IGNORECASE), literal=True)
    pattern, at = "", 0
    names: list[str] = []
    rules: list[tuple[str, str, str]] = []
    for each in found:
        name = each["name"].strip()
        pattern += re.escape(part[at : each.start()])
        names.append(name)
        pattern += "(.*)" if each["star"] else "(.+)"
        at = each.end()
        rules += [(name, rule.lower(), argument) for rule, argument in RULE.findall(each["rules"])]
    unknown = [rule for _, rule, _ in rules if rule not in RULES]
    if unknown:
        raise TemplateError(f"unknown route constraint '{unknown[0]}' in '{part}'")
    only = found[0]
    return Segment(
        re.compile(pattern + re.escape(part[at:]), re.IGNORECASE | re.DOTALL),
        tuple(names),
        tuple(rules),
        optional=bool(only["optional"]),
        rest=bool(only["star"]),
        default=(only["name"], only["default"]) if only["default"] is not None else None,
    )
