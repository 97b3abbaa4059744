"""Mistakes that were once made: each was a bug of the product, found and mended."""

import ast
from collections.abc import Iterator
from functools import partial
from typing import Final

from tests.fuzz.planted.bugs import BUGS, Bug
from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.product import source
from tests.fuzz.planted.sites import Module, Site, walk


def found_again(module: Module) -> Iterator[Site]:
    """Each bug of the module whose cure is still there."""
    for bug in BUGS:
        if bug.module == module.name:
            yield from _sites(module, bug)


def lost() -> list[Bug]:
    """Return the bugs that cannot be planted any more: the code of their cure reads otherwise."""
    there = [bug for name in places() for bug in _planted(name)]
    return [bug for bug in BUGS if bug not in there]


def _planted(name: str) -> list[Bug]:
    module = Module.of(name, source(name))
    return [bug for bug in BUGS if bug.module == name and any(_sites(module, bug))]


def _sites(module: Module, bug: Bug) -> Iterator[Site]:
    places = [(bug.function, bug.cure, bug.bug), *([bug.also] if bug.also else [])]
    nodes = [_node(module, function, cure) for function, cure, _ in places]
    if all(nodes):
        pairs = zip(nodes, places, strict=True)
        changes = [(node, _expression(instead)) for node, (_, _, instead) in pairs if node]
        mark = module.statement_of(changes[0][0])
        yield Site(bug.function, bug.what, partial(_plant, module, changes), mark, name=bug.name)


def _node(module: Module, function: str, cure: str) -> ast.expr | None:
    wanted = ast.dump(_expression(cure))
    for name, body in module.functions:
        for node in walk(body) if name == function else ():
            if isinstance(node, ast.expr) and ast.dump(node) == wanted:
                return node
    return None


def _plant(module: Module, changes: list[tuple[ast.expr, ast.expr]]) -> None:
    for node, instead in changes:
        module.replace(node, instead)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def places() -> tuple[str, ...]:
    """Return the modules that once had a bug."""
    return tuple(sorted({bug.module for bug in BUGS}))


FOUND: Final = Operator("found", "a cure is taken out", places, found_again)
