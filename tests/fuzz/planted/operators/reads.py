"""Mistakes in what is read: not looked at, believed unread, read once and never again."""

import ast
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Final

from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.product import modules, writers
from tests.fuzz.planted.sites import Module, Site, name_called, told, walk

READERS: Final = ("activities.vm_read", "activities.vm_up", "activities.vm_wait")
"""They write nothing themselves; those that write believe them."""
ENSURE: Final = "activities.azure.ensure"
LEAVES: Final = (ast.Return, ast.Raise, ast.Continue, ast.Break)
BELIEVED: Final = {
    "power_of": ("running", "deallocated"),
    "state_of": ("Succeeded", "Failed"),
}
"""Readers of a VM, and what may be believed in place of their answer."""


def guard_never(module: Module) -> Iterator[Site]:
    """Each guard that leaves because of what was read: it never does."""
    for node in walk(module.tree):
        if _is_guard(node):
            assert isinstance(node, ast.If)
            change = partial(setattr, node, "test", ast.Constant(value=False))
            yield Site(
                module.function_of(node), f"never: if {told(node.test)}", change, node.body[0]
            )


def _is_guard(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and not node.orelse and isinstance(node.body[-1], LEAVES)


def not_looked(module: Module) -> Iterator[Site]:
    """Each thing that is done only if a look found nothing there: it is done in any case."""
    for node in walk(module.tree):
        if isinstance(node, ast.If | ast.IfExp) and _finds_nothing(node.test):
            if _is_guard(node):
                continue
            change = partial(setattr, node, "test", ast.Constant(value=True))
            what = f"without a look: if {told(node.test)}"
            yield Site(module.function_of(node), what, change, module.mark_of(node))


def _finds_nothing(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and isinstance(test.ops[0], ast.Is)
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value is None
    )


def read_once(module: Module) -> Iterator[Site]:
    """Each second read into one name: what was read first is believed still."""
    for name, function in module.functions:
        known: set[tuple[str, str]] = set()
        for node in walk(function):
            if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Await):
                continue
            read = ast.dump(node.targets[0]), ast.dump(node.value)
            if read in known:
                change = partial(module.replace, node, ast.Pass())
                yield Site(name, f"not read again: {told(node)}", change, node)
            known.add(read)


def believed(module: Module) -> Iterator[Site]:
    """Each power and state that is read: what was asked for is believed, or its opposite."""
    for node in walk(module.tree):
        for answer in BELIEVED.get(name_called(node), ()):
            change = partial(module.replace, node, ast.Constant(answer))
            what = f"{answer!r} for {told(node)} in {told(module.statement_of(node), 60)}"
            yield Site(module.function_of(node), what, change, module.mark_of(node))


def readers() -> tuple[str, ...]:
    """Return the modules of activities that write, and those that they believe."""
    there = [name for name in (*READERS, ENSURE) if name in modules("activities")]
    return tuple(sorted(set(chain(writers(), there))))


READS: Final = (
    Operator("no-read-back", "a guard after a read never leaves", readers, guard_never),
    Operator("no-look", "done whatever is there", readers, not_looked),
    Operator("read-once", "not read again", readers, read_once),
    Operator("believed", "believed, not read", readers, believed),
)
