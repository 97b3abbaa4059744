"""The product's modules as text."""

import ast
from functools import cache
from pathlib import Path
from typing import Final

from tests.fuzz.planted.sites import name_called

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGES: Final = ("activities", "orchestrators", "services", "shared", "store", "triggers")


@cache
def source(name: str) -> str:
    """Return a module's source."""
    return _path(name).read_text("utf-8")


@cache
def modules(package: str) -> tuple[str, ...]:
    """Return the modules of a package, those of packages in it too, by name."""
    folder = ROOT / package.replace(".", "/")
    paths = sorted(folder.rglob("*.py"))
    dotted = (path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".") for path in paths)
    return tuple(name for name in dotted if not name.endswith(".__init__"))


@cache
def writers() -> tuple[str, ...]:
    """Return the modules of activities that write to Azure: those that begin its operations."""
    return tuple(name for name in modules("activities") if _begins(name))


def _begins(name: str) -> bool:
    calls = ast.walk(ast.parse(source(name)))
    return any(name_called(node).startswith("begin_") for node in calls)


def _path(name: str) -> Path:
    return ROOT / (name.replace(".", "/") + ".py")
