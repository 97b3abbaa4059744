"""The unmodified compute clients on the forecast's way: reads reach Azure, writes do not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.transport import AioHttpTransport
from azure.mgmt.compute import models as m
from azure.mgmt.compute.aio import ComputeManagementClient

from services.plan.arm_paths import arm_path
from services.plan.forecast import ForecastTransport
from services.plan.forecast_clock import ForecastClock
from services.plan.telling import differences, downtime, redacted
from tests.arm.machines import VM, attached, disk_id, from_image, nic_id, power_of, read, world
from tests.simulator import SUBSCRIPTION, AioNoCredential, Azure
from tests.store.worlds import NOON

Stage = tuple[Any, ForecastTransport, Azure]


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Open a client on the forecast's way to a simulator that has one VM, `vm1` on disk `os1`."""
    async with world() as azure, AioHttpTransport() as beneath:
        await azure.put(VM, from_image())
        host = urlsplit(azure.url).netloc
        transport = ForecastTransport(beneath, host, ForecastClock(NOON), lambda _key: None)
        async with ComputeManagementClient(
            AioNoCredential(), SUBSCRIPTION, transport=transport, **azure.client_options
        ) as client:
            yield client, transport, azure


@pytest.fixture
async def on() -> AsyncIterator[Stage]:
    async with stage() as opened:
        yield opened


async def power(client: Any, name: str = "vm1") -> str:
    view = await client.virtual_machines.instance_view("rg", name)
    return str([one.code for one in view.statuses][-1])


async def test_reads_are_azures_until_something_is_written(on: Stage) -> None:
    client, transport, _ = on

    vm = await client.virtual_machines.get("rg", "vm1", expand="instanceView")

    assert vm.properties.hardware_profile.vm_size == "Standard_D2s_v5"
    assert vm.properties.instance_view is not None
    assert await power(client) == "PowerState/running"
    assert transport.writes == []
    with pytest.raises(ResourceNotFoundError):
        await client.virtual_machines.get("rg", "nobody")


async def test_a_vm_that_is_stopped_and_deleted_is_so_in_the_forecast_alone(on: Stage) -> None:
    client, transport, azure = on
    vms = client.virtual_machines

    await (await vms.begin_deallocate("rg", "vm1")).result()
    assert await power(client) == "PowerState/deallocated"
    await (await vms.begin_start("rg", "vm1")).result()
    assert await power(client) == "PowerState/running"
    await (await vms.begin_deallocate("rg", "vm1")).result()
    await (await vms.begin_delete("rg", "vm1")).result()

    with pytest.raises(ResourceNotFoundError):
        await vms.get("rg", "vm1")
    assert (await client.disks.get("rg", "os1")).managed_by is None
    assert await power_of(azure) == "PowerState/running"
    assert [one.action for one in transport.writes] == [
        "deallocate",
        "start",
        "deallocate",
        "delete",
    ]
    assert downtime(transport.writes) == {
        "expectedSeconds": 52.0,
        "staysDown": True,
        "upAfterSeconds": None,
    }


async def test_a_vm_made_on_the_kept_disk_holds_it_and_runs(on: Stage) -> None:
    client, transport, azure = on
    vms = client.virtual_machines
    await (await vms.begin_deallocate("rg", "vm1")).result()
    await (await vms.begin_delete("rg", "vm1")).result()

    body = m.VirtualMachine(attached(nic="nic2"))
    made = await (await vms.begin_create_or_update("rg", "vm2", body)).result()

    assert made.properties.provisioning_state == "Succeeded"
    disk = await client.disks.get("rg", "os1")
    assert str(disk.managed_by).endswith("/virtualMachines/vm2")
    assert transport.resources.get(nic_id("nic2").lower()) is None  # nobody asked for it
    assert str((await read(azure, disk_id("os1")))["managedBy"]).endswith("/vm1")
    assert transport.writes[-1].takes_s == 16.0


async def test_a_vm_made_from_an_image_brings_its_disks(on: Stage) -> None:
    client, _, azure = on
    body = from_image(nic="nic2")
    storage = body["properties"]["storageProfile"]
    storage["osDisk"] = {"createOption": "FromImage", "name": "os2"}
    storage["dataDisks"] = [{"lun": 0, "createOption": "Empty", "diskSizeGB": 8}]
    vms = client.virtual_machines

    await (await vms.begin_create_or_update("rg", "vm2", m.VirtualMachine(body))).result()

    vm = await vms.get("rg", "vm2", expand="instanceView")
    assert vm.properties.vm_id
    data = vm.properties.storage_profile.data_disks[0]
    for name in ("os2", data.name):
        assert str((await client.disks.get("rg", name)).managed_by).endswith("/vm2")
    status, _, _ = await azure.arm("GET", disk_id("os2"))
    assert status == 404


async def test_snapshots_and_their_copies_know_their_size(on: Stage) -> None:
    client, _, _ = on
    source = m.CreationData(create_option="Copy", source_resource_id=disk_id("os1"))
    size = (await client.disks.get("rg", "os1")).properties.disk_size_gb
    snapshot = m.Snapshot(location="eastus", properties=m.SnapshotProperties(creation_data=source))

    await (await client.snapshots.begin_create_or_update("rg", "s1", snapshot)).result()

    made = await client.snapshots.get("rg", "s1")
    assert (made.properties.disk_size_gb, made.properties.completion_percent) == (size, 100.0)


async def test_extensions_of_a_new_vm_are_listed_with_those_that_were_installed(on: Stage) -> None:
    client, _, _ = on
    vms = client.virtual_machines
    body = from_image(nic="nic2")
    body["properties"]["storageProfile"]["osDisk"]["name"] = "os2"
    await (await vms.begin_create_or_update("rg", "vm2", m.VirtualMachine(body))).result()
    extension = m.VirtualMachineExtension(location="eastus")

    assert (await client.virtual_machine_extensions.list("rg", "vm2")).value == []
    install = client.virtual_machine_extensions.begin_create_or_update
    await (await install("rg", "vm2", "setup", extension)).result()

    listed = await client.virtual_machine_extensions.list("rg", "vm2")
    assert [one.name for one in listed.value] == ["setup"]


async def test_what_must_not_exist_yet_is_refused_if_it_does(on: Stage) -> None:
    client, transport, _ = on

    with pytest.raises(HttpResponseError) as refused:
        await client.virtual_machines.begin_create_or_update(
            "rg", "vm1", m.VirtualMachine(from_image()), headers={"If-None-Match": "*"}
        )

    assert refused.value.status_code == 412
    assert transport.writes == []


async def test_a_vm_is_read_from_azure_once(on: Stage) -> None:
    client, _, _ = on
    reads: list[str] = []
    on[1]._on_read = reads.append

    for _ in range(5):
        await client.virtual_machines.get("rg", "vm1", expand="instanceView")
        await power(client)

    assert reads == [VM.lower()]


@pytest.mark.parametrize(
    ("url", "kind", "more"),
    [
        (VM, "microsoft.compute/virtualmachines", ""),
        (f"http://x{VM}?api-version=1", "microsoft.compute/virtualmachines", ""),
        (f"{VM}/start", "microsoft.compute/virtualmachines/start", "start"),
        (f"{VM}/extensions/e", "microsoft.compute/virtualmachines/extensions", ""),
        (VM.rpartition("/")[0], "microsoft.compute/virtualmachines", "virtualMachines"),
    ],
)
def test_an_address_tells_what_it_is_about(url: str, kind: str, more: str) -> None:
    path = arm_path(url)

    assert path is not None
    assert (path.kind, path.more) == (kind, more)


@pytest.mark.parametrize(
    "url",
    [
        "/subscriptions/s",
        "/subscriptions/s/providers/Microsoft.Compute/skus",
        "/subscriptions/s/resourceGroups/g",
        "/providers/Microsoft.ResourceGraph/resources",
        "/tenant/oauth2/v2.0/token",
    ],
)
def test_what_is_no_resource_of_a_group_is_left_to_azure(url: str) -> None:
    assert arm_path(url) is None


def test_differences_are_told_value_by_value_and_secrets_are_hidden() -> None:
    before = {"tags": {"a": "1"}, "properties": {"osProfile": {"adminPassword": "old"}, "n": [1]}}
    sent = {
        "tags": {"a": "2", "b": None},
        "properties": {"osProfile": {"adminPassword": "new"}, "n": [1]},
    }

    assert list(differences(before, sent)) == [
        {"path": "tags.a", "from": "1", "to": "2"},
        {"path": "properties.osProfile.adminPassword", "from": "***", "to": "***"},
    ]
    assert redacted([{"protectedSettings": {"k": "v"}, "x": "y"}]) == [
        {"protectedSettings": "***", "x": "y"}
    ]
