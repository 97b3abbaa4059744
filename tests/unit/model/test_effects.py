"""What an edit of each field does and when: the table in code is the table in the docs."""

import copy
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.model.effects import (
    EFFECTS,
    Lock,
    When,
    effect_of,
    no_effect_table,
    table,
)
from shared.model.node import NodeDocument
from shared.model.parse import parse_create
from shared.model.paths import leaf_paths, values_at
from shared.model.remarks import remarks_of
from shared.model.secrets import split_secrets
from shared.model.wire import launch_digest, to_stored, to_wire
from shared.policy.edit_locks import IMMUTABLE, LOCKED_BY
from tests.unit.model.documents import LS, PASSWORD, body, node, put
from tests.unit.model.whole_document import RULE

DOCUMENT = Path(__file__).parents[3] / "docs" / "fields.md"
PATHS = tuple(leaf_paths(NodeDocument))


def renewed(text: str) -> str:
    """Return the page with its tables as the code has them."""
    for name, rows in (("effects", table()), ("no effect", no_effect_table())):
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n\n{rows}\n\n{end}{after}"
    return text


def test_the_docs_have_the_tables_of_the_code() -> None:
    text = DOCUMENT.read_text()

    assert text == renewed(text), "python -m tests.unit.model.test_effects writes them"


def test_every_row_is_about_a_field() -> None:
    for path in EFFECTS:
        assert path == "" or any(one.startswith(path) for one in PATHS), path


@pytest.mark.parametrize("path", PATHS)
def test_what_is_fixed_and_what_is_locked_is_what_edits_refuse(path: str) -> None:
    fixed = [".".join(str(step) for step in loc) for loc in IMMUTABLE]
    locks = {
        f"persistence.{switch}": [".".join(str(step) for step in loc) for loc in locs]
        for switch, locs in LOCKED_BY.items()
    }

    def within(names: list[str]) -> bool:
        return any(path == name or path.startswith(f"{name}.") for name in names)

    assert (effect_of(path).when is When.FIXED) == within(fixed)
    for lock in Lock:
        assert (effect_of(path).locked_by is lock) == within(locks[lock.value])
    assert effect_of(path).editable_while_paused != path.startswith("persistence.")


def test_what_takes_effect_with_the_next_vm_is_what_a_vm_is_made_of() -> None:
    """S42: the digest says whether the present VM may be started again, or a new one is due."""
    plain = launch_digest(parse_create(body()))
    changed = {
        f"{LS}.userData": "aGk=",
        f"{LS}.licenseType": "RHEL_BYOS",
        f"{LS}.tags": [{"tagKey": "a"}],
        "integrations.insights": {"isEnabled": True, "dataCollectionRuleId": RULE},
        f"{LS}.shutdownScript": "aGk=",
        "strategy.drainingTimeout": 7,
        "description": "other",
    }

    for path, value in changed.items():
        digest = launch_digest(parse_create(body(put(node(), path, value))))
        live = effect_of(path).when is When.LIVE
        assert (digest == plain) == live, path


def test_what_is_never_shown_is_not_in_an_answer() -> None:
    document = put(node(), f"{LS}.login.password", PASSWORD)
    put(document, f"{LS}.shutdownScript", "aGk=")
    settings = {"protectedSettings": {"a": "b"}}
    extension = {"name": "a", "type": "b", "publisher": "c", "apiVersion": "1.0"}
    whole_extension = {**extension, "minorVersionAutoUpgrade": True, **settings}
    put(document, f"{LS}.extensions", [whole_extension])
    plain, _ = split_secrets(parse_create(body(document)), "ssn-1")

    shown, hidden = to_wire(plain), [path for path in PATHS if not effect_of(path).returned]

    assert len(hidden) == 3
    for path in hidden:
        assert list(values_at(document, path)), path
        assert list(values_at(shown, path)) == [], path


def test_what_has_no_effect_is_told_with_the_answer_where_it_is_asked_for() -> None:
    """R66, R68."""
    quiet = put(node(), "strategy.revertToSpot", {"performAt": "never"})
    asked: dict[str, Any] = {
        "shouldUtilizeCommitments": True,
        "optimizationWindows": ["Mon:09:00-Mon:17:30"],
        "interruptionToleration": {"isEnabled": True, "threshold": 3},
    }

    assert remarks_of(to_stored(parse_create(body(quiet)))) == []
    for name, value in asked.items():
        told = remarks_of(put(copy.deepcopy(quiet), f"strategy.{name}", value))
        assert told, name
        assert all(one.field.startswith(f"statefulNode.strategy.{name}") for one in told)
        assert all("has no effect yet" in one.message for one in told)
    off = {"shouldUtilizeCommitments": False, "interruptionToleration": {"isEnabled": False}}
    assert remarks_of(put(copy.deepcopy(quiet), "strategy", quiet["strategy"] | off)) == []


def test_windows_that_move_no_vm_that_runs_are_told() -> None:
    document = put(node(), "strategy.revertToSpot", {"performAt": "never"})
    put(document, "strategy.odWindows", ["Mon:09:00-Mon:17:30"])

    assert [one.field for one in remarks_of(document)] == ["statefulNode.strategy.odWindows"]


def test_a_second_placement_group_and_a_deaf_rule_are_told() -> None:
    groups = [{"name": name, "resourceGroupName": "near"} for name in ("a", "b")]
    document = put(node(), f"{LS}.proximityPlacementGroups", groups)
    put(document, "strategy.revertToSpot", {"performAt": "never"})
    put(document, "integrations.insights", {"isEnabled": True, "dataCollectionRuleId": RULE})

    fields = [one.field for one in remarks_of(document)]

    assert fields == [
        f"statefulNode.{LS}.proximityPlacementGroups[1]",
        "statefulNode.integrations.insights",
        "statefulNode.integrations.insights",
    ]


if __name__ == "__main__":
    sys.exit(DOCUMENT.write_text(renewed(DOCUMENT.read_text())) and 0)
