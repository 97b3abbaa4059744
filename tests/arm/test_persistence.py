"""A killed simulator resumes: nothing that was answered is lost, what was to happen happens."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import aiohttp

from local.arm.persistence import SqliteJournal
from local.clock import scaled_clock
from tests.arm.machines import (
    COMPUTE,
    GROUP,
    VM,
    from_image,
    furnish,
    power_of,
    read,
    refused,
    want,
)
from tests.simulator import start

MEDIAN = {"latency": "median"}
AUTHORIZED = {"Authorization": "Bearer local"}


async def test_a_world_comes_back_with_its_resources_its_agenda_and_its_rules(
    tmp_path: Path,
) -> None:
    clock = scaled_clock(1_000.0)
    path = tmp_path / "arm.db"
    first = SqliteJournal(path)
    async with start(clock=clock, journal=first, settings=MEDIAN) as azure:
        await furnish(azure)
        await want(azure, "PUT", "/capacity", {"rules": [{"size": "Standard_D8s_v5", "room": 0}]})
        _, body, headers = await azure.arm("PUT", VM, from_image())
        operation = headers["azure-asyncoperation"].removeprefix(azure.url)
    first.close()

    second = SqliteJournal(path)
    async with start(clock=clock, journal=second, settings=MEDIAN) as azure:
        end = await azure.finish({"azure-asyncoperation": azure.url + operation})
        vm = await read(azure, VM)
        rules = (await want(azure, "GET", "/capacity"))["rules"]

        assert end["status"] == "Succeeded"
        assert vm["properties"]["vmId"] == body["properties"]["vmId"]
        assert await power_of(azure) == "PowerState/running"
        assert rules[0]["size"] == "Standard_D8s_v5"
        assert (await refused(azure, "PUT", VM, from_image(zone="2")))["target"] == "zones"
    second.close()


async def test_a_commit_writes_only_what_changed(tmp_path: Path) -> None:
    journal = SqliteJournal(tmp_path / "arm.db")
    async with start(journal=journal, settings=MEDIAN) as azure:
        await furnish(azure)
        await azure.put(VM, from_image())
        reader = sqlite3.connect(tmp_path / "arm.db")
        before = reader.execute("pragma data_version").fetchone()
        for _ in range(5):
            await read(azure, VM)

        after = reader.execute("pragma data_version").fetchone()
        largest = reader.execute("select max(length(fact)) from facts").fetchone()[0]
        reader.close()

    journal.close()
    assert before == after
    assert largest < 2_000


class Process:
    """`python -m local.arm`, as a child."""

    def __init__(self, database: Path, port: int = 0) -> None:
        command = [sys.executable, "-m", "local.arm", "--port", str(port), "--seed", "5"]
        command += ["--db", str(database)]
        environment = {**os.environ, "MOORING_CLOCK_ANCHOR": scaled_clock(1_000.0).anchor()}
        self.child = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def url(self) -> str:
        """Wait for the one line that it prints."""
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        found = re.fullmatch(r"arm ready on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        return found.group(1)

    def end(self, number: int) -> int:
        self.child.send_signal(number)
        status = self.child.wait(10)
        for stream in (self.child.stdout, self.child.stderr):
            if stream:
                stream.close()
        return status


async def call(method: str, url: str, body: Any = None) -> int:
    async with (
        aiohttp.ClientSession() as http,
        http.request(
            method, url + "?api-version=2026-04-01", json=body, headers=AUTHORIZED
        ) as answer,
    ):
        return answer.status


async def test_a_kill_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    database = tmp_path / "arm.db"
    process = Process(database)
    url = process.url()
    await call("PUT", url + GROUP, {"location": "eastus"})
    for number in range(20):
        body = {
            "location": "eastus",
            "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4},
        }
        assert await call("PUT", f"{url}{COMPUTE}/disks/d{number}", body) == 202
    process.end(signal.SIGKILL)

    again = Process(database)
    url = again.url()
    found = [await call("GET", f"{url}{COMPUTE}/disks/d{number}") for number in range(20)]

    assert again.end(signal.SIGTERM) == 0
    assert found == [200] * 20


async def test_a_busy_port_gives_one_clear_line(tmp_path: Path) -> None:
    async with start() as azure:
        port = int(azure.url.rsplit(":", 1)[1])
        process = Process(tmp_path / "arm.db", port)
        _, told = process.child.communicate(timeout=20)

        assert process.child.returncode == 1
        assert told == f"arm: port {port} on 127.0.0.1 is busy\n"
