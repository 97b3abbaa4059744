"""A request body that is one part by itself: from JSON to the model, or to all that is wrong."""

from typing import Final, TypeVar

from pydantic import ValidationError

from shared.model.fields import Part
from shared.model.parse import body_root
from shared.model.problems import Code, FieldError, Rejected
from shared.model.shape import shape
from shared.model.validate import problem_of

P = TypeVar("P", bound=Part)
BODY: Final = "body"
"""What an error names when the whole body is meant."""
FIELD_SHOWN: Final = 300
"""Characters of a field's path that an error repeats: names of clients' own may stand in it."""


def parse_part(model: type[P], body: object, under: str = "") -> P:
    """Return what a body says, `{...}` or `{under: {...}}`. Raises `Rejected` with every problem.

    null is the same as absent.
    """
    if under:
        inner = body_root(body, under)
    elif isinstance(body, dict):
        inner = body
    else:
        raise Rejected([FieldError(Code.TYPE, "must be an object", BODY)])
    shaped = shape(model, inner, under)
    problems = [*shaped.problems]
    said: P | None = None
    try:
        given = {name: value for name, value in shaped.value.items() if value is not None}
        said = model.model_validate(given)
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        problems += [problem_of(one) for one in details]
    if problems or said is None:
        told = [shaped.error(one) for one in problems]
        errors = [
            FieldError(one.code, one.message, one.field.lstrip(".")[:FIELD_SHOWN]) for one in told
        ]
        raise Rejected(dict.fromkeys(errors))
    return said
