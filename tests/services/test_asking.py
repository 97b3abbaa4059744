"""Asking Azure for a VM's power, through the SDK's client, of the simulator."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from azure.core.exceptions import AzureError
from azure.mgmt.network.aio import NetworkManagementClient

from activities.azure.clients import Azure
from local.clock import wall_clock
from services.asking import power_now, subscription_of
from shared.model.run import Lifecycle, Vm
from tests import simulator
from tests.arm.compute import aio
from tests.arm.machines import VM, act, delete, from_image, world

CLOCK = wall_clock()


@asynccontextmanager
async def clients(azure: simulator.Azure) -> AsyncIterator[Azure]:
    credential = simulator.AioNoCredential()
    options = azure.client_options
    network = NetworkManagementClient(credential, simulator.SUBSCRIPTION, **options)
    async with aio(azure) as compute, network:
        yield Azure(compute, network)


def body(vm_id: str | None = None) -> Vm:
    return Vm(id=VM, name="vm1", vm_id=vm_id, size="Standard_D2s_v5", lifecycle=Lifecycle.SPOT)


async def test_the_power_of_a_vm_is_azures_word_and_nothing_once_it_is_gone() -> None:
    async with world() as azure, clients(azure) as ours:
        made = await azure.put(VM, from_image())
        vm = body(str(made["properties"]["vmId"]).upper())

        running = await power_now(ours, vm, CLOCK)
        await act(azure, "deallocate")
        down = await power_now(ours, vm, CLOCK)
        await delete(azure)

        assert (running, down, await power_now(ours, vm, CLOCK)) == ("running", "deallocated", "")


async def test_another_vm_of_the_same_name_is_not_ours() -> None:
    async with world() as azure, clients(azure) as ours:
        await azure.put(VM, from_image())

        assert await power_now(ours, body("an-earlier-one"), CLOCK) == ""
        assert await power_now(ours, body(), CLOCK) == "running"


async def test_a_refusal_is_raised() -> None:
    async with world() as azure, clients(azure) as ours:
        fault = {"kind": "throttle", "operation": "*virtualMachines/read", "retry_after_s": 60}
        await azure.send("POST", "/_world/faults", fault)

        with pytest.raises(AzureError):
            await power_now(ours, body(), CLOCK)


def test_the_subscription_is_in_the_id() -> None:
    assert subscription_of(body()) == simulator.SUBSCRIPTION
