import asyncio
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr

from store.errors import StoreError
from store.memory import Database
from store.secrets import EncryptedFileSecrets, NoSecretStore, secrets_at
from store.spent import forget, in_force, spend

NAME = "ssn-00000001/Login Password #1?"
VALUE = SecretStr("p@ss-wörd")


@pytest.fixture
def secrets(tmp_path: Path) -> EncryptedFileSecrets:
    return EncryptedFileSecrets(tmp_path / "vault", tmp_path / "key" / "secrets.key")


def files(tmp_path: Path) -> list[Path]:
    return [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_a_secret_reads_back_and_outlives_the_store(
    secrets: EncryptedFileSecrets, tmp_path: Path
) -> None:
    await secrets.put(NAME, VALUE)

    again = EncryptedFileSecrets(tmp_path / "vault", tmp_path / "key" / "secrets.key")

    assert await again.get(NAME) == VALUE
    assert await again.get("another") is None


async def test_a_secret_put_again_is_replaced(secrets: EncryptedFileSecrets) -> None:
    await secrets.put(NAME, VALUE)
    await secrets.put(NAME, SecretStr("newer"))

    assert await secrets.get(NAME) == SecretStr("newer")


async def test_a_deleted_secret_is_gone_and_can_be_deleted_again(
    secrets: EncryptedFileSecrets,
) -> None:
    await secrets.put(NAME, VALUE)

    await secrets.delete(NAME)
    await secrets.delete(NAME)

    assert await secrets.get(NAME) is None


async def test_only_their_owner_can_open_the_files(
    secrets: EncryptedFileSecrets, tmp_path: Path
) -> None:
    await secrets.put(NAME, VALUE)

    modes = {stat.S_IMODE(path.stat().st_mode) for path in files(tmp_path)}

    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "vault").stat().st_mode) == 0o700


async def test_no_file_and_no_repr_shows_a_secret_or_its_name(
    secrets: EncryptedFileSecrets, tmp_path: Path
) -> None:
    await secrets.put(NAME, VALUE)

    shown = b"".join(path.read_bytes() + str(path).encode() for path in files(tmp_path))

    assert VALUE.get_secret_value().encode() not in shown
    assert b"Password" not in shown
    assert VALUE.get_secret_value() not in f"{secrets!r} {await secrets.get(NAME)!r}"


async def test_a_secret_sealed_with_another_key_does_not_open(
    secrets: EncryptedFileSecrets, tmp_path: Path
) -> None:
    await secrets.put(NAME, VALUE)
    stranger = EncryptedFileSecrets(tmp_path / "vault", tmp_path / "another.key")

    with pytest.raises(StoreError, match="does not open with this key"):
        await stranger.get(NAME)


async def test_writers_at_once_lose_nothing_and_agree_on_the_key(tmp_path: Path) -> None:
    stores = [EncryptedFileSecrets(tmp_path / "v", tmp_path / "k") for _ in range(8)]

    await asyncio.gather(*(one.put(str(n), SecretStr(str(n))) for n, one in enumerate(stores)))

    found = [await stores[0].get(str(n)) for n in range(8)]
    assert [one.get_secret_value() for one in found if one] == [str(n) for n in range(8)]
    assert len(files(tmp_path)) == 9


async def test_a_setting_names_a_folder_that_keeps_its_secrets(tmp_path: Path) -> None:
    await secrets_at(str(tmp_path)).put(NAME, VALUE)

    again = EncryptedFileSecrets(tmp_path / "secrets.bin", tmp_path / "key")

    assert await again.get(NAME) == VALUE
    assert await secrets_at(str(tmp_path)).get(NAME) == VALUE


async def test_a_spent_secret_is_gone_and_still_told_from_another(
    secrets: EncryptedFileSecrets,
) -> None:
    await secrets.put(NAME, VALUE)
    assert await in_force(secrets, NAME, VALUE.get_secret_value())

    for _ in range(2):
        await spend(secrets, NAME)

    assert await secrets.get(NAME) is None
    assert await in_force(secrets, NAME, VALUE.get_secret_value())
    for other in ("p@ss-w\u00f6rd ", "", "\ud800"):
        assert not await in_force(secrets, NAME, other)


async def test_a_forgotten_secret_leaves_nothing_to_compare_with(
    secrets: EncryptedFileSecrets, tmp_path: Path
) -> None:
    await secrets.put(NAME, VALUE)
    await spend(secrets, NAME)

    for _ in range(2):
        await forget(secrets, NAME)

    assert not await in_force(secrets, NAME, VALUE.get_secret_value())
    assert [path.name for path in files(tmp_path)] == ["secrets.key"]


async def test_what_is_left_of_a_spent_secret_does_not_show_it() -> None:
    kept = Database().secrets
    await kept.put("name", VALUE)

    await spend(kept, "name")

    left = [await kept.get(name) for name in kept.names()]
    assert [len(one.get_secret_value()) for one in left if one] == [128]
    assert VALUE.get_secret_value() not in [one.get_secret_value() for one in left if one]


async def test_without_a_secret_store_secrets_are_refused_in_words() -> None:
    nowhere = NoSecretStore()

    for refused in (nowhere.put(NAME, VALUE), nowhere.get(NAME), nowhere.delete(NAME)):
        with pytest.raises(StoreError, match="no secret store is configured") as error:
            await refused
        assert VALUE.get_secret_value() not in str(error.value)
