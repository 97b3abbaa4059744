"""The unmodified azure-mgmt-compute clients, sync and aio, against a test's simulator."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.compute.aio import ComputeManagementClient as AioCompute

from tests.simulator import SUBSCRIPTION, AioNoCredential, Azure, NoCredential

T = TypeVar("T")


@asynccontextmanager
async def aio(azure: Azure) -> AsyncIterator[AioCompute]:
    async with AioCompute(AioNoCredential(), SUBSCRIPTION, **azure.client_options) as client:
        yield client


async def sync(azure: Azure, work: Callable[[ComputeManagementClient], T]) -> T:
    """Run `work` with the sync client in a thread: the simulator lives in this one."""

    def run() -> T:
        with ComputeManagementClient(
            NoCredential(), SUBSCRIPTION, **azure.client_options
        ) as client:
            return work(client)

    return await asyncio.to_thread(run)
