"""One Azurite (tables only, in memory) per test process; `azurite_connection` in any conftest."""

import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAM = ROOT / "node_modules" / "azurite" / "dist" / "src" / "table" / "main.js"
# The emulator's one key: public, in Azurite's README.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
START_S = 30


@pytest.fixture(scope="session")
def azurite_connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start Azurite on a free port; give its connection string; stop it at the end."""
    port = free_port()
    options = ["--silent", "--disableTelemetry", "--inMemoryPersistence", "--tablePort", str(port)]
    folder = tmp_path_factory.mktemp("azurite")
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            ["node", str(PROGRAM), *options], cwd=folder, stdout=output, stderr=output
        )
    try:
        wait_until_it_listens(process, port)
        yield connection_string(port)
    finally:
        process.terminate()
        process.wait(10)


def connection_string(port: int) -> str:
    endpoint = f"http://127.0.0.1:{port}/devstoreaccount1"
    return (
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
        f"AccountKey={KEY};TableEndpoint={endpoint};"
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"azurite ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)  # noqa: TID251 - another process starts; no clock of ours can hurry it
    raise TimeoutError(f"azurite did not listen on port {port} within {START_S} s")
