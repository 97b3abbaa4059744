"""What an operator is: a way of making one kind of mistake in many places."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.fuzz.planted.sites import Module, Site


@dataclass(frozen=True)
class Operator:
    """One kind of mistake."""

    name: str
    what: str
    """The mistake in words, for the table."""
    modules: Callable[[], tuple[str, ...]]
    """Where it can be made."""
    sites: Callable[[Module], Iterator[Site]]
    """Each place of a module where it can be made."""
