from pathlib import Path

import pytest

from local.stack.timekeeping import clock_of
from local.stack.trouble import Trouble


def test_a_second_start_at_the_same_speed_keeps_the_clock(tmp_path: Path) -> None:
    first = clock_of(tmp_path / "clock.json", 30.0)

    assert clock_of(tmp_path / "clock.json", 30.0) == first


@pytest.mark.parametrize("speed", [1.0, 200.0])
def test_another_speed_goes_on_from_the_simulated_present(tmp_path: Path, speed: float) -> None:
    first = clock_of(tmp_path / "clock.json", 30.0)
    before = first.now()

    second = clock_of(tmp_path / "clock.json", speed)

    assert second.speed == speed
    assert second.now() >= before
    assert clock_of(tmp_path / "clock.json", speed) == second


def test_a_damaged_anchor_is_said_rather_than_forgotten(tmp_path: Path) -> None:
    (tmp_path / "clock.json").write_text("{")

    with pytest.raises(Trouble, match=r"clock\.json is damaged"):
        clock_of(tmp_path / "clock.json", 30.0)
