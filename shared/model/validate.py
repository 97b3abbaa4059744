"""All that is wrong with a document: field by field, then between fields.

The second pass runs even when the first found something, on the document without the values
that failed: a client with five mistakes reads of five.
"""

import copy
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.model.node import NodeDocument
from shared.model.problems import Code, Loc, Problem
from shared.model.rules import RULES
from shared.model.rules.facts import Facts, Limits

_TYPES: Final = {
    "string_type": "must be a text",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "tuple_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
}
_RANGES: Final = {
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than_equal": ("must be at most {}", "le"),
    "string_too_long": ("must have at most {} characters", "max_length"),
}
_NO_WORD: Final = (
    "must not be empty, have blanks around it, or control or other unseen characters in it"
)
_REVERT_TO_SPOT: Final = 'must be an object such as {"performAt": "never"}'


def validate(
    document: dict[str, Any], limits: Limits, *, creating: bool
) -> tuple[NodeDocument | None, list[Problem]]:
    """Return the document as a model, or None and every problem found."""
    problems: list[Problem] = []
    result: NodeDocument | None = None
    try:
        result = NodeDocument.model_validate(document)
    except ValidationError as failed:
        problems = [
            problem_of(one) for one in failed.errors(include_url=False, include_input=False)
        ]
    failed_at = {problem.loc for problem in problems}
    facts = Facts(_without(document, failed_at), limits, creating=creating)
    for rule in RULES:
        problems += [found for found in rule(facts) if not _known(found.loc, failed_at)]
    return (None if problems else result), problems


def _known(loc: Loc, failed_at: set[Loc]) -> bool:
    return any(loc[:end] in failed_at for end in range(1, len(loc) + 1))


def problem_of(error: ErrorDetails) -> Problem:
    """Return what pydantic found in our words; never with the value itself."""
    kind, loc = error["type"], tuple(error["loc"])
    context = error.get("ctx", {})
    if kind in _RANGES:
        message, bound = _RANGES[kind]
        return Problem(loc, Code.RANGE, message.format(context[bound]))
    if kind in _TYPES:
        to_spot = loc[-1] == "revertToSpot"
        return Problem(loc, Code.TYPE, _REVERT_TO_SPOT if to_spot else _TYPES[kind])
    code, message = {
        "missing": (Code.REQUIRED, "is required"),
        "value_error": (Code.VALUE, str(context.get("error"))),
        "literal_error": (Code.VALUE, f"must be {context.get('expected')}"),
        "enum": (Code.VALUE, f"must be {context.get('expected')}"),
        "string_pattern_mismatch": (Code.VALUE, _NO_WORD),
        "string_too_short": (Code.VALUE, "must not be empty"),
    }.get(kind, (Code.VALUE, "is not valid"))
    return Problem(loc, code, message)


def _without(document: Mapping[str, Any], failed_at: set[Loc]) -> dict[str, Any]:
    """Return a copy in which the values at these places are None."""
    left: dict[str, Any] = copy.deepcopy(dict(document))
    for loc in failed_at:
        holder: Any = left
        for step in loc[:-1]:
            holder = _step(holder, step)
        if _step(holder, loc[-1]) is not None:
            holder[loc[-1]] = None
    return left


def _step(holder: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return holder[step] if isinstance(holder, list) and step < len(holder) else None
    return holder.get(step) if isinstance(holder, dict) else None
