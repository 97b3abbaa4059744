r"""Takes the texts and comments out of Terraform code, before its grammar is looked at.

Each quoted text and each heredoc becomes a short placeholder, `"@7"`, with as many line ends as it
had; so the grammar sees the bones of the code, every line where it was, and no text can mislead
it. What a text holds (escapes, `$${`, interpolations) is read here.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from services.terraform.templates import BadText, Text, TextReader

CODE_CHARACTERS_MAX: Final = 32_768
"""Outside of texts and comments: several times the largest node there can be. The grammar needs a
second for twice as many, and other calls wait meanwhile."""
SOURCE_CHARACTERS_MAX: Final = 524_288
"""Three scripts as long as Azure takes them, in base64, are half of it."""
LINES_MAX: Final = 10_000
"""A node with 44 tags and ten extensions has 800; each costs the grammar, blank or not."""
DEPTH_MAX: Final = 32
"""Brackets within brackets; a node's code has six."""

_PLAIN: Final = re.compile(r'[^"#/<\[\](){}\n]+')
_HEREDOC: Final = re.compile(r"<<(-?)([A-Za-z_][\w.-]*)[ \t]*\r?\n")


class Unreadable(Exception):  # noqa: N818 - said of the code
    """The code cannot be read, and from which line on."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(f"line {line}: {message}")


@dataclass
class Bones:
    """Code without its texts and comments."""

    code: str = ""
    texts: list[Text] = field(default_factory=list)


def bones_of(source: str) -> Bones:
    """Take the texts out. Raises `Unreadable`."""
    if len(source) > SOURCE_CHARACTERS_MAX:
        raise Unreadable(1, f"there are more than {SOURCE_CHARACTERS_MAX} characters")
    if source.count("\n") > LINES_MAX:
        raise Unreadable(LINES_MAX, f"there are more than {LINES_MAX} lines")
    return _Scan(source).run()


class _Scan:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._kept: list[str] = []
        self._texts: list[Text] = []
        self._depth = 0
        self._size = 0

    def run(self) -> Bones:
        while self._at < len(self._source):
            self._step()
        return Bones("".join(self._kept), self._texts)

    def _step(self) -> None:
        source, at = self._source, self._at
        if plain := _PLAIN.match(source, at):
            self._keep(plain.group())
            self._at = plain.end()
        elif source[at] == "#" or source.startswith("//", at):
            end = source.find("\n", at)
            self._at = len(source) if end < 0 else end
        elif source.startswith("/*", at):
            self._skip_comment()
        elif source[at] == '"':
            self._quoted()
        elif heredoc := _HEREDOC.match(source, at):
            self._heredoc(heredoc)
        else:
            self._depth += (source[at] in "[({") - (source[at] in "])}")
            self._keep(source[at])
            self._at += 1

    def _keep(self, code: str) -> None:
        self._size += len(code.strip())
        if self._size > CODE_CHARACTERS_MAX:
            raise self._unreadable(f"there are more than {CODE_CHARACTERS_MAX} characters of code")
        if self._depth > DEPTH_MAX:
            raise self._unreadable(f"more than {DEPTH_MAX} brackets are open")
        self._kept.append(code)

    def _skip_comment(self) -> None:
        end = self._source.find("*/", self._at)
        if end < 0:
            raise self._unreadable("the comment that begins here does not end")
        self._kept.append("\n" * self._source.count("\n", self._at, end))
        self._at = end + 2

    def _quoted(self) -> None:
        reader = TextReader(self._source, self._at + 1, quoted=True)
        self._put(self._read(reader))
        self._at = reader.at

    def _heredoc(self, found: re.Match[str]) -> None:
        flush, mark = found.groups()
        lines: list[str] = []
        at = found.end()
        while True:
            end = self._source.find("\n", at)
            line = self._source[at:] if end < 0 else self._source[at:end]
            if line.strip() == mark:
                break
            if end < 0:
                raise self._unreadable(f"the text that begins here does not end with {mark}")
            lines.append(line.removesuffix("\r") + "\n")
            at = end + 1
        content = "".join(_flushed(lines) if flush else lines)
        self._put(self._read(TextReader(content, 0, quoted=False)))
        self._kept.append("\n" * (len(lines) + 1))
        self._at = at + len(line.removesuffix("\r"))

    def _read(self, reader: TextReader) -> Text:
        try:
            return reader.read()
        except BadText as bad:
            raise self._unreadable(str(bad)) from None

    def _put(self, text: Text) -> None:
        self._keep(f'"@{len(self._texts)}"')
        self._texts.append(text)

    def _unreadable(self, message: str) -> Unreadable:
        return Unreadable(self._source.count("\n", 0, self._at) + 1, message)


def _flushed(lines: list[str]) -> list[str]:
    """Take away the blanks that all lines of a `<<-` text begin with."""
    margins = [len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()]
    margin = min(margins, default=0)
    return [line[margin:] if line.strip() else line.lstrip(" \t") for line in lines]
