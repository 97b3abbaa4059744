"""Notes which statements of a module run in a life, and which of them raise."""

import ast
from typing import Any, Final

from tests.fuzz.planted.sites import Module, blocks

SEEN: set[str] = set()
"""Marks: `module:number` for a statement that began, with `!` at the end for one that raised."""
NOTE: Final = "__seen__"
IMPORT: Final = f"from tests.fuzz.planted.probes import note as {NOTE}"


def note(mark: str) -> None:
    """Note a mark."""
    SEEN.add(mark)


def probed(name: str, text: bytes) -> ast.Module:
    """Return a module's tree that notes what it does and does the same."""
    module = Module.of(name, text)
    numbers = module.numbers
    for _, function in module.functions:
        for block in list(blocks(function)):
            block[:] = [new for old in block for new in _noted(name, numbers[old], old)]
    first = 1 if ast.get_docstring(module.tree, clean=False) is not None else 0
    module.tree.body[first:first] = ast.parse(IMPORT).body
    return ast.fix_missing_locations(module.tree)


def _noted(name: str, number: int, statement: ast.stmt) -> list[ast.stmt]:
    if isinstance(statement, ast.Nonlocal | ast.Global):
        return [statement]
    mark = f"{name}:{number}"
    if _is_awaiting(statement):
        note_raised: list[Any] = [_note(mark + "!"), ast.Raise()]
        handler = ast.ExceptHandler(ast.Name("BaseException", ast.Load()), None, note_raised)
        statement = ast.Try([statement], [handler], [], [])
    return [_note(mark), statement]


def _is_awaiting(statement: ast.stmt) -> bool:
    simple = isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Return)
    return simple and any(isinstance(node, ast.Await) for node in ast.walk(statement))


def _note(mark: str) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Name(NOTE, ast.Load()), [ast.Constant(mark)], []))
