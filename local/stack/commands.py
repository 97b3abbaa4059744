"""The programs of the stack: command lines and environments."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.clock import ScaledClock
from local.stack.arm import SUBSCRIPTION
from local.stack.children import Spec
from local.stack.options import Options
from local.stack.ports import HOST
from local.stack.trouble import Trouble

AZURITE = Path("node_modules/azurite/dist/src/azurite.js")
STORAGE_ACCOUNT = "devstoreaccount1"
STORAGE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)
"""Azurite's well-known account and key. Source: Azurite's README."""


@dataclass(frozen=True)
class Plan:
    """Where everything of one start is."""

    options: Options
    clock: ScaledClock
    storage_ports: Mapping[str, int]

    @property
    def url(self) -> str:
        """The host's address: API, document, event webhook."""
        return f"http://{HOST}:{self.options.port}"

    @property
    def arm_url(self) -> str:
        """The simulator's address."""
        return f"http://{HOST}:{self.options.arm_port}"

    @property
    def storage(self) -> str:
        """The connection string of Azurite."""
        parts = {
            "DefaultEndpointsProtocol": "http",
            "AccountName": STORAGE_ACCOUNT,
            "AccountKey": STORAGE_KEY,
        } | {
            f"{service.title()}Endpoint": f"http://{HOST}:{port}/{STORAGE_ACCOUNT}"
            for service, port in self.storage_ports.items()
        }
        return ";".join(f"{name}={value}" for name, value in parts.items()) + ";"

    @property
    def environment(self) -> dict[str, str]:
        """What the product, and all that runs beside it, is told."""
        return {
            "AzureWebJobsStorage": self.storage,
            "MOORING_TABLES": self.storage,
            "MOORING_ARM_ENDPOINT": self.arm_url,
            "MOORING_AUTHORITY": self.arm_url,
            "MOORING_PRICES_ENDPOINT": self.arm_url,
            "MOORING_CREDENTIAL": "local.credential:factory",
            "MOORING_CLOCK": "local.clock:from_environment",
            "MOORING_CLOCK_ANCHOR": self.clock.anchor(),
            "MOORING_SECRETS_DIR": str(self.options.directory / "secrets"),
            "PYTHONUNBUFFERED": "1",
        }


def node_program() -> str:
    """Return the Node executable itself: behind a version switcher's shim stands another one."""
    node = shutil.which("node")
    if node is None or not AZURITE.exists():
        raise Trouble("Azurite is not installed: `make run` installs it, given Node 20 or newer.")
    told = subprocess.run(  # noqa: S603 - the program found above
        [node, "-p", "process.execPath"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()


def azurite(plan: Plan) -> Spec:
    """Table, blob and queue storage, on disk. SIGINT makes it save; SIGTERM loses seconds."""
    command = [node_program(), str(AZURITE), "--silent", "--disableTelemetry"]
    command += ["--location", str(plan.options.directory / "azurite")]
    for service, port in plan.storage_ports.items():
        command += [f"--{service}Host", HOST, f"--{service}Port", str(port)]
    return Spec("azurite", command, {}, signal.SIGINT)


def simulator(plan: Plan) -> Spec:
    """Azure Resource Manager and what stands behind it."""
    command = [sys.executable, "-m", "local.arm", "--port", str(plan.options.arm_port)]
    command += ["--db", str(plan.options.directory / "arm.db"), "--seed", str(plan.options.seed)]
    command += ["--subscription", SUBSCRIPTION]
    return Spec("simulator", command, plan.environment)


def host(plan: Plan) -> Spec:
    """The Functions and Durable host, with the product in it."""
    command = [sys.executable, "-m", "local.host", "--app", ".", "--port", str(plan.options.port)]
    command += ["--db", str(plan.options.directory / "host.db")]
    return Spec("host", command, plan.environment)


def setup(*words: str) -> list[str]:
    """Return the command line of the product's own set-up tool."""
    return [sys.executable, "-m", "services.setup", *words]
