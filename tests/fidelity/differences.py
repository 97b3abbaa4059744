"""What distinguishes the simulator's reply from the recorded one."""

import re
from collections.abc import Iterator
from typing import Any

from tests.fidelity.recordings import Exchange

Json = dict[str, Any]

EXACT = frozenset(
    {
        *("provisioningState", "diskState", "status", "createOption", "priority", "evictionPolicy"),
        *("privateIPAllocationMethod", "publicIPAllocationMethod", "direction", "access"),
        *("type", "deleteOption", "displayStatus", "osType", "incremental", "primary"),
    }
)
"""Properties whose values must be equal; of the others only the kind."""
TRIMMED = "__trimmed__"
"""In recordings, marks where entries of a long list were left out."""
_GUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_STAMP = re.compile(r"\d{8}T\d{6}Z|\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)?")


def kind(value: Any) -> str:
    """Return what sort of JSON a value is."""
    names = {bool: "boolean", int: "number", float: "number", str: "text", list: "list"}
    return "null" if value is None else names.get(type(value), "object")


def normal(text: str) -> str:
    """Return a text without what differs from run to run."""
    return _STAMP.sub("<time>", _GUID.sub("<id>", text))


def bodies(recorded: Any, ours: Any, path: str = "") -> Iterator[str]:
    """Yield what is missing, additional or of another kind, each with its path."""
    if kind(recorded) != kind(ours):
        yield f"{path or '/'}: {kind(recorded)} recorded, {kind(ours)} here"
    elif isinstance(recorded, dict):
        yield from _objects(recorded, ours, path)
    elif isinstance(recorded, list):
        yield from _lists(recorded, ours, path)
    elif path.rsplit("/", 1)[-1] in EXACT and recorded != ours:
        yield f"{path}: {recorded!r} recorded, {ours!r} here"


def _objects(recorded: Json, ours: Json, path: str) -> Iterator[str]:
    for name in recorded.keys() - ours.keys():
        yield f"{path}/{name}: missing here"
    for name in ours.keys() - recorded.keys():
        yield f"{path}/{name}: not recorded"
    for name in sorted(recorded.keys() & ours.keys()):
        yield from bodies(recorded[name], ours[name], f"{path}/{name}")


def _lists(recorded: list[Any], ours: list[Any], path: str) -> Iterator[str]:
    recorded = [entry for entry in recorded if not _has(entry, TRIMMED)]
    if bool(recorded) != bool(ours):
        yield f"{path}: {len(recorded)} entries recorded, {len(ours)} here"
    for number, entry in enumerate(recorded):
        label = next((key for key in ("name", "code", "lun", "id") if _has(entry, key)), None)
        if label is None:
            found = ours[number] if number < len(ours) else entry
        else:
            same = [one for one in ours if _same(one, entry, label)]
            if not same and len(recorded) == len(ours) and label in {"name", "id"}:
                same = [ours[number]]
            if not same:
                yield f"{path}[{label}={normal(str(entry[label]))}]: missing here"
                continue
            found = same[0]
        yield from bodies(entry, found, f"{path}[]")


def _has(entry: Any, key: str) -> bool:
    return isinstance(entry, dict) and key in entry and not isinstance(entry[key], dict)


def _same(one: Any, entry: Json, label: str) -> bool:
    return isinstance(one, dict) and str(one.get(label)).lower() == str(entry[label]).lower()


def headers(recorded: Exchange, ours: dict[str, str]) -> Iterator[str]:
    """Yield differences in how the client is told to follow an operation.

    Of the sources of recordings one left out Retry-After and the other wrote 0: its presence is
    compared where it is recorded for an operation, never its value.
    """
    for name in ("azure-asyncoperation", "location"):
        if (name in recorded.headers) != (name in ours):
            where = "recorded, absent here" if name in recorded.headers else "not recorded"
            yield f"header {name}: {where}"


def errors(recorded: Json | None, ours: Json | None) -> Iterator[str]:
    """Yield differences of code and words, ids and times aside."""
    if (recorded is None) != (ours is None):
        given = recorded or ours or {}
        where = "recorded, none here" if recorded else "here, none recorded"
        yield f"error {given.get('code')} {where}"
        return
    if recorded is None or ours is None:
        return
    for name in ("code", "message", "target"):
        one, other = str(recorded.get(name)), str(ours.get(name))
        if normal(one).lower() != normal(other).lower():
            yield f"error {name}: {one!r} recorded, {other!r} here"
    details: list[Json] = recorded.get("details") or []
    ours_too: list[Json] = ours.get("details") or []
    if len(details) != len(ours_too):
        yield f"error details: {len(details)} recorded, {len(ours_too)} here"
    for number, detail in enumerate(details[: len(ours_too)]):
        yield from errors(detail, ours_too[number])
