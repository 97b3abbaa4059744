"""What the SDK's models say is compared as Azure says it."""

from typing import Any

import pytest
from azure.mgmt.compute import models as m
from azure.mgmt.network import models as n

from activities.azure.ensure import ensure
from activities.azure.words import word
from tests.store.worlds import NOON, HandClock

MADE = n.PublicIPAddress({"properties": {"provisioningState": "Succeeded"}})


async def never(_polling: object, _token: str | None) -> Any:
    pytest.fail("what is there is not made again")


async def test_a_network_resource_of_an_earlier_try_is_found_ready() -> None:
    """The models of the network client hold an enum where those of compute hold text."""

    async def get() -> Any:
        return MADE

    assert await ensure(get, never, HandClock(NOON)) is MADE


@pytest.mark.parametrize("size", ["Standard_D2s_v3", "Standard_D2s_v5"])
def test_a_size_reads_the_same_whether_the_sdk_knows_it_or_not(size: str) -> None:
    assert word(m.HardwareProfile({"vmSize": size}).vm_size) == size


def test_nothing_is_an_empty_word() -> None:
    assert word(None) == ""
