import asyncio
import random
import signal
from collections import Counter
from pathlib import Path

import aiohttp
import pytest

from tests.host.process import launch, serving

HOOKS = "/runtime/webhooks/durabletask"
INSTANCES = 10


def wanted(name: str) -> list[object]:
    parts = ["0", "1", "2", "fan0", "fan1", "fan2", "fan3", "part"]
    return [f"{name}/{part}" for part in parts] + [5]


async def test_no_work_is_lost_or_counted_twice_over_kill_9(tmp_path: Path) -> None:
    rng = random.Random(9)  # noqa: S311 - a seed to paste
    names = [f"w{number}" for number in range(INSTANCES)]
    log = tmp_path / "effects.log"
    db = tmp_path / "kill.db"
    async with aiohttp.ClientSession() as client:
        for turn in range(5):
            async with serving("crashing", db, EFFECTS_LOG=str(log)) as host:
                if turn == 0:
                    for name in names:
                        await client.post(f"{host.url}{HOOKS}/orchestrators/whole/{name}")
                await asyncio.sleep(0.05 + 0.15 * rng.random())
                await host.end(signal.SIGKILL)
        async with serving("crashing", db, EFFECTS_LOG=str(log)) as host:
            outputs = [await _output(client, f"{host.url}{HOOKS}/instances/{n}") for n in names]
            code = await host.end(signal.SIGTERM)

    assert outputs == [wanted(name) for name in names]
    runs = Counter(log.read_text().split())
    assert set(runs) == {str(token) for name in names for token in wanted(name)[:-1]}
    assert code == 0


async def _output(client: aiohttp.ClientSession, url: str) -> object:
    for _ in range(500):
        async with client.get(url) as answer:
            shown = await answer.json()
            if answer.status == 200:
                return shown["output"]
        await asyncio.sleep(0.02)
    raise AssertionError(f"still {shown['runtimeStatus']}: {url}")


async def test_one_ready_line_a_busy_port_and_a_busy_database_are_said_in_a_line(
    tmp_path: Path,
) -> None:
    async with serving("asgi", tmp_path / "a.db") as host:
        port = host.url.rsplit(":", 1)[1]
        same_port = await launch("asgi", tmp_path / "b.db", "--port", port)
        same_file = await launch("asgi", tmp_path / "a.db", "--port", "0")
        refusals = await asyncio.gather(same_port.communicate(), same_file.communicate())
        async with (
            aiohttp.ClientSession() as client,
            client.put(host.url + "/any/p", data=b"12") as a,
        ):
            answer = [a.status, await a.json()]
        code = await host.end(signal.SIGINT)

    assert (same_port.returncode, same_file.returncode, code) == (1, 1, 0)
    assert f"cannot listen on 127.0.0.1:{port}" in refusals[0][1].decode()
    assert "database is locked" in refusals[1][1].decode()
    assert answer == [201, ["PUT", "/any/p", 2]]


@pytest.mark.parametrize(
    ("app", "arguments", "text"),
    [
        (
            "broken",
            [],
            "function_app.py cannot be imported: RuntimeError('this app does not load')",
        ),
        ("nowhere", [], "no function_app.py in"),
        ("asgi", ["--enforce-keys"], "--enforce-keys needs keys"),
    ],
)
async def test_an_app_that_does_not_load_is_one_clear_message(
    app: str, arguments: list[str], text: str, tmp_path: Path
) -> None:
    child = await launch(app, tmp_path / "x.db", "--port", "0", *arguments)
    out, err = await child.communicate()

    assert child.returncode == 1
    assert out == b""
    assert text in err.decode()
    assert len(err.decode().strip().splitlines()) == 1
