"""Login secrets after their work is done: the password goes, a digest of it stays.

A node whose OS disk persists needs its password once. Clients send it again with every edit of
the whole document, so it must still be told from another one: the digest does that, under a name
of its own in the secret store. It is never in a table.
"""

import asyncio
import hashlib
import hmac
from typing import Final

from pydantic import SecretStr

from store.secrets import SecretStore

SCRYPT_N: Final = 2**14
SCRYPT_R: Final = 8
"""Work of one digest: 16 MiB and some 40 ms, once a first launch and once an edit that sends a
password. Source: RFC 7914 section 2, for interactive use; passwords have 12 characters or more."""


async def spend(secrets: SecretStore, name: str) -> None:
    """Replace a secret by its digest; one that is not there is spent already."""
    value = await secrets.get(name)
    if value is not None:
        await secrets.put(
            spent_name(name), SecretStr(await _digest(name, value.get_secret_value()))
        )
        await secrets.delete(name)


async def in_force(secrets: SecretStore, name: str, sent: str) -> bool:
    """Tell whether a password that was sent is the one of that name, spent or not."""
    value = await secrets.get(name)
    if value is not None:
        return hmac.compare_digest(_bytes(value.get_secret_value()), _bytes(sent))
    digest = await secrets.get(spent_name(name))
    if digest is None:
        return False
    return hmac.compare_digest(digest.get_secret_value(), await _digest(name, sent))


async def forget(secrets: SecretStore, name: str) -> None:
    """Delete a secret and what is left of it once spent; absent ones are deleted already."""
    await secrets.delete(name)
    await secrets.delete(spent_name(name))


def spent_name(name: str) -> str:
    """Return under what name the digest of a secret is kept."""
    return f"{name}-spent"


async def _digest(name: str, value: str) -> str:
    """Return a digest that is slow to guess from; the name, never given twice, is its salt."""
    raw = await asyncio.to_thread(
        hashlib.scrypt,
        _bytes(value),
        salt=name.encode(),
        n=SCRYPT_N,
        r=SCRYPT_R,
        p=1,
    )
    return raw.hex()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
