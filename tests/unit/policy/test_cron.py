from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.model.schedule import comes
from shared.policy.cron import last_by, next_after, read

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
"""A Sunday."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "after", "moment"),
    [
        ("0 20 * * *", "2026-03-01T12:00", "2026-03-01T20:00"),
        ("0 20 * * *", "2026-03-01T20:00", "2026-03-02T20:00"),
        ("0 20 * * *", "2026-03-01T19:59:59", "2026-03-01T20:00"),
        ("*/15 * * * *", "2026-03-01T12:01", "2026-03-01T12:15"),
        ("5/20 8 * * *", "2026-03-01T08:06", "2026-03-01T08:25"),
        ("30 6-8/2 * * *", "2026-03-01T06:30", "2026-03-01T08:30"),
        ("0 0 * * 0", "2026-03-01T00:00", "2026-03-08T00:00"),
        ("0 0 * * 1-5", "2026-03-06T12:00", "2026-03-09T00:00"),
        ("0 0 1 * *", "2026-03-01T12:00", "2026-04-01T00:00"),
        ("0 0 31 * *", "2026-03-31T12:00", "2026-05-31T00:00"),
        ("0 0 29 2 *", "2026-03-01T12:00", "2028-02-29T00:00"),
        ("0 0 13 * 5", "2026-03-01T12:00", "2026-03-06T00:00"),
        ("59 23 31 12 *", "2026-12-31T23:59", "2027-12-31T23:59"),
        ("0 7,19 * 1,3 *", "2026-03-31T19:00", "2027-01-01T07:00"),
    ],
)
def test_the_next_moment_of_an_expression(expression: str, after: str, moment: str) -> None:
    """S28: minute, hour, day, month and weekday, Sunday first, in UTC."""
    assert next_after(expression, at(after)) == at(moment)


def test_day_and_weekday_both_given_either_is_enough() -> None:
    """S28: as cron has always had it."""
    expression = "0 0 13 * 5"

    moments = [at("2026-03-01T00:00")]
    for _ in range(4):
        found = next_after(expression, moments[-1])
        assert found is not None
        moments.append(found)

    assert [one.day for one in moments[1:]] == [6, 13, 20, 27]
    assert next_after(expression, at("2026-04-11T00:00")) == at("2026-04-13T00:00")


def test_a_moment_in_another_time_zone_is_read_in_utc() -> None:
    local = datetime.fromisoformat("2026-03-01T23:30:00+05:00")

    assert next_after("0 19 * * *", local) == at("2026-03-01T19:00")


def test_what_never_comes_is_not_waited_for() -> None:
    assert next_after("0 0 30 2 *", NOON) is None
    assert last_by("0 0 30 2 *", NOON, NOON - timedelta(days=900)) is None


def test_an_expression_of_other_than_five_fields_is_none() -> None:
    with pytest.raises(ValueError, match="zip"):
        read("0 0 * *")


@given(
    minute=st.sampled_from(("*", "0", "7", "*/10", "0,30")),
    hour=st.sampled_from(("*", "3", "8-17", "*/6")),
    day=st.sampled_from(("*", "1", "31", "10-20")),
    weekday=st.sampled_from(("*", "0", "1-5")),
    minutes=st.integers(0, 60 * 24 * 400),
)
def test_the_latest_moment_by_the_next_one_is_that_one(
    minute: str, hour: str, day: str, weekday: str, minutes: int
) -> None:
    expression = f"{minute} {hour} {day} * {weekday}"
    begin = NOON + timedelta(minutes=minutes)

    found = next_after(expression, begin)

    assert found is not None
    assert found > begin
    assert last_by(expression, found, begin) == found
    before = found - timedelta(minutes=1)
    assert last_by(expression, before, begin + timedelta(seconds=1)) is None


@given(
    day=st.sampled_from(("*", "*/2", "1", "29", "30", "31", "30-31", "29,31", "28/2")),
    month=st.sampled_from(("*", "2", "2,4", "4-11/5", "2-12/2", "*/3", "6,9")),
    weekday=st.sampled_from(("*", "1", "*/2", "0-6")),
)
def test_what_is_said_to_come_comes_and_nothing_else(day: str, month: str, weekday: str) -> None:
    """S28: the rule of the document and the search through the days agree."""
    expression = f"0 0 {day} {month} {weekday}"

    assert comes(expression) is (next_after(expression, NOON) is not None)
