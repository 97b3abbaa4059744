"""The VM's body: what hangs together in it, and what Azure forbids on a disk that exists."""

from typing import Any

import pytest
from pydantic import SecretStr

from activities.vm_body import Blueprint, vm_body
from shared.contracts.vm import CreateVm
from shared.model.run import DiskRef, Lifecycle
from tests.fields.row import ABSENT, MARKET, SUBSCRIPTION, WORK, dug, parsed, vm_of
from tests.unit.model.documents import LS, PASSWORD, PUBLIC_KEY, node, put, windows
from tests.unit.model.whole_document import whole

OS_DISK = DiskRef(id="/disks/os", name="os", security_type="Standard")
DATA = DiskRef(id="/disks/data0", name="data0", lun=0, sku="Premium_LRS", caching="None")
SECURITY = "properties/securityProfile"
STORAGE = "properties/storageProfile"
LINUX = "properties/osProfile/linuxConfiguration"


def on_image(document: dict[str, Any], password: str | None = None) -> dict[str, Any]:
    request = CreateVm(work=WORK, name="web", generation=1, market=MARKET)
    secret = SecretStr(password) if password else None
    made: dict[str, Any] = vm_body(
        Blueprint(request, parsed(document), secret, SUBSCRIPTION)
    ).as_dict()
    return made


def test_on_a_disk_that_exists_all_that_azure_forbids_is_left_out() -> None:
    """R33, S8: image, login, custom data and certificates are on the disk already."""
    body = vm_of(whole(), OS_DISK)

    assert "osProfile" not in body["properties"]
    assert "imageReference" not in body["properties"]["storageProfile"]
    assert dug(body, f"{STORAGE}/osDisk/createOption") == "Attach"
    assert dug(body, f"{STORAGE}/osDisk/osType") == "Linux"
    for kept in ("userData", "licenseType", "diagnosticsProfile", "proximityPlacementGroup"):
        assert kept in body["properties"], kept
    assert body["plan"]
    assert body["identity"]["type"] == "UserAssigned"
    assert body["tags"]["k0"] == "v"


def test_each_disk_and_interface_outlives_the_vm() -> None:
    body = vm_of(whole(), OS_DISK, data_disks=(DATA,))
    storage = body["properties"]["storageProfile"]

    options = {one["deleteOption"] for one in (storage["osDisk"], *storage["dataDisks"])}

    assert options == {"Detach"}


@pytest.mark.parametrize(
    ("key", "password", "disabled"),
    [(PUBLIC_KEY, None, True), (PUBLIC_KEY, PASSWORD, False), (None, PASSWORD, False)],
)
def test_a_password_is_switched_off_where_there_is_none(
    key: str | None,
    password: str | None,
    disabled: bool,  # noqa: FBT001 - a column
) -> None:
    """R50."""
    login = {"userName": "ada", "sshPublicKey": key, "password": password}
    body = on_image(put(node(), f"{LS}.login", login), password)

    assert dug(body, f"{LINUX}/disablePasswordAuthentication") is disabled
    assert dug(body, "properties/osProfile/adminPassword") == (password or ABSENT)


def test_windows_has_no_linux_configuration_and_a_short_host_name() -> None:
    """R51."""
    body = on_image(put(windows(), f"{LS}.vmName", "a-rather-long-name"), PASSWORD)

    assert dug(body, LINUX) is ABSENT
    assert len(dug(body, "properties/osProfile/computerName")) <= 15
    assert dug(body, "properties/osProfile/adminPassword") == PASSWORD


@pytest.mark.parametrize(
    "security",
    [None, {}, {"securityType": "Standard", "encryptionAtHost": False, "secureBootEnabled": False}],
    ids=["none", "empty", "spelled out"],
)
def test_a_standard_vm_names_nothing_that_needs_a_registered_feature(security: Any) -> None:
    """R40."""
    assert dug(vm_of(put(node(), f"{LS}.security", security)), SECURITY) is ABSENT


def test_trusted_launch_says_both_switches_out_loud() -> None:
    """R41, R45, R46: each is enabled by itself."""
    security = {"securityType": "TrustedLaunch", "vTpmEnabled": True}
    body = vm_of(put(node(), f"{LS}.security", security))

    assert dug(body, SECURITY) == {
        "securityType": "TrustedLaunch",
        "uefiSettings": {"secureBootEnabled": False, "vTpmEnabled": True},
    }


@pytest.mark.parametrize(
    ("encrypted", "kind"), [(True, "DiskWithVMGuestState"), (None, "VMGuestStateOnly")]
)
def test_a_confidential_vm_always_has_its_vtpm_and_says_how_its_disk_is_encrypted(
    encrypted: bool | None,  # noqa: FBT001 - a column
    kind: str,
) -> None:
    """R43, R44."""
    document = put(node(), "compute.vmSizes.odSizes", ["standard_dc2as_v5"])
    put(document, "compute.vmSizes.spotSizes", ["standard_dc2as_v5"])
    security = {"securityType": "ConfidentialVM", "confidentialOsDiskEncryption": encrypted}
    body = vm_of(put(document, f"{LS}.security", security))

    uefi = dug(body, f"{SECURITY}/uefiSettings")
    assert uefi == {"secureBootEnabled": bool(encrypted), "vTpmEnabled": True}
    managed = dug(body, f"{STORAGE}/osDisk/managedDisk")
    assert managed == {"securityProfile": {"securityEncryptionType": kind}}


def test_the_security_type_of_a_vm_on_a_disk_is_the_disks() -> None:
    """Azure refuses another: an edited type holds for the next OS disk that is made."""
    trusted = put(node(), f"{LS}.security", {"securityType": "TrustedLaunch", "vTpmEnabled": True})
    guarded = OS_DISK.model_copy(update={"security_type": "TrustedLaunch"})

    assert dug(vm_of(trusted, OS_DISK), SECURITY) is ABSENT
    assert dug(vm_of(node(), guarded), f"{SECURITY}/securityType") == "TrustedLaunch"
    assert dug(vm_of(trusted, guarded), f"{SECURITY}/uefiSettings/vTpmEnabled") is True


def test_a_kept_data_disk_takes_its_caching_from_the_document_if_that_names_one() -> None:
    wanted = [{"lun": 0, "sizeGB": 32, "type": "Premium_LRS", "caching": "ReadOnly"}]
    document = put(node(), f"{LS}.dataDisks", wanted)

    def caching(one: dict[str, Any]) -> Any:
        return dug(vm_of(one, OS_DISK, data_disks=(DATA,)), f"{STORAGE}/dataDisks/0/caching")

    assert caching(document) == "ReadOnly"
    assert caching(node()) == "None"


def test_disks_that_are_not_there_yet_are_made_beside_the_kept_ones() -> None:
    wanted = [{"lun": lun, "sizeGB": 32, "type": "Premium_LRS"} for lun in (0, 1, 2)]
    document = put(node(), f"{LS}.dataDisks", wanted)

    body = vm_of(document, OS_DISK, data_disks=(DATA,), without_luns=(2,))

    disks = dug(body, f"{STORAGE}/dataDisks")
    assert [(one["lun"], one["createOption"]) for one in disks] == [(0, "Attach"), (1, "Empty")]


def test_on_demand_has_no_eviction_policy_and_no_price_cap() -> None:
    market = MARKET.model_copy(update={"lifecycle": Lifecycle.OD, "zone": None})
    request = CreateVm(work=WORK, name="web", generation=1, market=market)
    body = vm_body(Blueprint(request, parsed(node()), None, SUBSCRIPTION)).as_dict()

    assert body["properties"]["priority"] == "Regular"
    assert {"evictionPolicy", "billingProfile"}.isdisjoint(body["properties"])
    assert "zones" not in body
