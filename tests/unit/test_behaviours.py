"""docs/behaviours.md names only tests that exist and that say which behaviour they hold."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| ([RS]\d{1,3}) \| (.+?) \| (.+?) \|$")
ID = re.compile(r"\b[RS]\d{1,3}\b")


def _rows() -> list[tuple[str, str, str]]:
    lines = (ROOT / "docs" / "behaviours.md").read_text().splitlines()
    return [found.groups() for line in lines if (found := ROW.match(line))]  # type: ignore[misc]


def _docstrings() -> Iterator[tuple[str, str]]:
    """Yield each test function and what it and its module say."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        tree = ast.parse(path.read_text())
        for found in ast.walk(tree):
            if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef):
                yield found.name, ast.get_docstring(found) or ""


def test_each_behaviour_names_a_test_that_names_it() -> None:
    said: dict[str, str] = {}
    for name, docstring in _docstrings():
        said[name] = said.get(name, "") + " " + docstring

    missing = [
        f"{id_}: {test}"
        for id_, _, tests in _rows()
        for test in re.findall(r"`(\w+)`", tests)
        if id_ not in ID.findall(said.get(test, ""))
    ]

    assert not missing


def test_each_behaviour_has_a_test_and_stands_once() -> None:
    rows = _rows()
    ids = [id_ for id_, _, _ in rows]

    assert all(re.search(r"`test_\w+`", tests) for _, _, tests in rows)
    assert len(ids) == len(set(ids))
