"""Mistakes in what is made of Azure's refusals: success."""

import ast
from collections.abc import Iterator
from functools import partial
from typing import Final

from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.product import modules, writers
from tests.fuzz.planted.sites import INSIDE, Module, Site, name_called, told, walk

WRITE: Final = frozenset({"follow", "ensure", "make", "gone_is_done"})
"""What begins an operation of Azure and awaits its end."""
SIMPLE: Final = (ast.Assign, ast.Expr, ast.Return)
NOT_REFUSALS: Final = ("CancelledError", "BaseException")
ERRORS: Final = ("activities.azure.errors", "activities.azure.ensure", "activities.azure.polling")


def swallowed(module: Module) -> Iterator[Site]:
    """Each handler of an exception: it goes on as if nothing had been said."""
    for node in walk(module.tree):
        if not isinstance(node, ast.ExceptHandler) or node.type is None:
            continue
        if any(word in ast.unparse(node.type) for word in NOT_REFUSALS):
            continue
        change = partial(setattr, node, "body", [ast.Pass()])
        what = f"swallowed: except {told(node.type)}: {told(node.body[0], 60)}"
        yield Site(module.function_of(node), what, change, node.body[0])


def taken_for_done(module: Module) -> Iterator[Site]:
    """Each write that Azure may refuse: a refusal counts as done."""
    for node in walk(module.tree):
        if isinstance(node, SIMPLE) and _writes(node):
            change = partial(_plant, module, node)
            what = f"a refusal is success: {told(node)}"
            yield Site(module.function_of(node), what, change, node, if_raised=True)


def _writes(statement: ast.stmt) -> bool:
    awaited = (node.value for node in walk(statement) if isinstance(node, ast.Await))
    return any(name_called(value) in WRITE for value in awaited)


def _plant(module: Module, statement: ast.stmt) -> None:
    instead: ast.stmt = ast.Pass()
    if isinstance(statement, ast.Assign):
        instead = ast.Assign(statement.targets, ast.Constant(value=None))
    elif isinstance(statement, ast.Return):
        instead = ast.Return(ast.Constant(value=None))
    refusal = ast.Attribute(ast.Name(INSIDE, ast.Load()), "REFUSAL", ast.Load())
    handler = ast.ExceptHandler(refusal, None, [instead])
    module.replace(statement, ast.Try([statement], [handler], [], []))


def handlers() -> tuple[str, ...]:
    """Return the modules of activities that write, and those that read refusals for them."""
    there = [name for name in ERRORS if name in modules("activities")]
    return tuple(sorted({*writers(), *there}))


REFUSALS: Final = (
    Operator("swallowed", "a handler swallows a refusal", handlers, swallowed),
    Operator("refused-is-done", "a refused write is success", handlers, taken_for_done),
)
