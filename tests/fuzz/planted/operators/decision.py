"""Mistakes in the decision: a stop for an eviction, an eviction for a stop."""

import ast
from collections.abc import Iterator
from functools import partial
from typing import Final

from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.sites import Module, Site, inside, told, walk

VERDICTS: Final = {"UserStop": "eviction", "Evicted": "stop"}
"""What is said for each verdict instead."""
KINDS: Final = {
    "EVICTED": "STOPPED_BY_USER",
    "EVICTION_COMING": "STOPPED_BY_USER",
    "STOPPED_BY_USER": "EVICTED",
}
MODULES: Final = ("shared.policy.verdict", "services.evictions", "services.hearing")


def verdict_swapped(module: Module) -> Iterator[Site]:
    """Each verdict that is given or acted on: the other one."""
    for node in walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            other = VERDICTS.get(node.func.id)
            if other:
                call = inside(other, *node.args)
                call.keywords = node.keywords
                change = partial(module.replace, node, call)
                what = f"{other} for {told(node)}"
                yield Site(module.function_of(node), what, change, module.mark_of(node))
        if isinstance(node, ast.MatchClass) and isinstance(node.cls, ast.Name):
            yield from _matched(module, node, node.cls)


def _matched(module: Module, node: ast.MatchClass, named: ast.Name) -> Iterator[Site]:
    others = [name for name in VERDICTS if name != named.id]
    if named.id in VERDICTS:
        change = partial(setattr, named, "id", others[0])
        what = f"case {others[0]} for case {told(node)}"
        yield Site(module.function_of(node), what, change, module.statement_of(node))


def kind_swapped(module: Module) -> Iterator[Site]:
    """Each kind of notice that is named: the other one."""
    for node in walk(module.tree):
        if not isinstance(node, ast.Attribute) or node.attr not in KINDS:
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "NoticeKind":
            other = KINDS[node.attr]
            change = partial(setattr, node, "attr", other)
            what = f"{other} for {node.attr}: {told(module.parent(node))}"
            yield Site(module.function_of(node), what, change, module.mark_of(node))


DECISION: Final = (
    Operator("verdict", "a stop for an eviction or back", lambda: MODULES, verdict_swapped),
    Operator("notice", "a stop heard as an eviction or back", lambda: MODULES, kind_swapped),
)
