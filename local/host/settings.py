"""The app's files that configure a host: host.json and local.settings.json."""

import json
import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.host.index import AppError

PER_CPU = 10
"""Concurrent activities for each processor. Source: the docs of host.json, durableTask."""


@dataclass(frozen=True)
class HostJson:
    """What this host takes from host.json."""

    route_prefix: str = "api"
    hub: str = "TestHubName"
    concurrent_activities: int = PER_CPU
    replace_running: bool = False
    default_version: str = ""

    @classmethod
    def load(cls, directory: Path) -> "HostJson":
        """Read host.json; a missing file means defaults. Raises AppError if it is no JSON."""
        document = read_document(directory / "host.json")
        extensions = document.get("extensions", {})
        durable = extensions.get("durableTask", {})
        prefix = extensions.get("http", {}).get("routePrefix", "api")
        limit = durable.get("maxConcurrentActivityFunctions", PER_CPU * (os.cpu_count() or 1))
        if not isinstance(limit, int):
            raise AppError(f"host.json: maxConcurrentActivityFunctions must be a number: {limit}")
        return cls(
            route_prefix=str(prefix).strip("/"),
            hub=str(durable.get("hubName", "TestHubName")),
            concurrent_activities=max(1, limit),
            replace_running=durable.get("overridableExistingInstanceStates") == "AnyState",
            default_version=str(durable.get("defaultVersion", "")),
        )


def load_local_settings(directory: Path, environment: MutableMapping[str, str]) -> list[str]:
    """Add the `Values` of local.settings.json to the environment, which wins; return the new."""
    values = read_document(directory / "local.settings.json").get("Values", {})
    added = [name for name in values if name not in environment]
    for name in added:
        environment[name] = str(values[name])
    return added


def describe_app(directory: Path, environment: MutableMapping[str, str]) -> None:
    """Tell the app where it runs, as core tools do; what the environment says already wins."""
    environment.setdefault("AzureWebJobsScriptRoot", str(directory))
    environment.setdefault("AZURE_FUNCTIONS_ENVIRONMENT", "Development")
    environment.setdefault("FUNCTIONS_WORKER_RUNTIME", "python")


def resolve(text: str, environment: MutableMapping[str, str]) -> str:
    """Replace `%NAME%` by that setting. Raises AppError if there is no such setting."""
    if not (len(text) > 2 and text.startswith("%") and text.endswith("%")):  # noqa: PLR2004
        return text
    name = text[1:-1]
    if name not in environment:
        raise AppError(f"'{text}' does not resolve to a value: there is no setting {name}")
    return environment[name]


def read_document(path: Path) -> dict[str, Any]:
    """Return a JSON object from a file, empty if there is no file. Raises AppError."""
    if not path.is_file():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as problem:
        raise AppError(f"{path.name} is not valid JSON: {problem}") from problem
    if not isinstance(document, dict):
        raise AppError(f"{path.name} must hold a JSON object")
    return document
