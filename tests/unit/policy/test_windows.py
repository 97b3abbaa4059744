from datetime import UTC, datetime

import pytest

from shared.policy.windows import in_any


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """1 March 2026 is a Sunday."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("window", "moment", "inside"),
    [
        ("Mon:09:00-Fri:20:00", on(2, 9), True),
        ("Mon:09:00-Fri:20:00", on(4, 3), True),
        ("Mon:09:00-Fri:20:00", on(6, 19, 59), True),
        ("Mon:09:00-Fri:20:00", on(6, 20), False),
        ("Mon:09:00-Fri:20:00", on(2, 8, 59), False),
        ("Sun:23:00-Mon:02:30", on(1, 23, 30), True),
        ("Sun:23:00-Mon:02:30", on(2, 2, 29), True),
        ("Sun:23:00-Mon:02:30", on(2, 2, 30), False),
        ("Sat:12:00-Mon:00:00", on(1, 12), True),
        ("Fri:12:00-Tue:12:00", on(4, 12), False),
    ],
)
def test_a_window_is_one_span_that_may_wrap_the_week(
    window: str, moment: datetime, *, inside: bool
) -> None:
    """S2."""
    assert in_any([window], moment) is inside


def test_any_window_of_several_counts() -> None:
    assert in_any(["Mon:00:00-Mon:01:00", "Wed:00:00-Thu:00:00"], on(4, 12))


def test_no_window_holds_nothing() -> None:
    assert not in_any([], on(4, 12))


def test_a_text_that_is_no_window_is_refused() -> None:
    with pytest.raises(ValueError, match="Xyz"):
        in_any(["Xyz:00:00-Mon:01:00"], on(4, 12))
