"""Documents as properties: JSON text, packed and cut into what Azure Tables takes."""

import base64
import json
import re
import zlib
from typing import Any, Final, TypeVar

from pydantic import BaseModel

from store.rows import Values

CHUNK_CHARACTERS: Final = 32_000
"""Characters in one property, a little below what Azure takes (store.limits)."""

Model = TypeVar("Model", bound=BaseModel)
_PACKED: Final = re.compile(r"#(\d+)#")


def json_text(value: Any) -> str:
    """Write JSON in ASCII: one character is then one UTF-16 unit, and any text survives."""
    return json.dumps(value, separators=(",", ":"))


def text_values(name: str, text: str) -> dict[str, str]:
    """Return the properties that hold a JSON text.

    One property, if it fits; else the text is compressed (a decision over thousands of markets
    repeats itself) and cut: `#count#` and the first piece, then the others under numbered names.
    JSON never starts with `#`. A merge may leave pieces of a longer text behind; the count tells.
    """
    if len(text) <= CHUNK_CHARACTERS:
        return {name: text}
    packed = base64.b64encode(zlib.compress(text.encode())).decode()
    pieces = [packed[at : at + CHUNK_CHARACTERS] for at in range(0, len(packed), CHUNK_CHARACTERS)]
    rest = {f"{name}_{index}": piece for index, piece in enumerate(pieces[1:], start=1)}
    return {name: f"#{len(pieces)}#{pieces[0]}", **rest}


def text_of(values: Values, name: str) -> str:
    """Read what `text_values` wrote; the empty text if there is nothing."""
    first = str(values.get(name) or "")
    packed = _PACKED.match(first)
    if not packed:
        return first
    rest = (str(values[f"{name}_{index}"]) for index in range(1, int(packed[1])))
    return zlib.decompress(base64.b64decode(first[packed.end() :] + "".join(rest))).decode()


def json_values(name: str, value: Any) -> dict[str, str]:
    """Return the properties that hold a value that JSON can say."""
    return text_values(name, json_text(value))


def json_of(values: Values, name: str) -> Any:
    """Read what `json_values` wrote; None if there is nothing."""
    text = text_of(values, name)
    return json.loads(text) if text else None


def model_values(name: str, model: BaseModel) -> dict[str, str]:
    """Return the properties that hold a model."""
    return json_values(name, model.model_dump(mode="json"))


def model_of(values: Values, name: str, kind: type[Model]) -> Model:
    """Read what `model_values` wrote, ignoring fields that this release does not know."""
    return kind.model_validate_json(text_of(values, name))
