"""How a VM comes to be, and what Azure refuses."""

from typing import Any

import pytest

from tests.arm.machines import (
    VM,
    Json,
    act,
    attached,
    delete,
    disk_id,
    from_image,
    power_of,
    read,
    refused,
    vm_id,
    world,
)


async def test_a_create_answers_201_creating_and_is_followed_by_one_header() -> None:
    async with world(retry_after="seconds", latency_scale=8) as azure:
        status, body, headers = await azure.arm("PUT", VM, from_image())

        assert (status, body["properties"]["provisioningState"]) == (201, "Creating")
        assert headers["retry-after"] == "10"
        assert headers["azure-asyncnotification"] == "Enabled"
        assert "location" not in headers
        assert headers["azure-asyncoperation"].split("?")[0].endswith(headers["x-ms-request-id"])
        assert "id" not in body["properties"]["storageProfile"]["osDisk"]["managedDisk"]
        assert (await azure.arm("GET", headers["azure-asyncoperation"][len(azure.url) :]))[1][
            "status"
        ] == "InProgress"


async def test_what_is_secret_comes_in_and_never_goes_out() -> None:
    async with world() as azure:
        body = from_image(userData="aGk=")
        body["properties"]["osProfile"]["customData"] = "aGk="

        made = await azure.put(VM, body)

        assert "adminPassword" not in made["properties"]["osProfile"]
        assert "customData" not in made["properties"]["osProfile"]
        assert "userData" not in made["properties"]
        told = await read(azure, f"{VM}?$expand=userData")
        assert told["properties"]["userData"] == "aGk="


async def test_the_power_state_is_told_by_the_instance_view_alone() -> None:
    async with world() as azure:
        made = await azure.put(VM, from_image())

        assert made["properties"]["provisioningState"] == "Succeeded"
        assert "instanceView" not in made["properties"]
        assert await power_of(azure) == "PowerState/running"


async def test_the_agent_reports_only_some_time_after_the_vm_is_up() -> None:
    async with world(speed=100) as azure:
        await azure.put(VM, from_image())
        early = await read(azure, f"{VM}/instanceView")
        await azure.world.clock.sleep(30)

        late = await read(azure, f"{VM}/instanceView")

        assert early["vmAgent"]["statuses"][0]["displayStatus"] == "Not Ready"
        assert late["vmAgent"]["statuses"][0]["displayStatus"] == "Ready"


async def test_an_attached_vm_is_another_vm_with_another_principal() -> None:
    async with world() as azure:
        identity = {"identity": {"type": "SystemAssigned"}}
        first = await azure.put(VM, {**from_image(), **identity})
        await act(azure, "deallocate")
        await delete(azure)

        second = await azure.put(VM, {**attached(), **identity})

        assert first["properties"]["vmId"] != second["properties"]["vmId"]
        assert first["identity"]["principalId"] != second["identity"]["principalId"]
        assert "osProfile" not in second["properties"]
        assert second["properties"]["storageProfile"]["osDisk"]["name"] == "os1"


def _with(body: Json, path: str, value: Any) -> Json:
    at = body
    *parents, last = path.split("/")
    for key in parents:
        at = at.setdefault(key, {})
    if value is None:
        at.pop(last, None)
    else:
        at[last] = value
    return body


P = "properties/"
OS = "properties/osProfile/"
SECURITY = "properties/securityProfile"
REFUSALS = [
    (P + "osProfile", None, 400, "InvalidParameter", "Required parameter 'osProfile' is missing"),
    (OS + "adminUsername", None, 400, "InvalidParameter", "Required parameter 'adminUsername'"),
    (OS + "adminUsername", "root", 400, "InvalidParameter", "Username specified is not allowed"),
    (OS + "adminPassword", None, 400, "InvalidParameter", "Required parameter 'adminPassword'"),
    (OS + "adminPassword", "short", 400, "InvalidParameter", "between 6-72 characters"),
    (OS + "computerName", "x" * 65, 400, "InvalidParameter", "cannot exceed 64 characters"),
    (OS + "computerName", "a_b", 400, "InvalidParameter", "host name cannot"),
    (OS + "customData", "not base64!", 400, "InvalidParameter", "must be in Base64"),
    ("zones", ["1", "2"], 400, "InvalidParameter", "one availability zone only"),
    ("location", None, 400, "InvalidParameter", "Required parameter 'location'"),
    (P + "hardwareProfile", {}, 400, "InvalidParameter", "Required parameter 'vmSize'"),
    (P + "hardwareProfile/vmSize", "Standard_X1", 400, "InvalidParameter", "is not valid. The"),
    (P + "billingProfile", {"maxPrice": 0}, 400, "MaxPriceValueInvalid", "-1 or a decimal"),
    (P + "billingProfile", {"maxPrice": 0.0000001}, 400, "MaxPriceValueInvalid", "-1 or a"),
    (P + "networkProfile/networkInterfaces", [], 400, "InvalidParameter", "networkInterfaces"),
    (P + "userData", "not base64!", 400, "InvalidParameter", "User data must be in Base64"),
    (P + "hardwareProfile/vmSize", "Standard_D2ps_v5", 400, "BadRequest", "'Arm64'"),
    (SECURITY, {"securityType": "ConfidentialVM"}, 400, "BadRequest", "'ConfidentialVM'"),
    (P + "hardwareProfile/vmSize", "Standard_DC2as_v5", 400, "BadRequest", "only supported for"),
    (P + "host", {"id": "/x"}, 400, "InvalidParameter", "not served by this simulator"),
    (P + "availabilitySet", {"id": "/x"}, 409, "AzureSpotVMNotSupportedInAvailabilitySet", ""),
    (P + "proximityPlacementGroup", {"id": disk_id("x")}, 404, "NotFound", "Placement Group"),
    (P + "storageProfile/imageReference", None, 400, "InvalidParameter", "'imageReference'"),
]


@pytest.mark.parametrize(
    ("path", "value", "status", "code", "text"), REFUSALS, ids=lambda value: str(value)[:30]
)
async def test_a_body_that_azure_refuses_is_refused_in_its_words(
    path: str, value: Any, status: int, code: str, text: str
) -> None:
    async with world() as azure:
        error = await refused(azure, "PUT", VM, _with(from_image(), path, value))

        assert (error["http"], error["code"]) == (status, code)
        assert text in error["message"]
        assert (await azure.arm("GET", VM))[0] == 404


async def test_spot_words_on_a_regular_vm_are_refused() -> None:
    async with world() as azure:
        policy = await refused(
            azure, "PUT", VM, from_image(spot=False, evictionPolicy="Deallocate")
        )
        price = await refused(
            azure, "PUT", VM, from_image(spot=False, billingProfile={"maxPrice": 1.0})
        )

        assert policy["code"] == "EvictionPolicyCanBeSetOnlyOnAzureSpotVirtualMachines"
        assert price["code"] == "MaxPriceIsSupportedOnlyForAzureSpotVirtualMachines"


async def test_attach_forbids_osprofile_and_image() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        await act(azure, "deallocate")
        await delete(azure)
        with_profile = attached()
        with_profile["properties"]["osProfile"] = {"adminUsername": "azureuser"}
        with_image = attached()
        with_image["properties"]["storageProfile"]["imageReference"] = {"id": disk_id("x")}

        profile = await refused(azure, "PUT", VM, with_profile)
        image = await refused(azure, "PUT", VM, with_image)

        assert profile["message"] == "Parameter 'osProfile' is not allowed."
        assert image["message"] == "Parameter 'imageReference' is not allowed."


async def test_a_disk_serves_one_vm_in_its_own_zone() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())

        owned = await refused(azure, "PUT", vm_id("vm2"), attached(nic="nic2"))
        await act(azure, "deallocate")
        await delete(azure)
        elsewhere = await refused(azure, "PUT", VM, attached(zone="2"))

        assert (owned["http"], owned["code"]) == (409, "ConflictingUserInput")
        assert (elsewhere["http"], elsewhere["code"]) == (400, "BadRequest")
        assert "not in the same zone as the VM" in elsewhere["message"]


async def test_an_interface_serves_one_vm() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())
        body = _with(from_image(), "properties/storageProfile/osDisk/name", "os2")

        error = await refused(azure, "PUT", vm_id("vm2"), body)

        assert (error["http"], error["code"]) == (400, "NicInUse")


async def test_a_refusal_halfway_leaves_no_disk_behind() -> None:
    async with world() as azure:
        attach = {"lun": 1, "createOption": "Attach", "managedDisk": {"id": disk_id("none")}}
        body = from_image()
        body["properties"]["storageProfile"]["dataDisks"] = [
            {"lun": 0, "createOption": "Empty", "diskSizeGB": 4, "name": "d0"},
            attach,
        ]

        error = await refused(azure, "PUT", VM, body)

        assert error["http"] == 404
        assert (await azure.arm("GET", disk_id("os1")))[0] == 404
        assert (await azure.arm("GET", disk_id("d0")))[0] == 404


async def test_ids_are_compared_without_regard_to_case() -> None:
    async with world() as azure:
        await azure.put(VM, from_image())

        upper = await read(azure, VM.upper().replace("/SUBSCRIPTIONS", "/subscriptions"))

        assert upper["id"] == VM


async def test_disks_that_are_given_no_name_get_one_and_the_best_kind_the_size_serves() -> None:
    async with world() as azure:
        body = from_image()
        del body["properties"]["storageProfile"]["osDisk"]["name"]
        made = await azure.put(VM, body)

        os_disk = made["properties"]["storageProfile"]["osDisk"]

        assert os_disk["name"].startswith("vm1_OsDisk_1_")
        assert os_disk["managedDisk"]["storageAccountType"] == "Premium_LRS"
        assert os_disk["deleteOption"] == "Detach"
