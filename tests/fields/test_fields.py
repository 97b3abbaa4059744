"""Each field of the node document does something, and a test shows what."""

import ast
from pathlib import Path

import pytest

from shared.model.effects import ACCEPTED_NO_EFFECT
from shared.model.node import NodeDocument
from shared.model.paths import leaf_paths
from tests.fields.row import Elsewhere, Shown
from tests.fields.table import TABLE

ROOT = Path(__file__).parents[2]
SHOWN = [row for row in TABLE if isinstance(row, Shown)]
ELSEWHERE = [row for row in TABLE if isinstance(row, Elsewhere)]


@pytest.mark.parametrize("row", SHOWN, ids=lambda row: row.path)
def test_a_field_changes_what_is_seen_of_it(row: Shown) -> None:
    """Two values of it, and what each makes.

    R8, R10, R27, R28, R29, R30, R37, R45, R46, R48, R55, R89, R91, R92, R98, S80, S98,
    S105, S106, S108.
    """
    assert row.seen(0) == row.gives[0]
    assert row.seen(1) == row.gives[1]
    assert row.gives[0] != row.gives[1]


@pytest.mark.parametrize("row", ELSEWHERE, ids=lambda row: row.path)
def test_the_test_that_shows_a_field_exists(row: Elsewhere) -> None:
    file, _, name = row.test.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    kinds = ast.FunctionDef | ast.AsyncFunctionDef

    assert name in {one.name for one in ast.walk(tree) if isinstance(one, kinds)}


def test_every_field_is_in_the_table_or_told_to_have_no_effect() -> None:
    paths = set(leaf_paths(NodeDocument))
    told = {row.path for row in TABLE}

    assert told <= paths
    assert sorted(paths - told - set(ACCEPTED_NO_EFFECT)) == []
    assert told.isdisjoint(ACCEPTED_NO_EFFECT)


def test_what_has_no_effect_is_a_short_list_of_fields_that_exist() -> None:
    assert set(ACCEPTED_NO_EFFECT) <= set(leaf_paths(NodeDocument))
    assert len(ACCEPTED_NO_EFFECT) <= 8
