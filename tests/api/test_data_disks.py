"""Attach and detach as clients see them."""

from typing import Any

import pytest

from shared.model.run import OperationKind, Status
from tests.api.disks import GROUP, Client, attach, detach, disk_id, facts, ref
from tests.api.harness import PATH
from tests.store.worlds import HandClock

# -- attach ---------------------------------------------------------------------------------------


async def test_an_attach_answers_at_once_with_the_disk_that_will_be(client: Client) -> None:
    """R100: the node's tags are told with it."""
    tags = [{"tagKey": "env", "tagValue": "dev"}]
    await client.node(compute__launchSpecification__tags=tags)

    answer = await client.put("dataDisk/attach", attach(caching="ReadOnly"))

    told = client.told()
    assert answer.body["response"]["kind"] == "spotinst:azure:disk"
    assert answer.items == [
        {
            "name": "extra",
            "resourceGroupName": GROUP,
            "region": "eastus",
            "zone": "1",
            "size": 10,
            "lun": 1,
            "accountType": "Premium_LRS",
            "storageAccountType": "Premium_LRS",
            "managedBy": "web",
            "tags": tags,
        }
    ]
    assert (told["kind"], told["disk"]["id"]) == (OperationKind.ATTACH_DISK, disk_id("extra"))
    assert (told["disk"]["lun"], told["disk"]["caching"]) == (1, "ReadOnly")
    shown = await client.api.call("GET", f"{PATH}/{client.node_id}/status")
    assert shown.items[0]["status"] == "ACTIVE"


async def test_without_tags_none_are_told(client: Client) -> None:
    await client.node(compute__launchSpecification__tags=[])

    (disk,) = (await client.put("dataDisk/attach", attach())).items

    assert "tags" not in disk


async def test_of_a_paused_node_nobody_manages_the_disk_yet(client: Client) -> None:
    await client.node(Status.PAUSED)

    (disk,) = (await client.put("dataDisk/attach", attach(lun=7))).items

    assert (disk["managedBy"], disk["lun"]) == (None, 7)


TAKEN = [
    pytest.param({"lun": 0}, "lun", id="lun-in-use"),
    pytest.param({"lun": 2}, "lun", id="lun-that-the-document-orders"),
    pytest.param({"zone": "2"}, "zone", id="another-zone"),
    pytest.param({"zone": ...}, "zone", id="regional-disk-for-a-zonal-vm"),
    pytest.param(
        {"storageAccountType": "UltraSSD_LRS"}, "storageAccountType", id="ultra-on-any-vm"
    ),
]


@pytest.mark.parametrize(("sent", "at"), TAKEN)
async def test_an_attach_that_cannot_be_is_refused_by_name(
    client: Client, sent: dict[str, Any], at: str
) -> None:
    orders = [{"lun": 2, "sizeGB": 8, "type": "Premium_LRS"}]
    await client.node(compute__launchSpecification__dataDisks=orders)

    answer = await client.put("dataDisk/attach", attach(**sent))

    assert (answer.status, answer.fields) == (400, [at])
    assert client.api.starts.operations == []


async def test_a_zone_redundant_disk_fits_a_zonal_vm(client: Client) -> None:
    """S103."""
    await client.node()

    answer = await client.put("dataDisk/attach", attach(zone=..., storageAccountType="Premium_ZRS"))

    assert (answer.status, answer.items[0]["zone"]) == (200, None)


async def test_a_regional_vm_takes_regional_disks_only(client: Client) -> None:
    """S103."""
    regional = ref("os", zone=None)
    await client.node(compute__zones=None, run={"os_disk": regional, "data_disks": ()})

    zonal = await client.put("dataDisk/attach", attach())
    fitting = await client.put("dataDisk/attach", attach(zone=...))

    assert (zonal.fields, fitting.status) == (["zone"], 200)


async def test_a_name_that_the_group_has_is_refused(client: Client) -> None:
    await client.node()
    client.disks.add(facts("extra"))

    answer = await client.put("dataDisk/attach", attach())

    assert (answer.status, answer.fields) == (400, ["dataDiskName"])
    assert client.api.starts.operations == []


async def test_a_disk_that_would_never_reach_a_vm_is_refused(client: Client) -> None:
    await client.node(Status.PAUSED, persistence__shouldPersistDataDisks=False)

    answer = await client.put("dataDisk/attach", attach())

    assert answer.codes == ["ACTION_NOT_ALLOWED"]
    assert "persist" in answer.errors[0]["message"]


async def test_a_second_attach_finds_the_node_busy_with_the_first(client: Client) -> None:
    await client.node()
    await client.put("dataDisk/attach", attach())

    answer = await client.put("dataDisk/attach", attach(dataDiskName="more"))

    assert answer.codes == ["ACTION_NOT_ALLOWED"]
    assert "attach_disk" in answer.errors[0]["message"]


async def test_an_attach_whose_start_is_lost_is_watched(client: Client, clock: HandClock) -> None:
    await client.node()
    client.api.starts.lost = True

    answer = await client.put("dataDisk/attach", attach())

    await clock.sleep(200)
    due = await client.api.stores.due.read_due(clock.now())
    assert answer.status == 200
    assert any("-attach_disk-" in item.item_id for item in due)


# -- detach ---------------------------------------------------------------------------------------


async def test_a_detach_names_the_disk_and_its_time(client: Client) -> None:
    await client.node()

    answer = await client.put(
        "dataDisk/detach",
        detach(dataDiskName="DATA0", dataDiskResourceGroupName="Fleet", ttlInHours=5),
    )

    told = client.told()
    assert (answer.status, answer.items) == (200, [])
    assert told["disk"]["id"] == disk_id("data0")
    assert told["retirement"] == {"deletes": True, "ttl_h": 5, "why": "detached"}


@pytest.mark.parametrize(
    ("sent", "ttl_h"), [({}, 0), ({"ttlnHours": 7}, 7), ({"ttlInHours": None}, 0)]
)
async def test_without_a_time_a_detached_disk_goes_now(
    client: Client, sent: dict[str, Any], ttl_h: int
) -> None:
    await client.node()

    await client.put("dataDisk/detach", detach(**sent))

    assert client.told()["retirement"]["ttl_h"] == ttl_h


@pytest.mark.parametrize("name", ["os", "other"])
async def test_only_a_data_disk_of_the_node_is_detached(client: Client, name: str) -> None:
    await client.node()

    answer = await client.put("dataDisk/detach", detach(dataDiskName=name))

    assert (answer.status, answer.fields) == (400, ["dataDiskName"])
