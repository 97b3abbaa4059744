import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.stack.children import Children, Spec
from local.stack.processes import Running, end, read_back, write_down

SLEEPER = "import signal, sys; signal.sigwait([signal.SIGTERM, signal.SIGINT])"


def _children(path: Path) -> Children:
    (path / "log").mkdir()
    return Children(path / "pids.json", path / "log")


def _spec(code: str, farewell: signal.Signals = signal.SIGTERM) -> Spec:
    return Spec("sleeper", [sys.executable, "-c", code], {"GREETING": "hello"}, farewell)


async def _until(seen: Callable[[], bool]) -> None:
    for _ in range(1_000):
        if seen():
            return
        await asyncio.sleep(0.005)
    pytest.fail("that never came")


@pytest.fixture
def leftover() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", SLEEPER]) as process:
        yield process
        process.kill()


async def test_a_child_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    children = _children(tmp_path)
    await children.start(_spec("import os, sys; print(os.environ['GREETING']); sys.exit(3)"))

    name, status = await children.first_death()
    await children.stop()

    assert (name, status) == ("sleeper", 3)
    assert children.tail_of("sleeper") == "hello"


@pytest.mark.parametrize("farewell", [signal.SIGTERM, signal.SIGINT])
async def test_children_are_ended_by_their_own_signal(
    tmp_path: Path, farewell: signal.Signals
) -> None:
    children = _children(tmp_path)
    code = (
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [2, 15]); print('up', flush=True);"
        "print('got', int(signal.sigwait([2, 15])))"
    )
    await children.start(_spec(code, farewell))
    await _until(lambda: "up" in children.tail_of("sleeper"))

    await children.stop()

    assert children.tail_of("sleeper").endswith(f"got {int(farewell)}")
    assert not (tmp_path / "pids.json").exists()


async def test_the_next_start_finds_what_a_killed_one_left(
    tmp_path: Path, leftover: subprocess.Popen[bytes]
) -> None:
    running = Running("host", leftover.pid, f"{sys.executable} -c {SLEEPER}")
    gone = Running("azurite", leftover.pid, "node azurite.js")
    write_down(tmp_path / "pids.json", [running, gone])
    await _until(running.lives)

    found = read_back(tmp_path / "pids.json")
    await end(running, 5.0)

    assert found == [running]
    assert not running.lives()


def test_a_process_of_another_program_under_an_old_id_is_left_alone(tmp_path: Path) -> None:
    write_down(tmp_path / "pids.json", [Running("host", os.getpid(), "python -m local.host")])

    assert read_back(tmp_path / "pids.json") == []


def test_a_damaged_list_of_processes_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "pids.json").write_text('[{"pid": 1}]')

    assert read_back(tmp_path / "pids.json") == []


async def test_a_child_that_is_killed_on_purpose_is_nobodys_death(tmp_path: Path) -> None:
    children = _children(tmp_path)
    await children.start(_spec(SLEEPER))
    (first,) = [one for one in read_back(tmp_path / "pids.json") if one.name == "sleeper"]

    await children.kill("sleeper")
    left = [one.name for one in read_back(tmp_path / "pids.json")]
    await children.start(_spec(SLEEPER))
    (second,) = [one for one in read_back(tmp_path / "pids.json") if one.name == "sleeper"]
    await children.stop()

    assert "sleeper" not in left
    assert not first.lives()
    assert second.pid != first.pid
    assert children._deaths.empty()
