"""The secrets of a node, hidden in whatever Azure says.

An extension that fails may have Azure repeat what its script printed, and a refusal may quote what
was sent. Such text is stored and shown: in the journal, the durable history, the node's log and
its errorReason. So it is masked where it comes in.
"""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

from shared.model.ids import NodeKey
from shared.model.secrets import references
from shared.model.wire import from_stored
from store.errors import StoreError
from store.stores import Stores

Answer = TypeVar("Answer")

STARS: Final = "***"
WITHHELD: Final = "(withheld: the secrets that it may show cannot be read now)"
VALUE_LEAST: Final = 4
"""Characters of a value that is hidden: a shorter one is no secret, and stands in any text."""
WORD_LEAST: Final = 6
"""Likewise of a word inside of a value: a command holds ordinary words beside its password."""
TEXTS: Final = frozenset({"message", "reason", "warning", "troubles"})
"""Fields of outcomes that hold Azure's words; names and ids of resources stand in others."""
_WORD: Final = re.compile(r"""[^\s"'`=,;|&<>(){}\[\]]+""")


class Hushed(Exception):  # noqa: N818 - says what was done to it
    """What an activity raised, its kind first, with the node's secrets masked."""


@dataclass(frozen=True)
class Masks:
    """What is to be hidden, longest first; None: it is not known."""

    words: tuple[str, ...] | None

    def hide(self, text: str) -> str:
        """Return the text without the secrets; nothing of it where they are not known."""
        if self.words is None:
            return WITHHELD if text else text
        for word in self.words:
            text = text.replace(word, STARS)
        return text


async def masks_of(stores: Stores, key: NodeKey) -> Masks:
    """Return the masks of a node's present secrets; nothing raised here hides what went wrong.

    A login that was spent and settings that an edit replaced are kept nowhere, so not known.
    """
    try:
        record = await stores.nodes.get(key)
        refs = references(from_stored(record.document)) if record else ()
        kept = [await stores.secrets.get(ref) for ref in refs]
    except StoreError:
        return Masks(None)
    found = {word for one in kept if one for word in _words(one.get_secret_value())}
    return Masks(tuple(sorted(found, key=lambda word: (-len(word), word))))


def _words(secret: str) -> Iterator[str]:
    """Yield what may be seen of a secret: its values as they are and as texts spell them."""
    try:
        kept = json.loads(secret)
    except ValueError:
        kept = secret
    for value in _values(kept if isinstance(kept, dict) else secret):
        if len(value) < VALUE_LEAST:
            continue
        yield value
        yield json.dumps(value)[1:-1]
        yield quote(value, safe="")
        yield base64.b64encode(value.encode()).decode()
        yield from (word for word in _WORD.findall(value) if len(word) >= WORD_LEAST)


def _values(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from _values(one)
    elif node is not None and not isinstance(node, bool):
        yield str(node)


async def hushed(
    handler: Callable[..., Awaitable[Answer]], request: Any, stores: Stores, **given: Any
) -> Answer:
    """Run an activity; hide the node's secrets in the words that it answers, or raises.

    What our own tables or secret store say of themselves is left as it is.
    """
    key: NodeKey = request.work.key if hasattr(request, "work") else request.key
    try:
        answer = await handler(request, **given)
    except StoreError:
        raise
    except Exception as error:
        masked = (await masks_of(stores, key)).hide(str(error))
        if masked == str(error):
            raise
        raise Hushed(f"{type(error).__name__}: {masked}") from None
    return await _masked(answer, stores, key)


async def _masked(answer: Answer, stores: Stores, key: NodeKey) -> Answer:
    if not isinstance(answer, BaseModel):
        return answer
    texts = {
        name: value
        for name in TEXTS & type(answer).model_fields.keys()
        if (value := getattr(answer, name))
    }
    if not texts:
        return answer
    masks = await masks_of(stores, key)
    return answer.model_copy(update={name: _hide(value, masks) for name, value in texts.items()})


def _hide(value: Any, masks: Masks) -> Any:
    return masks.hide(value) if isinstance(value, str) else tuple(masks.hide(one) for one in value)
