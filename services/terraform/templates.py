r"""Reads one text of Terraform code: its escapes, and what it has inserted with `${...}`."""

import re
from dataclasses import dataclass
from typing import Final

_RUNS: Final = {True: re.compile(r'[^"\\$%\n]+'), False: re.compile(r"[^$%]+")}
"""Characters that mean themselves: in quotes, and in a heredoc."""
_EDGE: Final = re.compile(r'[{}"]')
_UNICODE: Final = re.compile(r"u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})")
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_SURROGATES: Final = range(0xD800, 0xE000)
_BEYOND_UNICODE: Final = 0x110000
NESTED_MAX: Final = 8
"""Texts within insertions within texts."""


class BadText(Exception):  # noqa: N818 - said of the code
    """A text that cannot be read."""


@dataclass(frozen=True)
class Insert:
    """What stands between `${` and `}` in a text; with its `%{` where it is a directive."""

    code: str


@dataclass(frozen=True)
class Text:
    """One quoted text or heredoc: what it says, and what it has inserted."""

    parts: tuple[str | Insert, ...]


class TextReader:
    """Reads a text from a place on; `at` is then behind it."""

    def __init__(self, source: str, at: int, *, quoted: bool, nested: int = 0) -> None:
        self.at = at
        self._source = source
        self._quoted = quoted
        self._nested = nested
        self._parts: list[str | Insert] = []
        self._said: list[str] = []

    def read(self) -> Text:
        """Return the text. Raises `BadText`."""
        if self._nested > NESTED_MAX:
            raise BadText(f"texts are nested more than {NESTED_MAX} deep")
        while not self._is_over():
            self._step()
        self._end_literal()
        return Text(tuple(self._parts))

    def _is_over(self) -> bool:
        """Tell whether the text ends here, and step over its final quote."""
        if self.at >= len(self._source):
            if self._quoted:
                raise BadText("the text that begins here does not end")
            return True
        if not self._quoted or self._source[self.at] != '"':
            return False
        self.at += 1
        return True

    def _step(self) -> None:
        source, at = self._source, self.at
        if run := _RUNS[self._quoted].match(source, at):
            self._said.append(run.group())
            self.at = run.end()
        elif self._quoted and source[at] == "\n":
            raise BadText("the text that begins here does not end in its line")
        elif self._quoted and source[at] == "\\":
            self._escape()
        elif source.startswith(("$${", "%%{"), at):
            self._said.append(source[at + 1 : at + 3])
            self.at += 3
        elif source.startswith(("${", "%{"), at):
            self._insert()
        else:
            self._said.append(source[at])
            self.at += 1

    def _escape(self) -> None:
        after = self._source[self.at + 1 : self.at + 2]
        if unicode := _UNICODE.match(self._source, self.at + 1):
            code = int(unicode[1] or unicode[2], 16)
            if code in _SURROGATES or code >= _BEYOND_UNICODE:
                raise BadText("the text that begins here has an escape that is no character")
            self._said.append(chr(code))
            self.at = unicode.end()
        elif after in _ESCAPES:
            self._said.append(_ESCAPES[after])
            self.at += 2
        else:
            raise BadText("the text that begins here has an escape that there is not")

    def _insert(self) -> None:
        """Read up to the brace that ends what is inserted, over texts and braces inside it."""
        self._end_literal()
        directive = self._source[self.at] == "%"
        start = self.at + 2
        depth, at = 1, start
        while depth:
            edge = _EDGE.search(self._source, at)
            if edge is None:
                raise BadText("the text that begins here has a ${ or %{ that does not end")
            at = edge.end()
            if edge.group() == '"':
                inner = TextReader(self._source, at, quoted=True, nested=self._nested + 1)
                inner.read()
                at = inner.at
            else:
                depth += 1 if edge.group() == "{" else -1
        code = self._source[start : at - 1].strip()
        self._parts.append(Insert(f"%{{{code}" if directive else code))
        self.at = at

    def _end_literal(self) -> None:
        if self._said:
            self._parts.append("".join(self._said))
            self._said.clear()
