"""Each hostile input is refused with 400, by name, and changes nothing at rest."""

import json
from asyncio import Runner
from collections.abc import Iterator

import pytest

from tests.api.hostile import Hostile, every
from tests.api.whole import Whole, whole_api

EVERY = every()
LONGEST_ANSWER = 10_000


@pytest.fixture(scope="module")
def lent() -> Iterator[tuple[Runner, Whole]]:
    with whole_api() as (runner, whole):
        runner.run(whole.ask("GET", "http://127.0.0.1/mooring/caller", {}, b""))  # notes the use
        yield runner, whole


def at_rest(whole: Whole) -> str:
    return repr((whole.kept.rows(), whole.kept.secrets.names(), sorted(whole.world.resources)))


def test_there_are_more_than_120_of_them_each_of_a_name_of_its_own() -> None:
    assert len(EVERY) >= 120
    assert len({(one.name, one.path) for one in EVERY}) == len(EVERY)


@pytest.mark.parametrize("hostile", EVERY, ids=lambda one: one.name)
def test_a_hostile_input_is_refused_by_name_and_changes_nothing(
    lent: tuple[Runner, Whole], hostile: Hostile
) -> None:
    runner, whole = lent
    before = at_rest(whole)
    url = f"http://127.0.0.1{hostile.path}".replace("{id}", whole.node_ids[0])
    headers = {"Content-Type": "application/json"} | hostile.headers

    answer = runner.run(whole.ask(hostile.method, url, headers, hostile.sent))

    told = json.loads(answer.get_body())
    errors = told["response"]["errors"]
    assert answer.status_code == 400, told
    assert errors[0]["code"] == hostile.code
    named = [one.get("field", "") for one in errors]
    assert len(named) == len(hostile.fields), named
    for name, wanted in zip(named, hostile.fields, strict=True):
        assert name.startswith(wanted), named
        assert bool(name) is bool(wanted)
    assert len(answer.get_body()) < LONGEST_ANSWER
    assert at_rest(whole) == before
