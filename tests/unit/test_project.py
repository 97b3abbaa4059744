"""What the project says about itself is so."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README_LINES_MAX = 150
MACHINE = re.compile(r"/work(?=/)")
"""How paths of the machines begin on which exchanges were recorded."""
EXAMPLES = sorted((ROOT / "examples").glob("*.json"))


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "docs/local-stack.md", "docs/architecture.md"])
def test_every_make_command_in_the_documents_exists(page: str) -> None:
    named = re.findall(r"(?:`|^ {4})make ([a-z]+)", (ROOT / page).read_text(), re.MULTILINE)

    assert named
    assert set(named) <= _make_targets()


def test_the_two_commands_come_with_the_readme_and_ci_runs_the_tests() -> None:
    readme = (ROOT / "README.md").read_text()
    ci = (ROOT / ".ci" / "run").read_text()

    assert re.search(r"^ {4}make run ", readme, re.MULTILINE)
    assert re.search(r"^ {4}make test ", readme, re.MULTILINE)
    assert len(re.findall(r"^make check$", ci, re.MULTILINE)) == 1
    assert len(re.findall(r"^make test$", ci, re.MULTILINE)) == 1


def test_the_readme_fits_its_bound() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < README_LINES_MAX


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_links_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / "README.md").read_text())

    assert [link for link in links if not (ROOT / link).exists()] == []


def test_lock_files_name_no_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json"):
        text = (ROOT / name).read_text()

        assert '"resolved"' not in text, name
        assert not re.search(r"^--(index|extra-index|find-links|trusted)", text, re.MULTILINE), name


def test_both_python_generations_find_their_functions_sdk() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = re.findall(r"^azure-functions==.*$", (ROOT / name).read_text(), re.MULTILINE)

        assert [pin.split(";")[1].strip() for pin in pins] == [
            'python_version < "3.13"',
            'python_version >= "3.13"',
        ]


def test_the_host_file_serves_the_api_at_the_root_and_polls_each_second() -> None:
    host = json.loads((ROOT / "host.json").read_text())

    assert host["extensions"]["http"]["routePrefix"] == ""
    storage = host["extensions"]["durableTask"]["storageProvider"]
    assert storage["maxQueuePollingInterval"] == "00:00:01"
    assert host["extensionBundle"]["version"] == "[4.*, 5.0.0)"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_in_the_create_shape(path: Path) -> None:
    document = json.loads(path.read_text())

    assert set(document) == {"statefulNode"}
    assert document["statefulNode"]["resourceGroupName"] == "mooring-demo"


def test_example_names_differ() -> None:
    names = [json.loads(path.read_text())["statefulNode"]["name"] for path in EXAMPLES]

    assert len(set(names)) == len(names) > 4


def test_no_file_breaks_the_line_that_separates_product_and_recordings() -> None:
    """Recorded exchanges and machine paths never enter the project."""
    texts = [path for path in _tracked() if path.suffix in {".py", ".md", ".json", ".toml", ".in"}]
    ours = [path for path in texts if path != Path(__file__)]

    assert [path for path in ours if MACHINE.search(path.read_text(errors="replace"))] == []
