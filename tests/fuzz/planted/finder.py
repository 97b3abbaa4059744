"""Changes modules while they are imported: their files stay as they are, and nobody is told."""

import ast
import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from typing import Any

Change = Callable[[bytes], ast.Module]
"""From a module's source to the tree that is run in its place."""


class ImportedError(RuntimeError):
    """A module that was to be changed has been imported already."""


class Finder(importlib.abc.MetaPathFinder):
    """Finds the modules that are to be changed before Python does."""

    def __init__(self, changes: Mapping[str, Change]) -> None:
        self._changes = changes

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return a spec whose loader changes the module; None for any other module."""
        change = self._changes.get(fullname)
        spec = PathFinder.find_spec(fullname, path, target) if change else None
        if spec is None or spec.origin is None or change is None:
            return None
        spec.loader = _Loader(fullname, spec.origin, change)
        return spec


class _Loader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, change: Change) -> None:
        super().__init__(fullname, path)
        self._change = change

    def get_code(self, fullname: str) -> types.CodeType:
        """Compile the changed tree; cached bytecode is neither read nor written."""
        path = self.get_filename(fullname)
        tree = ast.fix_missing_locations(self._change(self.get_data(path)))
        code: Any = compile(tree, path, "exec", dont_inherit=True)
        return code  # type: ignore[no-any-return]


def install(changes: Mapping[str, Change]) -> None:
    """Change these modules from now on. Raises ImportedError if one is imported already."""
    early = sorted(set(changes) & set(sys.modules))
    if early:
        raise ImportedError(f"imported before it could be changed: {', '.join(early)}")
    sys.meta_path.insert(0, Finder(changes))
