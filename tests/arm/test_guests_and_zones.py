"""What the world does to guests and zones: agents that fall silent, zones that go down."""

import pytest

from tests.arm.machines import VM, act, disk_id, from_image, world
from tests.simulator import SUBSCRIPTION, Azure

LOOKS = 2_000
"""At a VM that boots: some milliseconds each."""
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"


async def agent(azure: Azure, vm: str, *, ready: bool) -> int:
    status, _, _ = await azure.send("PUT", "/_world/agents", {"vm": vm, "ready": ready})
    return status


async def told(azure: Azure) -> str:
    _, view, _ = await azure.arm("GET", f"{VM}/instanceView")
    return str(view["vmAgent"]["statuses"][0]["displayStatus"])


async def boots(azure: Azure) -> str:
    """Wait until the agent reports; return what it says."""
    for _ in range(LOOKS):
        if await told(azure) == "Ready":
            break
    return await told(azure)


async def test_an_agent_is_silent_until_it_is_told_to_report_or_the_vm_has_another_host() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        seen = [await boots(azure)]
        await agent(azure, VM, ready=False)
        seen.append(await told(azure))
        await agent(azure, VM, ready=True)
        seen.append(await told(azure))
        await agent(azure, VM, ready=False)
        await act(azure, "deallocate")
        await act(azure, "start")
        seen.append(await boots(azure))

        assert seen == ["Ready", "Not Ready", "Ready", "Ready"]


async def test_only_a_vm_on_a_host_has_an_agent_to_silence() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")

        assert await agent(azure, VM, ready=False) == 409
        assert await agent(azure, f"{VM}-no-more", ready=False) == 404


@pytest.mark.parametrize(
    ("kind", "zone", "status"),
    [
        ("Premium_LRS", "1", 503),
        ("Premium_ZRS", None, 202),
        ("Premium_LRS", "2", 202),
    ],
)
async def test_disks_in_a_zone_that_is_down_cannot_be_copied(
    kind: str, zone: str | None, status: int
) -> None:
    async with world() as azure:
        body = {
            "location": "eastus",
            "sku": {"name": kind},
            "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 4},
        }
        await azure.put(disk_id("d"), body | ({"zones": [zone]} if zone else {}))
        down = {"location": "eastus", "zone": "1", "down": True}
        await azure.send("PUT", "/_world/outages", down)
        copy = {
            "location": "eastus",
            "properties": {
                "creationData": {"createOption": "Copy", "sourceResourceId": disk_id("d")},
                "incremental": True,
            },
        }
        snapshot = f"{GROUP}/providers/Microsoft.Compute/snapshots/s"
        first, _, _ = await azure.arm("PUT", snapshot, copy)
        await azure.send("PUT", "/_world/outages", down | {"down": False})
        again, _, _ = await azure.arm("PUT", f"{snapshot}2", copy)

        assert (first, again) == (status, 202)
