from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest

from store.secrets import EncryptedFileSecrets
from store.stores import Stores
from tests.api.disks import Client, opened_client
from tests.api.harness import Api, nowhere, open_api
from tests.store.worlds import NOON, HandClock

NUMBERS = count(1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def stores(
    azurite_connection: str, clock: HandClock, tmp_path: Path
) -> AsyncIterator[Stores]:
    secrets = EncryptedFileSecrets(tmp_path / "secrets", tmp_path / "key")
    prefix = f"api{next(NUMBERS)}"
    async with Stores.open(azurite_connection, clock, secrets, prefix) as opened:
        yield opened


@pytest.fixture
async def api(stores: Stores, clock: HandClock) -> AsyncIterator[Api]:
    azure = nowhere()
    yield await open_api(stores, clock, azure=azure)
    await azure.close()


@pytest.fixture
async def client(clock: HandClock) -> AsyncIterator[Client]:
    async with opened_client(clock) as opened:
        yield opened
