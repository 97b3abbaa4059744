"""Mistakes in what is written to Azure: unrecorded, unguarded, of another name or zone, fatal."""

import ast
from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from tests.fuzz.planted.operators.operator import Operator
from tests.fuzz.planted.product import modules, writers
from tests.fuzz.planted.sites import Module, Site, inside, name_called, told, walk

CONDITIONS: Final = frozenset({"etag", "match_condition", "if_match", "if_none_match"})
NAMES: Final = "shared.names"
NOT_NAMES: Final = frozenset({"parts_of", "same_id", "is_our_request"})
"""Functions of `shared.names` that read names and make none."""
ZONES: Final = frozenset({"zone", "zones"})
KEPT: Final = "Detach"
LOST: Final = "Delete"


def no_journal(module: Module) -> Iterator[Site]:
    """Each write that is recorded around."""
    for node in walk(module.tree):
        if not isinstance(node, ast.AsyncWith):
            continue
        others = [one for one in node.items if name_called(one.context_expr) != "journalled"]
        if len(others) == len(node.items):
            continue
        what = f"not recorded: {told(node.items[0].context_expr)}"
        yield _site(module, node, what, partial(_unrecorded, module, node, others))


def _unrecorded(module: Module, node: ast.AsyncWith, others: list[ast.withitem]) -> None:
    if others:
        node.items = others
    else:
        module.replace(node, ast.If(ast.Constant(value=True), node.body, []))


def no_etag(module: Module) -> Iterator[Site]:
    """Each call that asks Azure to look at what is there before it writes."""
    for node in walk(module.tree):
        if isinstance(node, ast.Call) and any(one.arg in CONDITIONS for one in node.keywords):
            plain = [one for one in node.keywords if one.arg not in CONDITIONS]
            what = f"no condition: {told(node.func)}"
            yield _site(module, node, what, partial(setattr, node, "keywords", plain))


def no_request_id(module: Module) -> Iterator[Site]:
    """Each write that says for which step it is."""
    for node in walk(module.tree):
        if isinstance(node, ast.Call) and any(one.arg == "headers" for one in node.keywords):
            plain = [one for one in node.keywords if one.arg != "headers"]
            what = f"no request id: {told(node.func)}"
            yield _site(module, node, what, partial(setattr, node, "keywords", plain))


def detach_to_delete(module: Module) -> Iterator[Site]:
    """Each place where a disk or a NIC is said to outlive its VM."""
    for node in walk(module.tree):
        if isinstance(node, ast.Constant) and node.value == KEPT:
            what = f"{LOST} for {KEPT}: {told(module.parent(node))}"
            yield _site(module, node, what, partial(setattr, node, "value", LOST))


def other_zone(module: Module) -> Iterator[Site]:
    """Each zone that is handed on by name."""
    for node in walk(module.tree):
        if isinstance(node, ast.keyword) and node.arg in ZONES:
            change = partial(module.replace, node.value, inside("other_zone", node.value))
            yield _site(module, node, f"another zone: {told(node)}", change)


def other_name(module: Module) -> Iterator[Site]:
    """Each name that is made for Azure: another one, which is always the same."""
    return _names(module, "other_name", "another name")


def new_name(module: Module) -> Iterator[Site]:
    """Each name that is made for Azure: another one each time."""
    return _names(module, "new_name", "a new name each time")


def _names(module: Module, maker: str, words: str) -> Iterator[Site]:
    makers = _imported(module.tree, NAMES) - NOT_NAMES
    for node in walk(module.tree):
        if isinstance(node, ast.Call) and name_called(node) in makers:
            change = partial(module.replace, node, inside(maker, node))
            yield _site(module, node, f"{words}: {told(node)}", change)


def _imported(tree: ast.Module, origin: str) -> set[str]:
    froms = (node for node in tree.body if isinstance(node, ast.ImportFrom))
    functions = (name for one in froms if one.module == origin for name in one.names)
    return {name.name for name in functions if name.name.islower()}


def _site(module: Module, node: ast.AST, what: str, plant: Callable[[], None]) -> Site:
    return Site(module.function_of(node), what, plant, module.mark_of(node))


def activities() -> tuple[str, ...]:
    """Return the modules of all activities."""
    return modules("activities")


def steps() -> tuple[str, ...]:
    """Return the modules of activities and orchestrators."""
    return modules("activities") + modules("orchestrators")


WRITES: Final = (
    Operator("no-journal", "a write is not in the journal", writers, no_journal),
    Operator("no-etag", "a write without its condition", writers, no_etag),
    Operator("no-request-id", "a write without its request id", writers, no_request_id),
    Operator("detach-delete", "deleteOption Delete", activities, detach_to_delete),
    Operator("other-zone", "another zone", steps, other_zone),
    Operator("other-name", "another name", steps, other_name),
    Operator("new-name", "another name each time", activities, new_name),
)
