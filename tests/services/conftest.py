from collections.abc import AsyncIterator

import pytest

from tests.services.house import House, opened_house


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """Services on tables of the test's own."""
    async with opened_house() as opened:
        yield opened
