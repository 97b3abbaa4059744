"""The planter itself: it finds places, changes modules on import only, and is seen."""

import ast
import importlib
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from tests.fuzz.planted.child import Lived
from tests.fuzz.planted.explained import REASONS, reason
from tests.fuzz.planted.finder import Finder, ImportedError, install
from tests.fuzz.planted.inside import blank, other_name, other_zone
from tests.fuzz.planted.kept import Kept
from tests.fuzz.planted.mutants import Mutant, mutants, tree_of
from tests.fuzz.planted.operators import OPERATORS
from tests.fuzz.planted.operators.found import lost
from tests.fuzz.planted.operators.steps import skipped, swapped
from tests.fuzz.planted.probes import SEEN, probed
from tests.fuzz.planted.product import source
from tests.fuzz.planted.reference import Reference
from tests.fuzz.planted.sites import Module
from tests.fuzz.planted.table import share, table
from tests.fuzz.planted.trial import ALIKE, CAUGHT, SURVIVED, Effort, Trial, seeds_of

ROOT = Path(__file__).resolve().parents[3]
CAUGHT_BY = {
    "activities.vm_delete/no-journal/delete_vm/1": "I6",
    "orchestrators.launch/swapped/climb/4": "L",
    "activities.disk/other-zone/_disk/1": "L",
}


@pytest.fixture(scope="module")
def all_mutants() -> list[Mutant]:
    return mutants()


def test_every_operator_finds_a_place_in_the_present_product(all_mutants: list[Mutant]) -> None:
    made = Counter(mutant.operator for mutant in all_mutants)

    assert {operator.name for operator in OPERATORS if not made[operator.name]} == set()


def test_every_planted_module_compiles_and_is_not_what_it_was(all_mutants: list[Mutant]) -> None:
    names = {mutant.module for mutant in all_mutants}
    sound = {name: ast.dump(ast.parse(source(name))) for name in names}
    for mutant in all_mutants:
        tree = tree_of(mutant)

        compile(tree, mutant.module, "exec")
        tree.body = [node for node in tree.body if not is_planters(node)]
        assert ast.dump(tree) != sound[mutant.module], mutant.id


def is_planters(node: ast.stmt) -> bool:
    """Tell whether a statement is the import that each planted module gets."""
    return isinstance(node, ast.ImportFrom) and node.module == "tests.fuzz.planted"


def test_ids_are_unique_and_the_same_each_time(all_mutants: list[Mutant]) -> None:
    ids = [mutant.id for mutant in all_mutants]

    assert len(set(ids)) == len(ids)
    assert [mutant.id for mutant in mutants()] == ids


def test_each_bug_ever_found_can_still_be_planted() -> None:
    """An entry of planted/bugs.py whose cure reads otherwise now must be written anew."""
    assert lost() == []


def test_planted_code_is_caught_by_the_invariant_it_breaks() -> None:
    order = [
        sys.executable,
        "-m",
        "tests.fuzz.planted",
        "--workers",
        "1",
        "--seeds",
        "12",
        "--only",
    ]

    said = subprocess.run(
        [*order, *CAUGHT_BY], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )

    for mutant_id, invariant in CAUGHT_BY.items():
        assert f"{mutant_id}: caught by {invariant} at seed" in said.stdout, said
    assert said.returncode == 0


def test_a_module_is_changed_on_import_and_its_file_stays(tmp_path: Path) -> None:
    name = "planted_on_trial"
    path = tmp_path / f"{name}.py"
    path.write_text("ANSWER = 1\n")

    module = _imported(name, tmp_path, Finder({name: lambda _source: ast.parse("ANSWER = 2")}))

    assert module.ANSWER == 2
    assert path.read_text() == "ANSWER = 1\n"
    assert not (tmp_path / "__pycache__").exists()


def test_what_is_imported_already_cannot_be_planted() -> None:
    with pytest.raises(ImportedError, match="ast"):
        install({"ast": ast.parse})


def test_probes_note_what_ran_and_what_raised_and_change_nothing(tmp_path: Path) -> None:
    name = "probed_on_trial"
    text = "async def run(work):\n    if work is None:\n        return 1\n    return await work\n"
    (tmp_path / f"{name}.py").write_text(text)
    module = _imported(name, tmp_path, Finder({name: lambda text: probed(name, text)}))
    SEEN.clear()

    with pytest.raises(StopIteration) as ended:
        module.run(None).send(None)

    assert ended.value.value == 1
    numbers = Module.of(name, text).numbers
    lines = {node.lineno for node, number in numbers.items() if f"{name}:{number}" in SEEN}
    assert lines == {2, 3}
    SEEN.clear()


def test_a_step_that_is_skipped_leaves_what_was_known_as_it_was() -> None:
    text = "def run(context, now_on):\n    gone, now_on = yield from give_up(context)\n"
    module = Module.of("runbook", text)

    next(skipped(module)).plant()

    first = "__planted__.first(__planted__.blank(give_up))"
    assert f"gone, now_on = ({first}, now_on)" in ast.unparse(module.tree)


def test_steps_are_swapped_with_all_that_is_got_ready_for_them() -> None:
    text = (
        "def run(context):\n"
        "    one = make()\n"
        "    answer = yield from ONE(context, one)\n"
        "    if not answer:\n"
        "        return 0\n"
        "    two = make()\n"
        "    yield from TWO(context, two)\n"
    )
    module = Module.of("runbook", text)

    next(swapped(module)).plant()

    lines = ast.unparse(module.tree).splitlines()[1:]
    assert [line.strip().split(" ")[0] for line in lines] == [
        *("two", "yield"),
        *("one", "answer", "if", "return"),
    ]


def test_what_a_skipped_step_answers_is_the_answer_that_all_is_well() -> None:
    disk, node = (importlib.import_module(f"shared.contracts.{name}") for name in ("disk", "node"))

    assert type(blank(disk.DELETE_RESOURCES)).__name__ == "Done"
    assert type(blank(node.SETTLE)).__name__ == "Settled"


@pytest.mark.parametrize(
    ("zone", "other"), [("1", "2"), ("3", "1"), (None, None), (["1", "2"], ["2"])]
)
def test_another_zone_is_another_one_and_none_stays_none(zone: object, other: object) -> None:
    assert other_zone(zone) == other


def test_another_name_is_always_the_same_one() -> None:
    assert other_name("disk") == other_name("disk") != "disk"


def test_the_share_counts_only_what_changes_behaviour(all_mutants: list[Mutant]) -> None:
    one, two, three = all_mutants[:3]
    tried = [Trial(one, CAUGHT), Trial(two, SURVIVED), Trial(three, ALIKE)]

    assert share(tried) == 0.5
    assert table(tried)[-1].split() == ["all", "3", "2", "0", "1", "50.0%"]


def test_each_reason_is_that_of_a_mutant(all_mutants: list[Mutant]) -> None:
    given = {reason(one.id) for one in all_mutants}

    assert [one.pattern for one in REASONS if one not in given] == []


def _imported(name: str, folder: Path, finder: Finder) -> ModuleType:
    sys.meta_path.insert(0, finder)
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        sys.meta_path.remove(finder)
        del sys.modules[name]


LIVES = tuple(Lived(seed, writes={"vm/write": 1}) for seed in range(1, 4))


def test_lives_with_a_mutant_are_read_back_and_those_of_another_tree_are_not(
    tmp_path: Path,
) -> None:
    kept = Kept.beside(tmp_path / "reference-one.json")
    kept.add("module/kind/1", LIVES[:2])
    kept.add("module/kind/1", LIVES[2:3])

    again = Kept.beside(tmp_path / "reference-one.json")
    other = Kept.beside(tmp_path / "reference-two.json")

    assert again.lived["module/kind/1"] == list(LIVES[:3])
    assert not other.lived
    assert not again.path.exists()


def test_the_life_that_caught_a_mutant_is_the_first_to_be_tried_in_another_tree(
    tmp_path: Path, all_mutants: list[Mutant]
) -> None:
    mutant = replace(all_mutants[0], mark="")
    Kept.beside(tmp_path / "reference-one.json").add(mutant.id, [Lived(1), Lived(3, ill="I7")])

    kept = Kept.beside(tmp_path / "reference-two.json")
    against = Reference({seed: Lived(seed) for seed in range(1, 5)}, kept.path)

    assert seeds_of(mutant, against, Effort(1, 1.0, 3), kept) == (3, 1, 2)
