"""Secrets: what never enters tables, histories, logs or answers."""

import asyncio
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken
from pydantic import SecretStr

from store.errors import StoreError
from store.memory import database_at


class SecretStore(Protocol):
    """Secrets by name. Each call may be repeated."""

    async def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret, replacing one of that name."""
        ...

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret."""
        ...

    async def delete(self, name: str) -> None:
        """Forget a secret; an absent one is forgotten already."""
        ...


def secrets_at(where: str) -> SecretStore:
    """Return the secret store that a setting names: a folder, or `memory:NAME`.

    Both find what was put there before. Raises BadConnection for `memory:` without a name.
    """
    database = database_at(where)
    if database:
        return database.secrets
    folder = Path(where)
    return EncryptedFileSecrets(folder / "secrets.bin", folder / "key")


class NoSecretStore:
    """Refuses all: nobody said where secrets go."""

    async def put(self, name: str, value: SecretStr) -> None:
        """Refuse."""
        del value
        raise StoreError(f"no secret store is configured; cannot keep {name}")

    async def get(self, name: str) -> SecretStr | None:
        """Refuse."""
        raise StoreError(f"no secret store is configured; cannot read {name}")

    async def delete(self, name: str) -> None:
        """Refuse."""
        raise StoreError(f"no secret store is configured; cannot delete {name}")


class EncryptedFileSecrets:
    """Secrets in a directory, one encrypted file each, so that processes do not lose each other's.

    Files and key are readable by their owner only; a file is replaced whole or not at all. The key
    is made on first use. Who can read the key file can read the secrets: for local mode.
    """

    def __init__(self, path: Path, key_path: Path) -> None:
        self._path = path
        self._key_path = key_path

    def __repr__(self) -> str:
        return f"EncryptedFileSecrets({str(self._path)!r})"

    async def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret, replacing one of that name."""
        await asyncio.to_thread(self._put, name, value)

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret; StoreError if its file was written with another key or damaged."""
        return await asyncio.to_thread(self._get, name)

    async def delete(self, name: str) -> None:
        """Forget a secret; an absent one is forgotten already."""
        await asyncio.to_thread(self._file(name).unlink, missing_ok=True)

    def _put(self, name: str, value: SecretStr) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        sealed = self._fernet().encrypt(value.get_secret_value().encode())
        _replace_file(self._file(name), sealed)

    def _get(self, name: str) -> SecretStr | None:
        try:
            sealed = self._file(name).read_bytes()
        except FileNotFoundError:
            return None
        try:
            return SecretStr(self._fernet().decrypt(sealed).decode())
        except InvalidToken as error:
            raise StoreError(f"secret {name} does not open with this key") from error

    def _file(self, name: str) -> Path:
        return self._path / f"{hashlib.sha256(name.encode()).hexdigest()}.secret"

    def _fernet(self) -> Fernet:
        if not self._key_path.exists():
            self._key_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):  # another process was quicker: use its key
                _create_file(self._key_path, Fernet.generate_key())
        return Fernet(self._key_path.read_bytes())


def _create_file(path: Path, content: bytes) -> None:
    """Write a file that must not exist, whole: a link either appears complete or not at all."""
    temporary = _temporary_file(path, content)
    try:
        os.link(temporary, path)
    finally:
        temporary.unlink()


def _replace_file(path: Path, content: bytes) -> None:
    _temporary_file(path, content).replace(path)


def _temporary_file(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".")  # made with mode 0600
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
