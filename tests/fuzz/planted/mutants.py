"""All mutants of the present product, by stable names."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from tests.fuzz.planted.finder import Change
from tests.fuzz.planted.operators import OPERATORS, Operator
from tests.fuzz.planted.product import source
from tests.fuzz.planted.sites import INSIDE, Module, Site

IMPORT: Final = f"from tests.fuzz.planted import inside as {INSIDE}"


@dataclass(frozen=True)
class Mutant:
    """One change to one module."""

    id: str
    """`module/operator/function/number`, or `module/found/name`."""
    operator: str
    module: str
    what: str
    mark: str
    """The statement that shows it: `module:number`, with `!` if it must raise; empty: any life."""


def mutants(only: Iterable[str] = ("*",)) -> list[Mutant]:
    """Return the mutants whose ids match one of the patterns, in order."""
    found = (mutant for operator in OPERATORS for mutant in _of(operator))
    return [mutant for mutant in found if any(fnmatchcase(mutant.id, one) for one in only)]


def planted(mutant: Mutant) -> dict[str, Change]:
    """Return the change that plants a mutant, for `finder.install`."""
    return {mutant.module: partial(_plant, mutant)}


def tree_of(mutant: Mutant) -> ast.Module:
    """Return the planted module's tree."""
    return _plant(mutant, source(mutant.module).encode())


def _of(operator: Operator) -> Iterator[Mutant]:
    for name in operator.modules():
        module = Module.of(name, source(name))
        for id_, site in _sites(operator, module):
            mark = f"{name}:{module.numbers[site.shown_by]}" if site.shown_by else ""
            raised = "!" if mark and site.if_raised else ""
            yield Mutant(id_, operator.name, name, site.what, mark + raised)


def _sites(operator: Operator, module: Module) -> Iterator[tuple[str, Site]]:
    numbers: Counter[str] = Counter()
    for site in operator.sites(module):
        numbers[site.function] += 1
        name = site.name or f"{site.function}/{numbers[site.function]}"
        yield f"{module.name}/{operator.name}/{name}", site


def _plant(mutant: Mutant, text: bytes) -> ast.Module:
    operator = next(one for one in OPERATORS if one.name == mutant.operator)
    module = Module.of(mutant.module, text)
    sites = dict(_sites(operator, module))
    sites[mutant.id].plant()
    _add_import(module.tree)
    return ast.fix_missing_locations(module.tree)


def _add_import(tree: ast.Module) -> None:
    first = 1 if ast.get_docstring(tree, clean=False) is not None else 0
    tree.body[first:first] = ast.parse(IMPORT).body
