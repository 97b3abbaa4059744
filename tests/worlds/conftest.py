"""A running stack for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.worlds.stack import World, running_world


@pytest_asyncio.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Start a stack; after the test, insist that the simulator knew every call made to it."""
    async with running_world(tmp_path / "stack") as running:
        yield running
        assert await running.unknown_calls() == []
