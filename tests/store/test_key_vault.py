"""The Key Vault behind the same contract as the encrypted file, through the real SDK."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from pydantic import SecretStr

from local.credential import LocalCredential
from local.worlds.transport import Answer, InProcessTransport, Sent
from store.errors import StoreError, TooLarge, Unavailable
from store.key_vault import RECOVERY_PAUSES_S, VALUE_BYTES, KeyVaultSecrets, vault_at
from store.spent import in_force, spend
from tests.store.vault import SETTLE_S, URL, Vault
from tests.store.worlds import NOON, HandClock

NAME = "ssn-00000001-0000000a-login"
VALUE = SecretStr("p@ss-wörd")


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def vault(clock: HandClock) -> Vault:
    return Vault(clock)


@pytest.fixture
async def secrets(vault: Vault, clock: HandClock) -> AsyncIterator[KeyVaultSecrets]:
    kept = vault_at(URL, LocalCredential(), clock, vault.transport())
    yield kept
    await kept.close()


async def test_a_secret_reads_back_is_replaced_and_forgotten(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    await secrets.put(NAME, SecretStr("first"))
    await secrets.put(NAME, VALUE)
    read = await secrets.get(NAME)
    for _ in range(2):
        await secrets.delete(NAME)

    assert read == VALUE
    assert await secrets.get(NAME) is None
    assert vault.values() == {}
    assert vault.tokens == {"Bearer mooring-local"}


async def test_names_that_a_vault_does_not_take_are_told_apart_all_the_same(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    names = ["a", "A", "a_b", "a/b", "x-y", "n" * 128, "n" * 129, "ü", "", "a" * 127]

    for name in names:
        await secrets.put(name, SecretStr(name))

    found = [await secrets.get(name) for name in names]
    assert [one.get_secret_value() for one in found if one is not None] == names
    assert len(vault.values()) == len(names)
    assert NAME not in vault.values()


async def test_a_delete_does_not_wait_for_the_vault_to_end_it(
    secrets: KeyVaultSecrets, vault: Vault, clock: HandClock
) -> None:
    await secrets.put(NAME, VALUE)

    await secrets.delete(NAME)

    assert clock.now() == NOON
    assert vault.calls[-1] == f"DELETE /secrets/{NAME}"


async def test_a_name_that_is_reserved_by_a_deleted_secret_is_taken_back(
    secrets: KeyVaultSecrets, clock: HandClock
) -> None:
    await secrets.put(NAME, SecretStr("first"))
    await secrets.delete(NAME)

    await secrets.put(NAME, VALUE)

    assert await secrets.get(NAME) == VALUE
    assert (clock.now() - NOON).total_seconds() < 4 * SETTLE_S


async def test_a_vault_that_never_gives_a_name_back_is_unavailable_after_a_bounded_time(
    secrets: KeyVaultSecrets, vault: Vault, clock: HandClock
) -> None:
    await secrets.put(NAME, SecretStr("first"))
    await secrets.delete(NAME)
    vault.settle_s = float("inf")

    with pytest.raises(Unavailable, match="does not give the name"):
        await secrets.put(NAME, VALUE)

    assert (clock.now() - NOON).total_seconds() == sum(RECOVERY_PAUSES_S)


async def test_throttling_is_waited_out_as_the_vault_asks(
    secrets: KeyVaultSecrets, vault: Vault, clock: HandClock
) -> None:
    await secrets.put(NAME, VALUE)
    vault.throttled = 2

    assert await secrets.get(NAME) == VALUE

    assert (clock.now() - NOON).total_seconds() == 6


@pytest.mark.parametrize("fault", ["throttled", "broken"])
async def test_a_vault_that_stays_unwell_is_unavailable(
    secrets: KeyVaultSecrets, vault: Vault, fault: str
) -> None:
    setattr(vault, fault, 100)

    for refused in (secrets.put(NAME, VALUE), secrets.get(NAME), secrets.delete(NAME)):
        with pytest.raises(Unavailable):
            await refused


async def test_a_vault_that_cannot_be_reached_is_unavailable(clock: HandClock) -> None:
    async def lost(_sent: Sent) -> Answer:
        raise ServiceRequestError("no route")

    class Nowhere(InProcessTransport):
        async def sleep(self, duration: float) -> None:
            await clock.sleep(duration)

    secrets = vault_at(URL, LocalCredential(), clock, Nowhere(lost))

    with pytest.raises(Unavailable, match="did not answer"):
        await secrets.get(NAME)


async def test_a_missing_right_says_which_role_is_needed_and_no_value(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    vault.forbidden = True

    with pytest.raises(StoreError, match="Key Vault Secrets Officer") as refused:
        await secrets.put(NAME, VALUE)

    assert not isinstance(refused.value, Unavailable)
    assert VALUE.get_secret_value() not in repr(refused.value)


async def test_whoever_cannot_sign_in_is_told_so(vault: Vault, clock: HandClock) -> None:
    class Nobody(LocalCredential):
        async def get_token(self, *_scopes: str, **_options: object) -> AccessToken:
            raise ClientAuthenticationError("no managed identity endpoint found")

    secrets = vault_at(URL, Nobody(), clock, vault.transport())

    with pytest.raises(Unavailable, match=r"nobody could sign in .*: no managed"):
        await secrets.get(NAME)


async def test_a_secret_larger_than_a_vault_takes_is_refused_before_it_is_sent(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    await secrets.put(NAME, SecretStr("x" * VALUE_BYTES))
    calls = len(vault.calls)

    with pytest.raises(TooLarge):
        await secrets.put(NAME, SecretStr("x" * (VALUE_BYTES + 1)))

    assert len(vault.calls) == calls


async def test_a_spent_password_is_still_told_from_another(secrets: KeyVaultSecrets) -> None:
    await secrets.put(NAME, VALUE)

    for _ in range(2):
        await spend(secrets, NAME)

    assert await secrets.get(NAME) is None
    assert await in_force(secrets, NAME, VALUE.get_secret_value())
    assert not await in_force(secrets, NAME, "another")


async def test_many_at_once_are_kept_apart(secrets: KeyVaultSecrets) -> None:
    names = [f"name-{number}" for number in range(20)]
    await asyncio.gather(*(secrets.put(name, SecretStr(name)) for name in names))

    found = await asyncio.gather(*(secrets.get(name) for name in names))

    assert [one.get_secret_value() for one in found if one] == names


async def test_the_store_shows_no_secret_of_itself(secrets: KeyVaultSecrets) -> None:
    assert repr(secrets) == f"KeyVaultSecrets({URL!r})"
