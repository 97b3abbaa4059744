"""Each runbook has the steps of its orchestrator, by number and by name."""

import ast
import re
from pathlib import Path

import pytest

CODE = sorted(path for path in Path("orchestrators").glob("*.py") if path.stem != "__init__")
RUNBOOKS = Path("docs/runbooks")
TOLD = ("**Azure calls:**", "**Killed here:**", "**The user sees:**", "**What to do:**")
COMMENT = re.compile(r"^ *# (\d+\. [^:.\n]+)", re.MULTILINE)
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
MODULES = pytest.mark.parametrize("code", CODE, ids=lambda path: path.stem)


def runbook_of(code: Path) -> str:
    return (RUNBOOKS / f"{code.stem}.md").read_text()


def steps_of(code: Path) -> list[str]:
    """Return the numbered comments up to their colon or period; without any, the functions."""
    text = code.read_text()
    functions = [one.name for one in ast.parse(text).body if isinstance(one, ast.FunctionDef)]
    return COMMENT.findall(text) or [name for name in functions if not name.startswith("_")]


@MODULES
def test_a_runbook_has_the_steps_of_its_orchestrator_in_order(code: Path) -> None:
    headings = HEADING.findall(runbook_of(code))

    assert headings == steps_of(code)


@MODULES
def test_numbered_steps_count_from_one_without_a_gap(code: Path) -> None:
    numbers = [int(one.split(".")[0]) for one in COMMENT.findall(code.read_text())]

    assert numbers == list(range(1, len(numbers) + 1))


@MODULES
def test_every_step_tells_its_calls_its_crash_its_look_and_its_remedy(code: Path) -> None:
    _, *sections = re.split(r"^## ", runbook_of(code), flags=re.MULTILINE)

    missing = [
        (part.split("\n")[0], told) for part in sections for told in TOLD if told not in part
    ]

    assert missing == []


def test_every_runbook_belongs_to_an_orchestrator() -> None:
    assert {path.stem for path in RUNBOOKS.glob("*.md")} == {code.stem for code in CODE}
