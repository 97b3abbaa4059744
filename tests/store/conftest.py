from collections.abc import AsyncIterator
from itertools import count

import pytest

from shared.model.ids import NodeKey, node_key
from store.stores import Stores
from tests.store.worlds import NOON, HandClock

NUMBERS = count(1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
async def stores(azurite_connection: str, clock: HandClock) -> AsyncIterator[Stores]:
    """A store of the test's own: the contract is told against `Stores` alone."""
    async with Stores.open(azurite_connection, clock, prefix=f"t{next(NUMBERS)}") as opened:
        yield opened


@pytest.fixture
def key() -> NodeKey:
    return node_key("act-0000beef", "ssn-00000001")
