"""Whatever is sent, the answer is a document or a refusal that names fields; never a crash."""

import copy
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest

from shared.model.deallocation import parse_deallocation
from shared.model.node import NodeDocument
from shared.model.parse import Present, parse_create, parse_update
from shared.model.problems import Rejected
from shared.model.secrets import split_secrets
from shared.model.wire import from_stored, launch_digest, to_stored, to_wire
from tests.unit.model.documents import body, windows
from tests.unit.model.whole_document import whole
from triggers.openapi_examples import DELETE

ROUNDS = 300
JUNK: tuple[Any, ...] = (
    *(None, {}, [], "", 0, -1, 1.5, True, "x", "1", "a" * 600, 10**30, [None], [{}], [[]], [1]),
    *({"a": 1}, {"": None}, ["1", "1"], [True], [{"name": None}], [{"name": {}}], "\x00"),
)
STRAY_KEYS = ("zz", "passwordRef", "loadBalancersConfig", "storageUrl", "MaxStorage", "password")


def holders(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every (container, key or index) inside a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in list(items):
        yield value, key
        if isinstance(one, dict | list):
            yield from holders(one)


def spoiled(dice: Random, value: dict[str, Any]) -> dict[str, Any]:
    result = copy.deepcopy(value)
    for _ in range(dice.randint(1, 3)):
        found = list(holders(result))
        if not found:
            break
        holder, key = dice.choice(found)
        match dice.randrange(6):
            case 0:
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[dice.choice(STRAY_KEYS)] = copy.deepcopy(dice.choice(JUNK))
            case _:
                holder[key] = copy.deepcopy(dice.choice(JUNK))
    return result


def check(document: NodeDocument) -> None:
    """What was accepted can be stored, shown, sent back, and holds no null and no {}."""
    plain, _ = split_secrets(document, "ssn-2")
    stored = to_stored(plain)
    shown = to_wire(plain)
    assert from_stored(json.loads(json.dumps(stored, allow_nan=False))) == plain
    assert parse_update(Present(stored), body(shown)) == plain
    assert launch_digest(plain)
    for holder, key in holders({name: one for name, one in shown.items() if name != "compute"}):
        assert holder[key] is not None
        assert holder[key] != {}


def refused_fields(parse: Callable[[], object]) -> list[str]:
    """Return the fields that a refusal names; none for a document that was accepted."""
    try:
        parse()
    except Rejected as refused:
        return [one.field if one.message else "" for one in refused.errors] or [""]
    return []


@pytest.mark.parametrize("seed", range(4))
def test_any_input_ends_in_a_document_or_in_named_fields(seed: int) -> None:
    dice = Random(seed)  # noqa: S311 - dice of a test
    bases = (whole(), windows())
    plain, secrets = split_secrets(parse_create(body(windows())), "ssn-1")
    present = Present(to_stored(plain), secrets=secrets)
    answers = []
    for _ in range(ROUNDS):
        sent = spoiled(dice, {"statefulNode": dice.choice(bases)})
        delete = spoiled(dice, DELETE)
        answers += [
            refused_fields(lambda sent=sent: check(parse_create(sent))),  # type: ignore[misc]
            refused_fields(lambda sent=sent: check(parse_update(present, sent))),  # type: ignore[misc]
            refused_fields(lambda delete=delete: parse_deallocation(delete)),  # type: ignore[misc]
        ]

    assert all(all(fields) for fields in answers)
    assert sum(bool(fields) for fields in answers) > ROUNDS
