"""What a new process begins with: the app's module, imported once, and its globals as at first.

Importing the app with its SDKs takes a second, so the hosts of thousands of worlds share one
import. What the app's modules keep in globals (counters, caches) would go from one host to the
next, which no process does; so it is put back to what it was when the module had been imported.
"""

import copy
import gc
import importlib.util
import os
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from local.host.index import AppError

NOT_THE_APP: Final = frozenset({"local", "tests", "node_modules"})
"""Folders beside the app's own; names that begin with a dot (virtual environments) besides."""
OUTLIVES: Final = frozenset({"store.memory"})
"""Modules that stand for what is outside of the process: databases by name."""

Kept = tuple[Any, Any]
"""A global that can change, and a copy of what it held at first."""


class AppProcess:
    """One import of an app."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.module = _import(directory, environment)
        self._kept = _changeable(_own_modules(directory))
        # Nothing imported is garbage: the collector need not look at it again and again.
        gc.collect()
        gc.freeze()

    def renew(self) -> None:
        """Put the globals back to what they held when the app had been imported."""
        for value, first in self._kept:
            if _content(value) != first:
                _put_back(value, copy.deepcopy(first))


_PROCESSES: dict[Path, AppProcess] = {}


def process_of(directory: Path, environment: Mapping[str, str]) -> AppProcess:
    """Return the import of the app in a directory, made on first use.

    `environment` must be one that the app accepts. Raises AppError if there is no app.
    """
    if directory not in _PROCESSES:
        _PROCESSES[directory] = AppProcess(directory, environment)
    return _PROCESSES[directory]


def _import(directory: Path, environment: Mapping[str, str]) -> ModuleType:
    path = directory / "function_app.py"
    spec = importlib.util.spec_from_file_location("simulated_function_app", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise AppError(f"no function_app.py in {directory}")
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    module = importlib.util.module_from_spec(spec)
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        spec.loader.exec_module(module)
    finally:
        os.environ.clear()
        os.environ.update(before)
    return module


def _own_modules(directory: Path) -> dict[str, ModuleType]:
    """Return the modules of the app by name, in order."""
    found = {}
    for name, module in sorted(sys.modules.items()):
        file = Path(getattr(module, "__file__", None) or "/")
        if name not in OUTLIVES and file.is_relative_to(directory):
            top = file.relative_to(directory).parts[0]
            if top not in NOT_THE_APP and not top.startswith("."):
                found[name] = module
    return found


def _changeable(modules: Mapping[str, ModuleType]) -> list[Kept]:
    """Return each global that can change, once, with a copy of what it holds."""
    values = {
        id(value): value
        for module in modules.values()
        for name, value in sorted(vars(module).items())
        if not name.startswith("__") and _can_change(value, modules)
    }
    return [(value, copy.deepcopy(_content(value))) for value in values.values()]


def _can_change(value: Any, modules: Mapping[str, ModuleType]) -> bool:
    if isinstance(value, dict | list | set):
        return True
    kind = type(value)
    parameters = getattr(kind, "__dataclass_params__", None)
    if isinstance(value, Enum) or (parameters is not None and parameters.frozen):
        return False
    return kind.__module__ in modules and hasattr(value, "__dict__")


def _content(value: Any) -> Any:
    return value if isinstance(value, dict | list | set) else vars(value)


def _put_back(value: Any, first: Any) -> None:
    content = _content(value)
    content.clear()
    if isinstance(content, list):
        content.extend(first)
    else:
        content.update(first)
