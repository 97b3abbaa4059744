from collections.abc import AsyncIterator, Iterator
from itertools import count

import pytest

from shared.model.ids import NodeKey, node_key
from store.memory import SCHEME, Database, forget
from store.stores import Stores
from tests.store.worlds import NOON, HandClock

NUMBERS = count(1)


@pytest.fixture
def clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture(params=["azurite", "memory"])
def connection(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each place that can keep the tables: one contract holds for all."""
    if request.param == "azurite":
        yield request.getfixturevalue("azurite_connection")
    else:
        name = f"t{next(NUMBERS)}"
        yield f"{SCHEME}{name}"
        forget(name)


@pytest.fixture
async def stores(connection: str, clock: HandClock) -> AsyncIterator[Stores]:
    """A store of the test's own: the contract is told against `Stores` alone."""
    secrets = Database().secrets
    async with Stores.open(connection, clock, secrets, f"t{next(NUMBERS)}") as opened:
        yield opened


@pytest.fixture
def key() -> NodeKey:
    return node_key("act-0000beef", "ssn-00000001")
