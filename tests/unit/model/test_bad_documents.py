import pytest

from shared.model.parse import parse_create
from shared.model.problems import Rejected
from tests.unit.model.bad import Bad
from tests.unit.model.bad_documents import TABLE
from tests.unit.model.documents import LS, PASSWORD, body, node, put


@pytest.mark.parametrize("bad", TABLE, ids=lambda bad: bad.id)
def test_a_bad_document_is_refused_with_its_field_and_nothing_else(bad: Bad) -> None:
    """R14, R38, R42, R43, R44, R49, R50, R51, R56, R60, R77, R80, R84, S28, S63, S101."""
    with pytest.raises(Rejected) as refused:
        parse_create(body(bad.document()))

    assert [(one.field, one.code) for one in refused.value.errors] == [(bad.names, bad.code)]
    assert all(one.message for one in refused.value.errors)


def test_the_table_is_as_long_as_promised_and_its_rows_differ() -> None:
    assert len(TABLE) >= 80
    assert len({bad.id for bad in TABLE}) == len(TABLE)


def test_five_mistakes_are_told_at_once() -> None:
    document = node(name=7, compute__zones=["9"], colour="red")
    put(document, "strategy.revertToSpot", {"performAt": "timeWindow"})
    put(document, f"{LS}.login.userName", "root")

    with pytest.raises(Rejected) as refused:
        parse_create(body(document))

    assert {one.field for one in refused.value.errors} == {
        "statefulNode.colour",
        "statefulNode.name",
        "statefulNode.compute.zones[0]",
        "statefulNode.strategy.optimizationWindows",
        f"statefulNode.{LS}.login.userName",
    }


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (None, "statefulNode"),
        ([], "statefulNode"),
        ("node", "statefulNode"),
        ({}, "statefulNode"),
        ({"statefulNode": None}, "statefulNode"),
        ({"statefulNode": []}, "statefulNode"),
        ({"statefulNode": node(), "extra": 1}, "extra"),
        ({"node": node()}, "node"),
    ],
)
def test_a_body_without_a_node_names_what_is_wrong(sent: object, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse_create(sent)

    assert field in {one.field for one in refused.value.errors}


def test_no_message_repeats_a_secret() -> None:
    document = node()
    put(document, f"{LS}.login", {"userName": "root", "password": PASSWORD, "pass": PASSWORD})
    put(document, f"{LS}.extensions", [{"name": "a", "protectedSettings": {"key": "whisper"}}])

    with pytest.raises(Rejected) as refused:
        parse_create(body(document))

    told = f"{refused.value!r} {refused.value} {refused.value.errors}"
    assert PASSWORD not in told
    assert "whisper" not in told
