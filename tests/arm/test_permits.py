"""What Azure lets a new VM have only under a condition."""

from typing import Any

import pytest

from tests.arm.machines import VM, Json, attached, disk_id, from_image, read, refused, world

ENCRYPTION = "Microsoft.Compute/EncryptionAtHost"
BYOS = {
    "publisher": "RedHat",
    "offer": "rhel-byos",
    "sku": "rhel-lvm94-gen2",
    "version": "latest",
}
PLAN = {"publisher": "redhat", "product": "rhel-byos", "name": "rhel-lvm94-gen2"}
RSA = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQ me"


def of_image(image: Json, **more: Any) -> Json:
    body = from_image()
    body["properties"]["storageProfile"]["imageReference"] = image
    return body | more


def with_key(key: str) -> Json:
    body = from_image()
    profile = body["properties"]["osProfile"]
    del profile["adminPassword"]
    ssh = {"publicKeys": [{"path": "/home/azureuser/.ssh/authorized_keys", "keyData": key}]}
    profile["linuxConfiguration"] = {"disablePasswordAuthentication": True, "ssh": ssh}
    return body


@pytest.mark.parametrize(
    "body",
    [
        of_image(BYOS),
        of_image(BYOS, plan=PLAN | {"name": "another"}),
        {**from_image(), "plan": PLAN},
    ],
    ids=["plan missing", "plan of another image", "plan of an image that is not sold"],
)
async def test_an_image_that_is_sold_needs_its_plan_and_no_other_takes_one(body: Json) -> None:
    async with world() as azure:
        error = await refused(azure, "PUT", VM, body)

        assert (error["http"], error["code"]) == (400, "VMMarketplaceInvalidInput")


async def test_a_vm_under_a_plan_leaves_it_on_its_disk_and_the_disk_needs_it_again() -> None:
    async with world() as azure:
        made = await azure.put(VM, of_image(BYOS, plan=PLAN))

        assert made["plan"] == PLAN
        disk = await read(azure, disk_id("os1"))
        assert disk["properties"]["purchasePlan"] == PLAN


@pytest.mark.parametrize("value", [True, False])
async def test_to_name_encryption_at_host_needs_its_feature(value: bool) -> None:  # noqa: FBT001
    asked = from_image(securityProfile={"encryptionAtHost": value})
    async with world() as azure:
        error = await refused(azure, "PUT", VM, asked)
    async with world(features=[ENCRYPTION]) as azure:
        made = await azure.put(VM, asked)

    assert (error["http"], error["code"]) == (400, "InvalidParameter")
    assert f"'{ENCRYPTION}' feature is not enabled" in error["message"]
    assert made["properties"]["securityProfile"]["encryptionAtHost"] is value


async def test_uefi_settings_need_a_security_type() -> None:
    async with world() as azure:
        bare = from_image(securityProfile={"uefiSettings": {"secureBootEnabled": True}})
        error = await refused(azure, "PUT", VM, bare)

        assert "Use of UEFI settings is not supported" in error["message"]


async def test_an_image_that_is_not_made_for_confidential_vms_makes_none() -> None:
    async with world() as azure:
        asked = from_image(
            size="Standard_DC2as_v5", securityProfile={"securityType": "ConfidentialVM"}
        )
        error = await refused(azure, "PUT", VM, asked)

        assert error["http"] == 400
        assert "ConfidentialVM" in error["message"]


async def test_an_os_disk_is_never_smaller_than_its_image() -> None:
    async with world() as azure:
        body = from_image()
        body["properties"]["storageProfile"]["osDisk"]["diskSizeGB"] = 1
        error = await refused(azure, "PUT", VM, body)

        assert error["http"] == 409
        assert "is smaller than the size of the corresponding disk in the VM image" in str(error)


async def test_an_ultra_disk_needs_a_vm_that_was_made_for_it() -> None:
    ultra = {
        "lun": 0,
        "createOption": "Empty",
        "diskSizeGB": 8,
        "managedDisk": {"storageAccountType": "UltraSSD_LRS"},
    }
    async with world() as azure:
        body = from_image()
        body["properties"]["storageProfile"]["dataDisks"] = [ultra]
        error = await refused(azure, "PUT", VM, body)
        body["properties"]["additionalCapabilities"] = {"ultraSSDEnabled": True}
        made = await azure.put(VM, body)

    assert "additionalCapabilities.ultraSSDEnabled" in error["message"]
    assert made["properties"]["storageProfile"]["dataDisks"][0]["lun"] == 0


async def test_a_password_that_everybody_knows_is_refused() -> None:
    async with world() as azure:
        body = from_image()
        body["properties"]["osProfile"]["adminPassword"] = "P@ssw0rd"
        error = await refused(azure, "PUT", VM, body)

        assert error["message"] == "The supplied password is not allowed."


async def test_keys_of_two_algorithms_are_taken_and_of_no_other() -> None:
    async with world() as azure:
        error = await refused(azure, "PUT", VM, with_key("ecdsa-sha2-nistp256 AAAAE2VjZHNh me"))
        made = await azure.put(VM, with_key(RSA))

    assert error["message"].endswith("publicKeys.keyData is invalid.")
    assert made["properties"]["osProfile"]["adminUsername"] == "azureuser"


async def test_a_disk_that_was_made_trusted_is_attached_without_an_image_to_judge_by() -> None:
    async with world() as azure:
        trusted = {"securityType": "TrustedLaunch"}
        await azure.put(VM, from_image(securityProfile=trusted))
        status, _, headers = await azure.arm("DELETE", VM)
        assert status == 202
        await azure.finish(headers)

        made = await azure.put(VM, attached(securityProfile=trusted))

        assert made["properties"]["securityProfile"]["securityType"] == "TrustedLaunch"
