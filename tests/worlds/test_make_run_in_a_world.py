"""What `make run WORLD=name` starts."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, STDOUT
from pathlib import Path

import pytest

from local.worlds.situations import named
from tests.worlds.stack import free_ports

ROOT = Path(__file__).parents[2]
PATIENCE_S = 100.0

pytestmark = pytest.mark.slow


async def run(directory: Path, *words: str) -> tuple[int | None, str]:
    """Run a stack to its end; return its exit status and what it printed."""
    port, arm_port = free_ports(2)
    told = ["--dir", str(directory), "--port", str(port), "--arm-port", str(arm_port), *words]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.stack", "--speed", "60", "--once", *told),
        cwd=ROOT,
        stdout=PIPE,
        stderr=STDOUT,
        env={**os.environ, "COLUMNS": "160", "PYTHONUNBUFFERED": "1"},
    )
    printed, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    return process.returncode, printed.decode()


@pytest.mark.parametrize("name", ["full_region", "restart"])
async def test_the_rules_are_shown_and_the_node_comes_back_in_the_midst_of_it(
    name: str, tmp_path: Path
) -> None:
    status, printed = await run(tmp_path, "--world", name, "--seed", "3")

    assert f"The world: {named(name).title}" in printed
    assert named(name).rules in printed
    assert "It came back with all that is its own." in printed, printed
    assert status == 0
