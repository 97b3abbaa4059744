"""Finds the app as Azure does, `app` in `function_app.py`, and sorts its functions by trigger."""

import importlib
import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import azure.functions as func

from local.host.durable.episode import Registry

HOST_TRIGGERS = frozenset({"httpTrigger", "timerTrigger", "eventGridTrigger"})
DURABLE_TRIGGERS = {
    "orchestrationTrigger": "orchestration",
    "activityTrigger": "activity",
    "entityTrigger": "entity_name",
}


class AppError(RuntimeError):
    """The app cannot be loaded."""


@dataclass(frozen=True)
class Function:
    """One function of the app.

    `trigger` and `bindings` are the decorators' settings as host.json would spell them.
    """

    name: str
    call: Callable[..., Any]
    trigger: Mapping[str, Any]
    bindings: list[Mapping[str, Any]]
    directory: Path
    parameters: Mapping[str, inspect.Parameter] = field(default_factory=dict)

    @property
    def type(self) -> str:
        """The trigger's type, as in `httpTrigger`."""
        return str(self.trigger["type"])

    @property
    def parameter(self) -> str:
        """The parameter that takes the trigger's value."""
        return str(self.trigger["name"])

    @property
    def registered_name(self) -> str:
        """The name by which durable calls find the function: the alias, else the name."""
        alias = self.trigger.get(DURABLE_TRIGGERS.get(self.type, ""))
        return str(alias or self.name)

    @property
    def disabled(self) -> bool:
        """Whether a setting switches the function off, as `AzureWebJobs.NAME.Disabled` does."""
        names = (f"AzureWebJobs{dot}{self.name}{dot}Disabled" for dot in (".", "__"))
        return any(os.environ.get(name, "").lower() in ("true", "1") for name in names)

    @property
    def obstacle(self) -> str:
        """Why this host does not run the function: the binding it lacks, or the setting."""
        if self.disabled:
            return "disabled"
        if self.type not in HOST_TRIGGERS and self.type not in DURABLE_TRIGGERS:
            return self.type
        inputs = (b for b in self.bindings if b.get("direction") == "IN" and b != self.trigger)
        return next((str(b["type"]) for b in inputs if b["type"] != "durableClient"), "")

    @property
    def runs_here(self) -> bool:
        """Whether this host runs the function."""
        return not self.obstacle


@dataclass(frozen=True)
class App:
    """An indexed app and the directory it lives in.

    The SDK lets an app be indexed once only; hosts that follow each other share one of these.
    """

    functions: list[Function]
    directory: Path

    @classmethod
    def load(cls, directory: Path) -> "App":
        """Import and index the app in a directory. Raises AppError with one clear sentence."""
        return cls.of(load_app(directory), directory)

    @classmethod
    def of(cls, app: Any, directory: Path) -> "App":
        """Index an app that is already imported. Raises AppError."""
        functions = index(app, directory)
        names = [function.name.lower() for function in functions]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise AppError(f"two functions are named '{twice[0]}'")
        return cls(functions, directory)


def load_app(directory: Path) -> Any:
    """Import `function_app` from a directory and return its `app`.

    Raises AppError with one clear sentence if there is none, or if importing it fails.
    """
    if not (directory / "function_app.py").is_file():
        raise AppError(f"no function_app.py in {directory}")
    sys.path.insert(0, str(directory))
    sys.modules.pop("function_app", None)
    try:
        module = importlib.import_module("function_app")
    except Exception as problem:
        raise AppError(f"function_app.py cannot be imported: {problem!r}") from problem
    app = getattr(module, "app", None)
    if not isinstance(app, func.FunctionRegister):
        raise AppError("function_app.py has no `app` that is a FunctionApp or DFApp")
    return app


def index(app: Any, directory: Path) -> list[Function]:
    """Return the functions of an app; AppError says which one is wrong and why."""
    try:
        found = app.get_functions()
    except Exception as problem:
        raise AppError(f"the app cannot be indexed: {problem}") from problem
    return [_function(each, directory) for each in found]


def registry(functions: list[Function]) -> Registry:
    """Return the durable functions by the names under which they are called."""
    named = {
        kind: {f.registered_name: f for f in functions if f.type == kind and f.runs_here}
        for kind in DURABLE_TRIGGERS
    }
    return Registry(
        orchestrators={n: f.call for n, f in named["orchestrationTrigger"].items()},
        activities=named["activityTrigger"],
        entities={n.lower(): f.call for n, f in named["entityTrigger"].items()},
    )


def _function(found: Any, directory: Path) -> Function:
    bindings = [json.loads(each) for each in found.get_raw_bindings()]
    kind = found.get_trigger()
    trigger = next(b for b in bindings if b["type"] == kind.type and b["name"] == kind.name)
    call = found.get_user_function()
    parameters = inspect.signature(call).parameters
    function = Function(found.get_function_name(), call, trigger, bindings, directory, parameters)
    _check(function)
    return function


def _check(function: Function) -> None:
    if not re.fullmatch(r"[A-Za-z][\w-]{0,127}", function.name):
        raise AppError(f"'{function.name}' is no name for a function")
    if function.type in ("orchestrationTrigger", "entityTrigger"):
        return
    bound = {binding["name"] for binding in function.bindings}
    unbound = set(function.parameters) - bound - {"context"}
    if unbound and not any(p.kind is p.VAR_KEYWORD for p in function.parameters.values()):
        raise AppError(
            f"function '{function.name}' has parameters without a binding: {sorted(unbound)}"
        )
    for binding in function.bindings:
        name = binding["name"]
        if name != "$return" and name not in function.parameters:
            raise AppError(f"function '{function.name}' has no parameter '{name}' for its binding")
    clients = any(binding["type"] == "durableClient" for binding in function.bindings)
    if clients and not _is_async(function.call):
        raise AppError(f"function '{function.name}' has a durable client: it must be async")


def _is_async(call: Callable[..., Any]) -> bool:
    inner = getattr(call, "client_function", call)
    return inspect.iscoroutinefunction(inner)
