"""What Azure Tables refuses, refused before it is sent: the emulator takes some of it.

Laxer than Azure in Azurite 3.37: rows over 1 MiB, more than 252 properties, and what it answers
to a forbidden key or to 101 writes is no answer that a client understands.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from store.errors import TooLarge
from store.rows import TRANSACTION_MAX, Mode, Write

TEXT_CHARACTERS_MAX: Final = 32_768
"""UTF-16 units in one property: 64 KiB.
Source: Azure docs, storage/tables, understanding the table service data model."""
ENTITY_BYTES_MAX: Final = 1_048_576
"""Bytes in one row. Source: as TEXT_CHARACTERS_MAX."""
PROPERTIES_MAX: Final = 252
"""Properties in one row, without the three of the system. Source: as TEXT_CHARACTERS_MAX."""
NAME_CHARACTERS_MAX: Final = 255
"""Characters in a property's name. Source: as TEXT_CHARACTERS_MAX."""
KEY_LENGTH_MAX: Final = 512
"""Characters in a key: 1 KiB of UTF-16. Source: as TEXT_CHARACTERS_MAX."""
NUMBER_MAX: Final = 2**31 - 1
"""Greatest number in a property: Edm.Int32, which is what the client makes of an int."""
TRANSACTION_BYTES_MAX: Final = 4_194_304
"""Bytes in one transaction. Source: Azure docs, storage/tables, entity group transactions."""
WRITE_BYTES: Final = 800
"""Bytes that a write adds to a transaction besides its row: request line, headers, boundary."""

_FORBIDDEN: Final = re.compile(r"[/\\#?\x00-\x1f\x7f-\x9f]")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SYSTEM: Final = frozenset({"PartitionKey", "RowKey", "Timestamp"})
_CONDITIONAL: Final = frozenset({Mode.REPLACE, Mode.MERGE, Mode.DELETE})


def require_writable(writes: tuple[Write, ...]) -> None:
    """Raise TooLarge for more data than Azure Tables takes, ValueError for what no table takes.

    A transaction is weighed with two bytes a character, as rows are: for the ASCII that this
    package writes never less than the request.
    """
    if not 1 <= len(writes) <= TRANSACTION_MAX:
        raise ValueError(f"{len(writes)} writes in one transaction; 1 to {TRANSACTION_MAX}")
    if len({write.partition for write in writes}) > 1:
        raise ValueError("a transaction writes to one partition")
    if len({write.row for write in writes}) < len(writes):
        raise ValueError("a transaction writes each row once")
    size_bytes = sum(WRITE_BYTES + _require_row(write) for write in writes)
    if len(writes) > 1 and size_bytes > TRANSACTION_BYTES_MAX:
        what = f"{len(writes)} writes to {writes[0].partition}"
        raise TooLarge(f"{what} have {size_bytes} bytes; at most {TRANSACTION_BYTES_MAX}")


def _require_row(write: Write) -> int:
    """Return the bytes of a row that Azure Tables takes."""
    what = f"row {write.partition}/{write.row}"
    if write.etag is not None and write.mode not in _CONDITIONAL:
        raise ValueError(f"{what}: {write.mode} takes no ETag")
    for key in (write.partition, write.row):
        _require_key(what, key)
    if len(write.values) > PROPERTIES_MAX:
        raise TooLarge(f"{what} has {len(write.values)} properties; at most {PROPERTIES_MAX}")
    for name, value in write.values.items():
        _require_property(f"property {name} of {what}", name, value)
    size_bytes = entity_bytes(write.partition, write.row, write.values)
    if size_bytes > ENTITY_BYTES_MAX:
        raise TooLarge(f"{what} has {size_bytes} bytes; at most {ENTITY_BYTES_MAX}")
    return size_bytes


def _require_key(what: str, key: str) -> None:
    if forbidden := _FORBIDDEN.search(key):
        raise ValueError(f"{what} has {forbidden[0]!r} in a key")
    if _units(key) > KEY_LENGTH_MAX:
        raise TooLarge(f"{what} has a key longer than {KEY_LENGTH_MAX} characters")


def _require_property(what: str, name: str, value: str | float | bool) -> None:  # noqa: FBT001
    if not _NAME.fullmatch(name) or name in _SYSTEM or len(name) > NAME_CHARACTERS_MAX:
        raise ValueError(f"{what}: not a name for a property")
    if isinstance(value, str):
        if _units(value) > TEXT_CHARACTERS_MAX:
            raise TooLarge(f"{what} has {len(value)} characters; at most {TEXT_CHARACTERS_MAX}")
    elif not -NUMBER_MAX <= value <= NUMBER_MAX:
        raise ValueError(f"{what}: {value} is not a 32-bit number")


def entity_bytes(partition: str, row: str, values: Mapping[str, Any]) -> int:
    """Return the bytes that Azure counts for a row.

    4 + 2 per key character + per property 8 + 2 per name character + the value, a text being
    4 + 2 per character. Source: Azure Storage team, "Understanding Azure Storage billing".
    """
    size = 4 + 2 * (len(partition) + len(row))
    return size + sum(_property_bytes(values.items()))


def _property_bytes(properties: Iterable[tuple[str, str | float | bool]]) -> Iterable[int]:
    for name, value in properties:
        if isinstance(value, str):
            size = 4 + 2 * _units(value)
        else:
            size = 1 if isinstance(value, bool) else 8
        yield 8 + 2 * len(name) + size


def _units(text: str) -> int:
    """Count UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2
