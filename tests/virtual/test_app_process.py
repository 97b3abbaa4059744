"""The app is imported once, and each host process begins with its globals as at first."""

import sys
from pathlib import Path
from typing import Any

import pytest

from local.host.index import AppError
from local.worlds.process import AppProcess

APP = """
import counting
from counting import COUNTER
import os

SEEN = os.environ["APP_SETTING"]
"""
COUNTING = """
from dataclasses import dataclass, field


class Counter:
    def __init__(self):
        self.count = 0
        self.names = []


@dataclass(frozen=True)
class Fixed:
    names: list = field(default_factory=list)


COUNTER = Counter()
FIXED = Fixed()
TABLE = {"a": [1]}
"""


@pytest.fixture
def app(tmp_path: Path) -> Any:
    (tmp_path / "function_app.py").write_text(APP)
    (tmp_path / "counting.py").write_text(COUNTING)
    yield tmp_path
    sys.modules.pop("counting", None)
    sys.path[:] = [place for place in sys.path if place != str(tmp_path)]


def test_what_a_host_left_in_globals_is_gone_for_the_next(app: Path) -> None:
    process = AppProcess(app, {"APP_SETTING": "on"})
    counting = sys.modules["counting"]
    counter, table = vars(counting)["COUNTER"], vars(counting)["TABLE"]
    counter.count, counter.extra = 5, 1
    counter.names.append("left")
    table["a"].append(2)
    table["b"] = []

    process.renew()
    process.renew()

    assert vars(counter) == {"count": 0, "names": []}
    assert table == {"a": [1]}
    assert process.module.COUNTER is counter
    assert process.module.SEEN == "on"


def test_a_folder_without_an_app_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(AppError, match=r"no function_app\.py in .*"):
        AppProcess(tmp_path, {})
