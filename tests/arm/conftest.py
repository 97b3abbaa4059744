from collections.abc import AsyncIterator

import pytest

from tests.simulator import SUBSCRIPTION, Azure, start

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"


@pytest.fixture
async def azure() -> AsyncIterator[Azure]:
    """A fast simulator with the resource group `rg` in eastus."""
    async with start() as azure:
        await azure.arm("PUT", GROUP, {"location": "eastus"})
        yield azure
