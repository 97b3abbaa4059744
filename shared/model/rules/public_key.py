"""The shape of an SSH public key, as it stands in authorized_keys: type, base64, comment.

The base64 holds fields, each with its length before it in four bytes; the first repeats the type.
Azure takes RSA of at least 2048 bits and Ed25519. Source: Azure docs, create-ssh-keys-detailed; RFC
4253 section 6.6, RFC 8709 section 4.
"""

import base64
import binascii
from typing import Final

RSA_BITS_MIN: Final = 2_048
ED25519_BYTES: Final = 32
LENGTH_BYTES: Final = 4
TAKEN: Final = ("ssh-rsa", "ssh-ed25519")


def wrong_with(text: str) -> str:
    """Return what is wrong with a public key; empty: nothing."""
    line = text.strip()
    kind, _, rest = line.partition(" ")
    if "\n" in line or "\r" in line or not rest:
        return "must be one line: ssh-rsa or ssh-ed25519, then the key"
    if kind not in TAKEN:
        return "must be an RSA or an Ed25519 key: Azure takes no other"
    fields = _fields(rest.split(" ")[0])
    if not fields or fields[0] != kind.encode():
        return "is not a whole key of its type"
    if kind == "ssh-rsa":
        return _rsa(fields)
    return "" if [len(one) for one in fields[1:]] == [ED25519_BYTES] else "is not a whole key"


def _rsa(fields: list[bytes]) -> str:
    """Judge the modulus, the third field after type and exponent."""
    if len(fields) != 3:  # noqa: PLR2004 - as the docstring says
        return "is not a whole key"
    bits = int.from_bytes(fields[2]).bit_length()
    return "" if bits >= RSA_BITS_MIN else f"must have at least {RSA_BITS_MIN} bits, not {bits}"


def _fields(text: str) -> list[bytes]:
    """Return the fields of a key; none where the text is no key, or not all of one."""
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return []
    found: list[bytes] = []
    while blob:
        length = int.from_bytes(blob[:LENGTH_BYTES])
        field, blob = blob[LENGTH_BYTES : LENGTH_BYTES + length], blob[LENGTH_BYTES + length :]
        if len(field) < length or not length:
            return []
        found.append(field)
    return found
