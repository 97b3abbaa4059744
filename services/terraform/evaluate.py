"""What an expression of Terraform code says, as far as it can be known without Terraform."""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from lark import Token, Tree

from services.terraform.syntax import Body, Grown, Written, placed
from services.terraform.templates import Insert, Text

DIGITS_MAX: Final = 18
"""Digits of a number: the provider's numbers are 64 bit."""
_VARIABLE: Final = re.compile(r"var\.([A-Za-z_][\w-]*)")


class Unknown(Exception):  # noqa: N818 - said of the code
    """An expression whose value is not known here."""


class Withheld(Unknown):
    """A sensitive variable that has no value here: whoever runs Terraform gives it."""


@dataclass(frozen=True)
class Scope:
    """Values of variables by name."""

    variables: Mapping[str, Any] = field(default_factory=dict, repr=False)
    sensitive: frozenset[str] = frozenset()

    def variable(self, name: str) -> Any:
        """Return a variable's value. Raises `Unknown`, `Withheld`."""
        if name in self.variables:
            return self.variables[name]
        if name in self.sensitive:
            raise Withheld(f"is the sensitive variable var.{name}, whose value is not here")
        raise Unknown(f"the value of var.{name} is not known: send it in variables")


def scope_of(file: Body, given: Mapping[str, Any]) -> Scope:
    """Return the variables of a file: those that were given, else their defaults."""
    declared = [one for one in file.blocks if one.name == "variable" and one.labels]
    told = {one.labels[0]: _simple_values(one.body) for one in declared}
    defaults = {name: told[name]["default"] for name in told if "default" in told[name]}
    sensitive = frozenset(name for name in told if told[name].get("sensitive") is True)
    return Scope({**defaults, **given}, sensitive)


def _simple_values(body: Body) -> dict[str, Any]:
    """Return the attributes whose value is written out."""
    found: dict[str, Any] = {}
    for attribute in body.attributes:
        try:
            found[attribute.name] = value_of(attribute, Scope())
        except Unknown:
            continue
    return found


def value_of(written: Written, scope: Scope) -> Any:
    """Return the attribute's value as JSON has it. Raises `Unknown`."""
    try:
        return _Reader(written.texts, scope).value(written.expression)
    except RecursionError:
        raise Unknown("this is too long an expression; write the value") from None


@dataclass(frozen=True)
class _Reader:
    texts: list[Text]
    scope: Scope

    def value(self, tree: Grown | Token) -> Any:
        if isinstance(tree, Token):
            raise Unknown("this is an expression; write the value")
        reads: dict[str, Callable[[Grown], Any]] = {
            "expr_term": self._term,
            "string": self._string,
            "int_lit": self._number,
            "float_lit": self._number,
            "literal_value": self._literal,
            "unary_op": self._negative,
            "tuple": self._list,
            "object": self._map,
            "get_attr_expr_term": self._reference,
            "function_call": self._call,
        }
        read = reads.get(str(tree.data))
        if read is None:
            raise Unknown("this is an expression; write the value")
        return read(tree)

    def _term(self, tree: Grown) -> Any:
        return self.value(_trees(tree)[0])

    def _string(self, tree: Grown) -> Any:
        text = placed(tree, self.texts)
        if len(text.parts) == 1 and isinstance(text.parts[0], Insert):
            return self._inserted(text.parts[0])
        return "".join(self._said(part) for part in text.parts)

    def _said(self, part: str | Insert) -> str:
        if isinstance(part, str):
            return part
        value = self._inserted(part)
        if isinstance(value, bool):
            return "true" if value else "false"
        if not isinstance(value, str | int | float):
            raise Unknown("only a text or a number can stand inside a text")
        return str(value)

    def _inserted(self, part: Insert) -> Any:
        found = _VARIABLE.fullmatch(part.code)
        if found is None:
            raise Unknown("this text has an expression in it; write it out")
        return self.scope.variable(found[1])

    def _number(self, tree: Grown) -> Any:
        text = str(tree.children[0])
        if len(text) > DIGITS_MAX:
            raise Unknown(f"a number has at most {DIGITS_MAX} digits")
        number = float(text)
        return int(number) if number.is_integer() else number

    def _literal(self, tree: Grown) -> Any:
        return {"true": True, "false": False, "null": None}[str(tree.children[0])]

    def _negative(self, tree: Grown) -> Any:
        sign, inner = tree.children
        value = self.value(inner)
        if str(sign) != "-" or isinstance(value, bool) or not isinstance(value, int | float):
            raise Unknown("this is an expression; write the value")
        return -value

    def _list(self, tree: Grown) -> list[Any]:
        return [self.value(one) for one in _trees(tree)]

    def _map(self, tree: Grown) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for element in _trees(tree):
            key, value = _trees(element)
            found[self._key(key)] = self.value(value)
        return found

    def _key(self, tree: Grown) -> str:
        """Return a key of a map: a bare word means itself."""
        words = [*tree.scan_values(lambda _: True)]
        if len(words) == 1:
            return str(words[0])
        (inner,) = _trees(tree)
        key = self.value(inner)
        if not isinstance(key, str):
            raise Unknown("a key must be a text")
        return key

    def _reference(self, tree: Grown) -> Any:
        name = "".join(str(one).strip() for one in tree.scan_values(lambda _: True))
        found = _VARIABLE.fullmatch(name)
        if found is None:
            raise Unknown("this refers to something that is not known here; write the value")
        return self.scope.variable(found[1])

    def _call(self, tree: Grown) -> Any:
        """Return what a function gives: of all functions, base64encode, for the scripts' sake."""
        name, *rest = _trees(tree)
        arguments = _trees(rest[0]) if len(rest) == 1 else []
        if str(name.children[0]) != "base64encode" or len(arguments) != 1:
            raise Unknown("only the function base64encode is known here; write the value")
        value = self.value(arguments[0])
        if not isinstance(value, str):
            raise Unknown("base64encode takes a text")
        return base64.b64encode(value.encode()).decode()


def _trees(tree: Grown) -> list[Grown]:
    """Return the parts of a tree that are not punctuation or line ends."""
    return [
        one for one in tree.children if isinstance(one, Tree) and one.data != "new_line_or_comment"
    ]
