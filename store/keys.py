r"""Keys: texts that Azure Tables takes, back and forth, and times that sort.

A key may not hold / \ # ? or control characters, and `%` and quotes survive some clients badly,
so only letters, digits and `-_.` stand for themselves. `/` becomes `:` (ARM ids stay readable),
anything else `=` and two hex digits per UTF-8 byte. `!` and `~` never come out of `encode`: they
separate parts and mark a shortened key.
"""

import hashlib
import string
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.model.ids import NodeKey

KEY_CHARACTERS_MAX: Final = 400
"""Longest encoded part: a key may be 1 KiB, which is 512 UTF-16 characters, prefixes included.
Source: Azure docs, storage/tables, understanding the table service data model."""

_PLAIN: Final = frozenset(string.ascii_letters + string.digits + "-_.")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS_MAX: Final = 10**17 - 1
"""17 digits of microseconds reach the year 5138."""


def encode(text: str) -> str:
    """Write any text as a key part; reversible unless longer than KEY_CHARACTERS_MAX.

    A longer one keeps its head and ends in `~` and the SHA-256 of the whole: still one key per
    text, but the text itself must be kept in a property.
    """
    encoded = "".join(_encode_character(character) for character in text)
    if len(encoded) <= KEY_CHARACTERS_MAX:
        return encoded
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{encoded[: KEY_CHARACTERS_MAX - 1 - len(digest)]}~{digest}"


def _encode_character(character: str) -> str:
    if character in _PLAIN:
        return character
    if character == "/":
        return ":"
    return "".join(f"={byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def decode(key: str) -> str:
    """Read what `encode` wrote; ValueError for a shortened key."""
    if "~" in key:
        raise ValueError(f"a shortened key cannot be read back: {key}")
    head, *escaped = key.replace(":", "/").split("=")
    raw = bytearray(head.encode())
    for part in escaped:
        raw += bytes.fromhex(part[:2]) + part[2:].encode()
    return raw.decode("utf-8", "surrogatepass")


def arm_key(arm_id: str) -> str:
    """Write an ARM id, which Azure compares without regard to case, as a key part."""
    return encode(arm_id.lower())


def partition_of(key: NodeKey) -> str:
    """Return the partition key of a node's rows; any text that came for an id is a valid key."""
    return encode(key.partition)


def join(*parts: str) -> str:
    """Write several texts as one key; ranges over leading parts end in `!`."""
    return "!".join(encode(part) for part in parts)


def time_text(moment: datetime) -> str:
    """Write a moment as digits that sort by time, to the microsecond."""
    return f"{_microseconds(moment):017d}"


def reverse_time_text(moment: datetime) -> str:
    """Write a moment as digits that sort newest first, to the microsecond."""
    return f"{_MICROSECONDS_MAX - _microseconds(moment):017d}"


def _microseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
