"""Places in a module's syntax tree where a mutant can be planted."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

INSIDE = "__planted__"
"""Under which name a planted module finds `tests.fuzz.planted.inside`."""

Body = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Site:
    """One place, and what is done there."""

    function: str
    """Qualified name of the function or method it is in; `module` outside of any."""
    what: str
    """The mutant in one line."""
    plant: Callable[[], None]
    """Changes the tree."""
    shown_by: ast.stmt | None = None
    """A life that never runs this statement cannot show the mutant; None: any life may."""
    if_raised: bool = False
    """Only a life in which that statement raises something can show it."""
    name: str = ""
    """Its own name, if it has one; else it is called by its function and a number."""


@dataclass(frozen=True)
class Module:
    """A module's tree, with ways around in it."""

    name: str
    tree: ast.Module
    _parents: dict[ast.AST, ast.AST] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, name: str, source: str | bytes) -> "Module":
        """Parse a module."""
        module = cls(name, ast.parse(source))
        for parent in ast.walk(module.tree):
            for child in ast.iter_child_nodes(parent):
                module._parents[child] = parent
        return module

    @cached_property
    def functions(self) -> tuple[tuple[str, Body], ...]:
        """Functions and methods with their qualified names; what is nested belongs to its host."""
        return tuple(_functions(self.tree, ""))

    @cached_property
    def numbers(self) -> dict[ast.stmt, int]:
        """A number for each statement: the same whenever the same source is parsed."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.stmt))
        return {node: number for number, node in enumerate(found)}

    def parent(self, node: ast.AST) -> ast.AST:
        """Return what a node is part of."""
        return self._parents[node]

    @cached_property
    def _owners(self) -> dict[ast.AST, str]:
        return {node: name for name, body in self.functions for node in ast.walk(body)}

    def function_of(self, node: ast.AST) -> str:
        """Return the qualified name of the function that a node is in."""
        return self._owners.get(node, "module")

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that a node is part of."""
        while not isinstance(node, ast.stmt):
            node = self._parents[node]
        return node

    def mark_of(self, node: ast.AST) -> ast.stmt | None:
        """Return the statement that runs when a node's code does; None outside of functions."""
        return self.statement_of(node) if self.function_of(node) != "module" else None

    def replace(self, old: ast.AST, new: ast.AST) -> None:
        """Put one node in the place of another."""
        parent = self._parents[old]
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
            elif isinstance(value, list) and old in value:
                value[value.index(old)] = new
        ast.copy_location(new, old)


def _functions(inside: ast.AST, prefix: str) -> Iterator[tuple[str, Body]]:
    for node in ast.iter_child_nodes(inside):
        if isinstance(node, Body):
            yield prefix + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")


def walk(node: ast.AST) -> Iterator[ast.AST]:
    """Return a node and all below it in the order of the source."""
    yield node
    for child in ast.iter_child_nodes(node):
        yield from walk(child)


def blocks(inside: ast.AST) -> Iterator[list[ast.stmt]]:
    """Return each list of statements in a node, in the order of the source."""
    for node in walk(inside):
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield value


def told(node: ast.AST, length: int = 90) -> str:
    """Return a node's source in one line, shortened."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= length else text[: length - 3] + "..."


def inside(name: str, *arguments: ast.expr) -> ast.Call:
    """Return a call of a function of `tests.fuzz.planted.inside`."""
    function = ast.Attribute(ast.Name(INSIDE, ast.Load()), name, ast.Load())
    return ast.Call(function, list(arguments), [])


def name_called(node: ast.AST) -> str:
    """Return the last part of the name of what is called: `begin_start`; empty if none is."""
    if not isinstance(node, ast.Call):
        return ""
    return str(getattr(node.func, "attr", "") or getattr(node.func, "id", ""))
