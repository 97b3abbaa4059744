"""A store in this process, for tests of the API that ask nothing of Azurite."""

from collections.abc import AsyncIterator
from itertools import count

import pytest

from store.memory import SCHEME, Database, forget
from store.stores import Stores
from tests.store.worlds import HandClock

NUMBERS = count(1)


@pytest.fixture
async def stores(clock: HandClock) -> AsyncIterator[Stores]:
    name = f"api-{next(NUMBERS)}"
    async with Stores.open(f"{SCHEME}{name}", clock, Database().secrets) as opened:
        yield opened
    forget(name)
