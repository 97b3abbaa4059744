"""The page of the API document speaks JSON, as its readers send it."""

import re
from typing import Any

import pytest

from triggers.docs_page import _about, _kind, render
from triggers.openapi import document

PYTHON = re.compile(r"default (?:None|True|False)\b|[\[{](?:&#x27;|')|default (?:&#x27;|')")


def test_the_page_shows_no_value_as_python_writes_it() -> None:
    assert PYTHON.findall(render(document())) == []


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": ["integer", "null"], "minimum": 1}, "integer or null minimum 1"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "list of string or null"),
        ({"enum": ["spot", None]}, "spot | null"),
        ({"const": True}, "true"),
        ({}, "any"),
    ],
)
def test_a_kind_is_told_in_words(schema: dict[str, Any], told: str) -> None:
    assert _kind(schema) == told


@pytest.mark.parametrize(
    ("default", "told"),
    [({"performAt": "always"}, '{"performAt": "always"}'), (False, "false"), ("x", '"x"')],
)
def test_a_default_is_told_as_json(default: object, told: str) -> None:
    assert _about({"default": default}, is_required=False) == f"default {told}"
