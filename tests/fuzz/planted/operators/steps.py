"""Mistakes in the order of a runbook's steps."""

import ast
import copy
from collections.abc import Iterator
from functools import partial
from typing import Final, TypeGuard

from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.product import modules
from tests.fuzz.planted.sites import Body, Module, Site, blocks, inside, told, walk

SIMPLE: Final = (ast.Assign, ast.Expr, ast.Return)
SEAM: Final = "shared.durable"


def skipped(module: Module) -> Iterator[Site]:
    """Each step: left out, as if it had answered that all is well."""
    for name, function, block, at in _steps(module):
        statement = block[at]
        change = partial(_skip, module, function, statement)
        yield Site(name, f"skipped: {told(statement)}", change, statement)


def doubled(module: Module) -> Iterator[Site]:
    """Each step: taken twice."""
    for name, _, block, at in _steps(module):
        statement = block[at]
        change = partial(block.insert, at, _again(statement))
        yield Site(name, f"twice: {told(statement)}", change, statement)


def swapped(module: Module) -> Iterator[Site]:
    """Each two steps of a block: the later one first, each with what is got ready for it."""
    for name, function in module.functions:
        for block in blocks(function):
            ends = _ends(block)
            for begin, middle, end in zip((0, *ends), ends, ends[1:], strict=False):
                change = partial(_swap, block, begin, middle, end)
                first, second = _told_step(block[begin:middle]), _told_step(block[middle:end])
                yield Site(name, f"{second}; only then {first}", change, block[begin])


def _ends(block: list[ast.stmt]) -> list[int]:
    """Return where the steps of a block end: behind what looks at a step's answer and leaves."""
    ends: list[int] = []
    for at, statement in enumerate(block):
        if _step(statement):
            ends.append(at + 1)
        elif ends and ends[-1] == at and _looks_and_leaves(block[at - 1], statement):
            ends[-1] = at + 1
    return ends


def _looks_and_leaves(step: ast.stmt, statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.If) or not isinstance(statement.body[-1], ast.Return):
        return False
    answers = {node.id for node in walk(step) if _is_stored(node)}
    asked = {node.id for node in walk(statement.test) if isinstance(node, ast.Name)}
    return bool(answers & asked)


def _is_stored(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def _told_step(part: list[ast.stmt]) -> str:
    step = next(found for found in map(_step, part) if found)
    return told(step.value, 60)


def _steps(module: Module) -> Iterator[tuple[str, Body, list[ast.stmt], int]]:
    for name, function in module.functions:
        for block in blocks(function):
            for at, statement in enumerate(block):
                if isinstance(statement, SIMPLE) and _step(statement):
                    yield name, function, block, at


def _step(statement: ast.stmt) -> ast.YieldFrom | None:
    found = (node for node in walk(statement) if isinstance(node, ast.YieldFrom))
    return next(found, None)


def _again(statement: ast.stmt) -> ast.stmt:
    if isinstance(statement, ast.Return) and statement.value:
        return ast.copy_location(ast.Expr(copy.deepcopy(statement.value)), statement)
    return copy.deepcopy(statement)


def _swap(block: list[ast.stmt], begin: int, middle: int, end: int) -> None:
    block[begin:end] = block[middle:end] + block[begin:middle]


def _skip(module: Module, function: Body, statement: ast.stmt) -> None:
    step = _step(statement)
    if isinstance(statement, ast.Expr) or step is None:
        module.replace(statement, ast.Pass())
        return
    call = step.value
    callee: ast.expr = call.func if isinstance(call, ast.Call) else ast.Constant(value=None)
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Tuple):
        module.replace(step, _part_by_part(function, statement.targets[0], callee))
    else:
        module.replace(step, inside("blank", callee))


def _part_by_part(function: Body, targets: ast.Tuple, callee: ast.expr) -> ast.Tuple:
    """Return what a step answers that does nothing: what was known before stays as it was."""
    known = {argument.arg for argument in function.args.args}
    answer = inside("first", inside("blank", callee))
    parts: list[ast.expr] = [
        ast.Name(one.id, ast.Load()) if isinstance(one, ast.Name) and one.id in known else answer
        for one in targets.elts
    ]
    return ast.Tuple(parts, ast.Load())


def runbooks() -> tuple[str, ...]:
    """Return the modules whose generators are steps."""
    return (*modules("orchestrators"), SEAM)


STEPS: Final = (
    Operator("skipped", "a step is skipped", runbooks, skipped),
    Operator("doubled", "a step is taken twice", runbooks, doubled),
    Operator("swapped", "two steps in the wrong order", runbooks, swapped),
)
