"""From Terraform code to a node document that the API will take."""

from collections.abc import Mapping
from typing import Any, Final

from services.terraform.evaluate import scope_of
from services.terraform.reader import Here, Reader, Reading
from services.terraform.schema import NODE, RESOURCE
from services.terraform.syntax import BlockWritten, Body, parse
from services.terraform.terms import LAUNCH
from services.terraform.texts import Unreadable
from shared.model.merge import merge
from shared.model.node import NodeDocument
from shared.model.problems import Code, FieldError, Loc, Problem, Rejected
from shared.model.rules.facts import Limits, place, value_at
from shared.model.shape import shape
from shared.model.validate import validate

ROOT: Final = "hcl"
"""Field of an error that is about the code as a whole."""
_NETWORK: Final = place(f"{LAUNCH}.network")
_IMAGE: Final = place(f"{LAUNCH}.image")
_LOGIN: Final = place(f"{LAUNCH}.login")


def read(code: str, variables: Mapping[str, Any], wanted: str, limits: Limits) -> Reading:
    """Return the node that the code describes. Raises `Rejected`, each error with its line.

    `wanted` names the resource, where there are several. The document is judged as a new node's
    would be, except that secrets may be missing, and what persistence fixes in a node that exists.
    """
    try:
        file = parse(code)
    except Unreadable as error:
        message = f"line {error.line}: {error.message}"
        raise Rejected([FieldError(Code.VALUE, message, ROOT)]) from None
    block = _the_resource(file, wanted)
    reading = Reading(block.labels[1], block.line)
    Reader(reading, scope_of(file, variables)).read(NODE, block.body, Here(reading.node))
    if not reading.errors:
        _judge(reading, limits)
    if reading.errors:
        raise Rejected(reading.errors)
    return reading


def _the_resource(file: Body, wanted: str) -> BlockWritten:
    chosen = [
        one
        for one in file.blocks
        if one.name == "resource"
        and one.labels[:1] == (RESOURCE,)
        and len(one.labels) == 2  # noqa: PLR2004 - its type and its name
        and wanted in ("", one.labels[1])
    ]
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        message = f'there is no resource "{RESOURCE}" "{wanted or "..."}" in the code'
        raise Rejected([FieldError(Code.REQUIRED, message, ROOT)])
    names = ", ".join(one.labels[1] for one in chosen)
    message = f"there are several ({names}): say here which of them to read"
    raise Rejected([FieldError(Code.CONFLICT, message, "resource")])


def _judge(reading: Reading, limits: Limits) -> None:
    """Judge the document, and note what is wrong where the code says it."""
    shaped = shape(NodeDocument, reading.node, "node")
    document = merge(NodeDocument, {}, shaped.value)
    _, problems = validate(document, limits, creating=True)
    for problem in problems:
        if not _is_excused(problem, reading):
            reading.wrong(reading.place(problem.loc), problem.message, problem.code)


def _is_excused(problem: Problem, reading: Reading) -> bool:
    """Tell whether something may be missing: a secret, or what a node that exists has already."""
    if problem.code is not Code.REQUIRED:
        return False
    if problem.loc[: len(_LOGIN)] == _LOGIN:
        return (*_LOGIN, "password") in reading.withheld
    kept = value_at(reading.node, "persistence") or {}
    if _is_in(problem.loc, _NETWORK):
        return bool(kept.get("shouldPersistNetwork"))
    return _is_in(problem.loc, _IMAGE) and bool(kept.get("shouldPersistOsDisk"))


def _is_in(loc: Loc, part: Loc) -> bool:
    """Tell whether a problem is that this part is not there at all, or what holds it."""
    return loc == part or part[: len(loc)] == loc
