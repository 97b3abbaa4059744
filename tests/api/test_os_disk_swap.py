"""The swap of an OS disk as clients see it."""

from collections.abc import Callable

import pytest

from shared.model.disk_facts import DiskFacts
from shared.model.run import OperationKind, Status
from tests.api.disks import Client, disk_id, facts, swap

# -- swap -----------------------------------------------------------------------------------------


async def test_a_swap_names_the_disk_and_what_becomes_of_the_old_one(client: Client) -> None:
    """S29, S31."""
    await client.node(Status.PAUSED)
    client.disks.add(facts("new"), facts("os"))

    answer = await client.put("osDisk/swap", swap(retentionTime=3))

    told = client.told()
    assert (answer.status, answer.items) == (200, [])
    assert (told["kind"], told["disk_id"]) == (OperationKind.SWAP_OS_DISK, disk_id("new"))
    assert told["retirement"] == {"deletes": True, "ttl_h": 3, "why": "swapped"}


async def test_a_swap_that_names_no_time_keeps_the_old_disk_for_96_hours(client: Client) -> None:
    """S31."""
    await client.node(Status.PAUSED)
    client.disks.add(facts("new"), facts("os"))

    await client.put("osDisk/swap", swap())

    assert client.told()["retirement"] == {"deletes": True, "ttl_h": 96, "why": "swapped"}


MISFITS: list[tuple[str, Callable[[], DiskFacts | None], str]] = [
    ("not-there", lambda: None, "no such disk"),
    ("other-region", lambda: facts("new", region="westus"), "westus"),
    ("other-zone", lambda: facts("new", zone="2"), "zone 2"),
    ("other-os", lambda: facts("new", os_type="Windows"), "Windows"),
    ("data", lambda: facts("new", os_type=""), "no operating system"),
    ("attached", lambda: facts("new", is_free=False), "attached"),
    ("anothers", lambda: facts("new", node_id="ssn-ffffffff"), "another node"),
    ("generation", lambda: facts("new", generation="V1"), "V1"),
    ("architecture", lambda: facts("new", architecture="Arm64"), "Arm64"),
    ("security", lambda: facts("new", security_type="TrustedLaunch"), "TrustedLaunch"),
    ("flexible", lambda: facts("new", sku="PremiumV2_LRS"), "PremiumV2_LRS"),
]


@pytest.mark.parametrize("kind", MISFITS, ids=lambda one: one[0])
async def test_a_disk_that_does_not_fit_is_refused_with_the_reason(
    client: Client, kind: tuple[str, Callable[[], DiskFacts | None], str]
) -> None:
    """S30."""
    _, make, said = kind
    await client.node(Status.PAUSED)
    client.disks.add(facts("os"), *filter(None, [make()]))

    answer = await client.put("osDisk/swap", swap())

    assert (answer.status, {*answer.fields}) == (400, {"osDiskName"})
    assert said in " ".join(error["message"] for error in answer.errors)
    assert client.api.starts.operations == []


async def test_a_larger_disk_fits_a_paused_node_and_not_a_stopped_one(client: Client) -> None:
    """S99."""
    client.disks.add(facts("os"), facts("new", size_gib=128))
    await client.node(Status.STOPPED)
    stopped = await client.put("osDisk/swap", swap())

    await client.node(Status.PAUSED)
    paused = await client.put("osDisk/swap", swap())

    assert (stopped.fields, paused.status) == (["osDiskName"], 200)


async def test_a_node_that_does_not_persist_its_os_disk_has_none_to_swap(client: Client) -> None:
    """S29."""
    await client.node(Status.PAUSED, persistence__shouldPersistOsDisk=False)
    client.disks.add(facts("new"))

    answer = await client.put("osDisk/swap", swap())

    assert answer.fields == ["osDiskName"]
    assert "shouldPersistOsDisk" in answer.errors[0]["message"]


async def test_a_node_that_runs_is_not_swapped_under(client: Client) -> None:
    """S29."""
    await client.node()

    answer = await client.put("osDisk/swap", swap())

    assert answer.codes == ["ACTION_NOT_ALLOWED"]
