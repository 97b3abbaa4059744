"""`$filter` of the price list: `eq`, `ne`, `and`, `or`, `not`, brackets, and three functions.

Names of fields in any case, values compared as they are: the price list is case-sensitive since
version 2023-01-01-preview. Source: Azure docs, Retail Prices API.
"""

import re
from collections.abc import Callable
from typing import Final

from local.arm.price.errors import BadFilterError
from local.arm.wire import Json

Test = Callable[[Json], bool]

_TOKEN: Final = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)")
ALIASES: Final = {"pricetype": "type"}
"""`priceType` of the filter is `type` of the items."""
COMPARISONS: Final = ("eq", "ne")
FUNCTIONS: Final[dict[str, Callable[[str, str], bool]]] = {
    "contains": lambda text, part: part in text,
    "startswith": str.startswith,
    "endswith": str.endswith,
}


def parse(text: str) -> Test:
    """Return the test that a filter is; BadFilterError if it cannot be read."""
    reader = _Reader(text)
    test = reader.any_of()
    if reader.peek():
        raise BadFilterError(f"unexpected '{reader.peek()}'")
    return test


class _Reader:
    """Reads tokens by recursive descent: or, and, not, comparison."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            if found is None:
                raise BadFilterError(f"unexpected text at {at}")
            self.tokens.append(found[1])
            at = found.end()
        self.at = 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token.lower() != wanted):
            raise BadFilterError(f"expected '{wanted or 'more'}', found '{token}'")
        self.at += 1
        return token

    def any_of(self) -> Test:
        tests = [self.all_of()]
        while self.peek().lower() == "or":
            self.take()
            tests.append(self.all_of())
        return lambda item: any(test(item) for test in tests)

    def all_of(self) -> Test:
        tests = [self.one()]
        while self.peek().lower() == "and":
            self.take()
            tests.append(self.one())
        return lambda item: all(test(item) for test in tests)

    def one(self) -> Test:
        word = self.take()
        if word == "(":
            test = self.any_of()
            self.take(")")
            return test
        if word.lower() == "not":
            test = self.one()
            return lambda item: not test(item)
        if word.lower() in FUNCTIONS:
            return self.function(FUNCTIONS[word.lower()])
        return self.comparison(word)

    def function(self, holds: Callable[[str, str], bool]) -> Test:
        self.take("(")
        field = _field(self.take())
        self.take(",")
        part = self.literal()
        self.take(")")
        return lambda item: holds(str(item.get(field) or ""), part)

    def comparison(self, name: str) -> Test:
        field, operator = _field(name), self.take().lower()
        if operator not in COMPARISONS:
            raise BadFilterError(f"operator '{operator}' is not supported")
        value, equal = self.literal(), operator == "eq"
        return lambda item: (_text(item.get(field)) == value) is equal

    def literal(self) -> str:
        token = self.take()
        quoted = token.startswith("'")
        return token[1:-1].replace("''", "'") if quoted else token


def _field(name: str) -> str:
    return ALIASES.get(name.lower(), name[:1].lower() + name[1:])


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
