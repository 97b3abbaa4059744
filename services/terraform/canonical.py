r"""Prints Terraform code the way `terraform fmt` leaves it.

Its rules, as far as this code meets them (source: HashiCorp HCL, hclwrite/format.go): two blanks
a level; the `=` of lines that follow each other stand in one column, one blank behind the longest
name; a comment line, an empty line, a block and the line that opens a map of several lines end
such a group; one blank around `=` elsewhere; one blank before `{`; no blanks inside `[` and `]`;
no blanks at the end of a line. A heredoc stands apart, between empty lines.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

INDENT: Final = "  "
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_KEYWORDS: Final = frozenset(
    {"null", "true", "false", "for", "if", "in", "else", "endif", "endfor"}
)
_TEMPLATE: Final = re.compile(r"([$%])(?=\{)")
_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
_FIRST_LONG: Final = 0x10000
"""First character whose number needs more than four hexadecimal digits."""


@dataclass(frozen=True)
class Reference:
    """Something that Terraform looks up, such as `var.password`."""

    code: str


Scalar = str | int | bool | Reference
Value = Scalar | Sequence[Scalar] | Mapping[str, Scalar]


@dataclass(frozen=True)
class Assigned:
    """`name = value`."""

    name: str
    value: Value


@dataclass(frozen=True)
class Comment:
    """A line of comment."""

    text: str


@dataclass
class Section:
    """A block with its labels, or the whole file (no name)."""

    name: str = ""
    labels: tuple[str, ...] = ()
    parts: "list[Part]" = field(default_factory=list)
    note: str = ""
    """Comment right above it."""


Part = Assigned | Comment | Section


def printed(file: Section) -> str:
    """Return the code of a file; ends with a line end."""
    return "".join(f"{line}\n" for line in _inside(file, ""))


def _inside(section: Section, margin: str) -> Iterator[str]:
    """Yield the lines of a body: attributes in groups, an empty line around what stands apart."""
    group: list[tuple[str, str]] = []
    before: Part | None = None
    for part in section.parts:
        is_short = isinstance(part, Assigned) and not _is_long(part.value)
        apart = before is not None and _apart(before, part)
        if apart or not is_short:
            yield from _aligned(group, margin)
            group = []
        if apart:
            yield ""
        if isinstance(part, Assigned) and not _is_long(part.value):
            group.append((part.name, expression(part.value)))
        else:
            yield from _lines(part, margin)
        before = part
    yield from _aligned(group, margin)


def _apart(before: "Part", part: "Part") -> bool:
    """Tell whether an empty line stands between two parts: between short attributes none does."""
    if isinstance(before, Comment) and isinstance(part, Comment):
        return False
    return any(not isinstance(one, Assigned) or _is_prose(one.value) for one in (before, part))


def _lines(part: "Part", margin: str) -> Iterator[str]:
    match part:
        case Comment():
            yield from (f"{margin}# {line}".rstrip() for line in part.text.split("\n"))
        case Assigned(value=str()):
            yield from _heredoc(f"{margin}{part.name} = ", str(part.value))
        case Assigned(value=Mapping() as entries):
            yield f"{margin}{part.name} = {{"
            told = [(_key(key), expression(one)) for key, one in entries.items()]
            yield from _aligned(told, margin + INDENT)
            yield f"{margin}}}"
        case Section():
            if part.note:
                yield f"{margin}# {part.note}"
            head = " ".join((part.name, *(quoted(label) for label in part.labels)))
            yield f"{margin}{head} {{" if part.parts else f"{margin}{head} {{}}"
            if part.parts:
                yield from _inside(part, margin + INDENT)
                yield f"{margin}}}"


def _aligned(group: list[tuple[str, str]], margin: str) -> Iterator[str]:
    width = max((len(name) for name, _ in group), default=0)
    yield from (f"{margin}{name.ljust(width)} = {code}" for name, code in group)


def expression(value: Value) -> str:
    """Return the code of a value that fits a line."""
    match value:
        case Reference():
            return value.code
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return quoted(value)
        case _:
            return f"[{', '.join(expression(one) for one in value)}]"


def _key(key: str) -> str:
    """Return a key of a map. All ASCII: so its columns are its characters."""
    if _NAME.fullmatch(key) and key not in _KEYWORDS:
        return key
    said = "".join(_character(one) if one.isascii() else _by_number(one) for one in key)
    return f'"{_escaped(said)}"'


def quoted(text: str) -> str:
    """Return a text in quotes, with everything escaped that would mean something there."""
    said = "".join(_character(one) for one in text)
    return f'"{_escaped(said)}"'


def _escaped(text: str) -> str:
    return _TEMPLATE.sub(r"\1\1", text)


def _character(one: str) -> str:
    return _SHORT.get(one) or (one if one.isprintable() else _by_number(one))


def _by_number(one: str) -> str:
    code = ord(one)
    return f"\\u{code:04x}" if code < _FIRST_LONG else f"\\U{code:08x}"


def _is_long(value: Value) -> bool:
    return isinstance(value, Mapping) or _is_prose(value)


def _is_prose(value: Value) -> bool:
    """Tell whether this is lines of plain text: only that can be a heredoc unchanged."""
    if not isinstance(value, str):
        return False
    *lines, last = value.split("\n")
    plain = all(line.isprintable() and line == line.rstrip() for line in lines)
    return len(lines) > 1 and not last and plain


def _heredoc(head: str, text: str) -> Iterator[str]:
    lines = text.split("\n")[:-1]
    mark = "EOT"
    while any(line.strip() == mark for line in lines):
        mark += "_"
    yield f"{head}<<{mark}"
    yield from (_escaped(line) for line in lines)
    yield mark
