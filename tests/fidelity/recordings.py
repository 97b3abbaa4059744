"""Recorded exchanges with Azure, read and made fit for a simulator.

A file is a trace: one exchange a line, as JSON, in order, with `op` (a name of the operation),
`seq`, `request{method,path,query,body}` and `response{status,headers,body}`.
A file whose exchanges have no order (`seq`) is a collection of errors from many traces.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from local.arm.subscription.state import DEFAULT

Json = dict[str, Any]

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
"""What stands in recordings for the subscription."""
REGION = "eastus"
"""Where all of it happens on the simulator, which serves two regions only."""
_POLLED = re.compile(r"/(operations|DiskOperations|operationresults)/", re.IGNORECASE)
_REGIONS = re.compile(r"\b(westus|centraluseuap|westcentralus|eastus2euap)\b")


_GROUPS = re.compile(r"\bCLI_TEST_DELETE_DEPENDENT_RESOURCES\w+")
"""A group whose random name the recorder replaced in some places only."""
PASSWORD = "Up-and-down-4"  # noqa: S105 - of a VM that is simulated
_SECRETS = (
    ('"adminPassword": "REDACTED"', f'"adminPassword": "{PASSWORD}"'),
    ('"keyData": "REDACTED"', '"keyData": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ== recorded"'),
)
"""Secrets were taken out of recordings; these stand for them."""
_LIKE = (
    ('"Standard_D2a_v4"', '"Standard_D2_v3"'),
    ('"16.04.0-LTS"', '"18.04-LTS"'),
)
"""Recorded VM sizes and images that the catalogue does not have, and their like that it has."""


@dataclass(frozen=True)
class Exchange:
    """One recorded request and its reply."""

    number: int
    op: str
    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    headers: dict[str, str]
    answer: Any

    @property
    def is_poll(self) -> bool:
        """Whether the request asks how an operation stands."""
        return bool(_POLLED.search(self.path))

    @property
    def at(self) -> datetime | None:
        """When the reply was written."""
        date = self.headers.get("date")
        return parsedate_to_datetime(date) if date else None

    @property
    def error(self) -> Json | None:
        """The error of a refusal, or of an operation that failed."""
        found = self.answer.get("error") if isinstance(self.answer, dict) else None
        return found if isinstance(found, dict) else None


@dataclass(frozen=True)
class Trace:
    """One file."""

    name: str
    exchanges: list[Exchange]
    in_order: bool


def traces(directory: Path) -> Iterator[Trace]:
    """Read all files of a directory, by name."""
    for path in sorted(directory.glob("*.jsonl")):
        yield read(path.name.removesuffix(".jsonl"), path.read_text())


def read(name: str, text: str) -> Trace:
    """Read the text of one file."""
    fit = _REGIONS.sub(REGION, text.replace(SUBSCRIPTION, DEFAULT))
    fit = _GROUPS.sub("cli_test_delete_dependent_resources000001", fit)
    for given, made_up in (*_SECRETS, *_LIKE):
        fit = fit.replace(given, made_up)
    rows = [json.loads(line) for line in fit.splitlines() if line.strip()]
    exchanges = [_exchange(number, row) for number, row in enumerate(rows)]
    return Trace(name, exchanges, all("seq" in row for row in rows))


def _exchange(number: int, row: Json) -> Exchange:
    request, response = row["request"], row["response"]
    return Exchange(
        number,
        row["op"],
        request["method"],
        request["path"],
        dict(request.get("query") or {}),
        request.get("body"),
        response["status"],
        {key.lower(): value for key, value in (response.get("headers") or {}).items()},
        response.get("body"),
    )
