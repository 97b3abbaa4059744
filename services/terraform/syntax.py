"""Terraform code as attributes and blocks, each with its line."""

from dataclasses import dataclass, field

from hcl2 import parses_to_tree
from lark import Token, Tree
from lark.exceptions import LarkError, UnexpectedInput, UnexpectedToken

from services.terraform.templates import Text
from services.terraform.texts import Unreadable, bones_of

Grown = Tree[Token]
TOKEN_SHOWN = 40
"""Characters of what was not expected that an error repeats."""


@dataclass(frozen=True)
class Written:
    """One attribute: its expression as the grammar sees it, with the texts taken out."""

    name: str
    line: int
    expression: Grown | Token
    texts: list[Text]


@dataclass(frozen=True)
class Body:
    """What stands between the braces of a block, or in the file."""

    line: int
    attributes: list[Written] = field(default_factory=list)
    blocks: "list[BlockWritten]" = field(default_factory=list)


@dataclass(frozen=True)
class BlockWritten:
    """One block."""

    name: str
    labels: tuple[str, ...]
    line: int
    body: Body


def parse(source: str) -> Body:
    """Read Terraform code. Raises `Unreadable` with the line and what is wrong there."""
    bones = bones_of(source)
    try:
        tree = parses_to_tree(bones.code)
    except UnexpectedInput as error:
        raise _unexpected(error) from None
    except LarkError as error:
        raise Unreadable(1, f"this is not Terraform code: {type(error).__name__}") from None
    body = next(one for one in tree.children if isinstance(one, Tree))
    return _body(body, 1, bones.texts)


def _unexpected(error: UnexpectedInput) -> Unreadable:
    line = error.line if error.line and error.line > 0 else 1
    if isinstance(error, UnexpectedToken):
        text = str(error.token).strip()[:TOKEN_SHOWN]
        if error.token.type == "$END":
            return Unreadable(line, "the code ends in the middle of something")
        said = "a text" if text.startswith(('"', "@")) else text or "this line end"
        return Unreadable(line, f"{said} was not expected here")
    return Unreadable(line, "a character was not expected here")


def _body(tree: Grown, line: int, texts: list[Text]) -> Body:
    body = Body(line)
    for child in tree.children:
        if isinstance(child, Tree) and child.data == "attribute":
            name, _, expression = child.children
            body.attributes.append(Written(_word(name), _line(child), expression, texts))
        elif isinstance(child, Tree) and child.data == "block":
            body.blocks.append(_block(child, texts))
    return body


def _block(tree: Grown, texts: list[Text]) -> BlockWritten:
    words = [
        child
        for child in tree.children
        if isinstance(child, Tree) and child.data not in ("body", "new_line_or_comment")
    ]
    inner = next(one for one in tree.children if isinstance(one, Tree) and one.data == "body")
    labels = tuple(_label(one, texts) for one in words[1:])
    line = _line(tree)
    return BlockWritten(_word(words[0]), labels, line, _body(inner, line, texts))


def _label(tree: Grown, texts: list[Text]) -> str:
    if tree.data != "string":
        return _word(tree)
    return "".join(part for part in placed(tree, texts).parts if isinstance(part, str))


def placed(tree: Grown, texts: list[Text]) -> Text:
    """Return the text that was taken out here."""
    mark = next(one for one in tree.scan_values(lambda one: str(one).startswith("@")))
    return texts[int(str(mark).removeprefix("@"))]


def _word(tree: Grown | Token) -> str:
    return str(tree if isinstance(tree, Token) else tree.children[0])


def _line(tree: Grown) -> int:
    line: int = tree.meta.line
    return line
