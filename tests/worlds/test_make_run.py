"""What `make run` starts, as a person starts it: a process, its output, its exit status."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from pathlib import Path

import pytest

from local.stack.processes import read_back

ROOT = Path(__file__).parents[2]
SPEED = "100"
PATIENCE_S = 90.0


def _ports() -> list[str]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return [str(one.getsockname()[1]), str(two.getsockname()[1])]


async def _start(directory: Path, *more: str) -> Process:
    port, arm_port = _ports()
    words = ["--dir", str(directory), "--port", port, "--arm-port", arm_port, "--speed", SPEED]
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.stack", *words, *more),
        cwd=ROOT,
        stdout=PIPE,
        stderr=STDOUT,
        env={**os.environ, "COLUMNS": "160", "PYTHONUNBUFFERED": "1"},
    )


async def _read_until(process: Process, words: str) -> str:
    assert process.stdout
    read = ""
    async with asyncio.timeout(PATIENCE_S):
        while words not in read:
            line = (await process.stdout.readline()).decode()
            assert line, f"it ended before it said {words!r}:\n{read}"
            read += line
    return read


@pytest.mark.slow
async def test_a_killed_start_is_taken_up_again_and_the_node_comes_back(tmp_path: Path) -> None:
    """Show: `make run` after kill -9 of runner and host in the middle of a create."""
    killed = await _start(tmp_path)
    said = await _read_until(killed, "networkInterfaces/write")
    host = next(one for one in read_back(tmp_path / "pids.json") if one.name == "host")
    killed.kill()
    await killed.wait()
    host.send(signal.SIGKILL)

    second = await _start(tmp_path, "--once")
    assert second.stdout
    printed = (await asyncio.wait_for(second.stdout.read(), PATIENCE_S)).decode()
    status = await second.wait()

    assert "Ending what an interrupted start left running" in printed, said
    assert "exists from an earlier start" in printed
    assert "It came back with all that is its own." in printed
    assert status == 0, printed
    assert not (tmp_path / "pids.json").exists()


@pytest.mark.slow
async def test_the_runner_says_which_child_died_and_ends_the_others(tmp_path: Path) -> None:
    process = await _start(tmp_path)
    await _read_until(process, "Mooring is up")
    children = read_back(tmp_path / "pids.json")
    simulator = next(one for one in children if one.name == "simulator")

    simulator.send(signal.SIGKILL)
    printed = await _read_until(process, "Logs:")

    assert "The simulator ended by itself (signal 9)" in printed
    assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 1
    assert [one.name for one in children if one.lives()] == []


@pytest.mark.slow
async def test_ctrl_c_stops_every_child_and_keeps_the_state(tmp_path: Path) -> None:
    process = await _start(tmp_path)
    await _read_until(process, "Mooring is up")
    children = read_back(tmp_path / "pids.json")

    process.send_signal(signal.SIGINT)

    assert await asyncio.wait_for(process.wait(), PATIENCE_S) == 0
    assert len(children) == 4
    assert [one.name for one in children if one.lives()] == []
    tables = (tmp_path / "azurite" / "__azurite_db_table__.json").read_text()
    assert "nodelist" in json.dumps(json.loads(tables))
