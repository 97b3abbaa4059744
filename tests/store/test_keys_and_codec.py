import string
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.codec import (
    CHUNK_CHARACTERS,
    json_of,
    json_values,
)
from store.keys import (
    KEY_CHARACTERS_MAX,
    arm_key,
    decode,
    encode,
    join,
    reverse_time_text,
    time_text,
)
from store.limits import ENTITY_BYTES_MAX, entity_bytes
from store.rows import after_prefix
from tests.store.worlds import NOON, VM_ID

ANY_TEXT = st.text(st.characters(), max_size=33)  # 12 key characters each, at most
MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(4000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
)


@given(ANY_TEXT)
def test_any_text_becomes_a_key_and_comes_back(text: str) -> None:
    key = encode(text)

    assert decode(key) == text
    assert not set(key) & set("/\\#?%'\"!~ \t\n\r\x00\x7f\x9f")
    assert key.isascii()


@given(st.text(min_size=KEY_CHARACTERS_MAX, max_size=2_000))
def test_no_key_is_longer_than_azure_takes(text: str) -> None:
    assert len(encode(text)) <= KEY_CHARACTERS_MAX
    assert encode(text) != encode(text + "x")


def test_a_shortened_key_does_not_pretend_to_be_readable() -> None:
    with pytest.raises(ValueError, match="shortened"):
        decode(encode("x" * 500))


def test_an_arm_id_stays_readable_and_has_no_case() -> None:
    assert arm_key(VM_ID) == arm_key(VM_ID.upper())
    assert arm_key("/subscriptions/A/x.y") == ":subscriptions:a:x.y"


@given(st.lists(ANY_TEXT, min_size=1, max_size=3), st.lists(ANY_TEXT, min_size=1, max_size=3))
def test_joined_keys_are_equal_only_for_equal_parts(one: list[str], other: list[str]) -> None:
    assert (join(*one) == join(*other)) == (one == other)


@given(MOMENTS, MOMENTS)
def test_times_sort_as_texts_and_in_reverse(one: datetime, other: datetime) -> None:
    assert (one < other) == (time_text(one) < time_text(other))
    assert (one < other) == (reverse_time_text(one) > reverse_time_text(other))


def test_neighbouring_microseconds_are_told_apart() -> None:
    assert time_text(NOON) < time_text(NOON + timedelta(microseconds=1))


@given(ANY_TEXT.filter(bool), ANY_TEXT)
def test_a_prefix_range_holds_what_starts_with_it_and_nothing_else(prefix: str, text: str) -> None:
    low, high = encode(prefix), after_prefix(encode(prefix))
    key = encode(text)

    assert (low <= key < high) == key.startswith(low)


@given(JSON)
def test_any_json_survives_as_properties(value: object) -> None:
    assert json_of(json_values("body", value), "body") == value


def noise(characters: int) -> str:
    """Text that does not compress."""
    random = Random(1)  # noqa: S311 - noise, not a secret
    return "".join(random.choices(string.ascii_letters + string.digits, k=characters))


@pytest.mark.parametrize("characters", [CHUNK_CHARACTERS - 2, CHUNK_CHARACTERS - 1, 200_000])
def test_long_texts_are_cut_into_pieces_that_azure_takes(characters: int) -> None:
    value = noise(characters)
    values = json_values("body", value)

    assert json_of(values, "body") == value
    assert max(len(piece) for piece in values.values()) <= 32_768
    assert values["body"].startswith("#") == (characters + 2 > CHUNK_CHARACTERS)


def test_a_decision_over_thousands_of_markets_is_a_small_row() -> None:
    decision = [{"size": f"Standard_D{n}s_v5", "zone": "1", "score": n / 7} for n in range(20_000)]
    values = json_values("entry", decision)

    assert json_of(values, "entry") == decision
    assert entity_bytes("p", "r", values) < ENTITY_BYTES_MAX / 2


def test_pieces_left_by_a_longer_text_are_ignored() -> None:
    merged = json_values("body", noise(200_000))
    assert len(merged) > 3

    for shorter in (noise(50_000), "y"):
        merged |= json_values("body", shorter)
        assert json_of(merged, "body") == shorter


def test_nothing_stored_is_none() -> None:
    assert json_of({}, "body") is None
