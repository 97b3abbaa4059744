"""Security types, plans and disks that Azure grants under a condition, on VMs that are made."""

from typing import Any

import pytest

from shared.contracts.base import Refused
from shared.contracts.vm import VmUp
from shared.model.market import Market
from shared.model.run import Lifecycle
from tests.activities.acts import LAUNCH, VM_ID
from tests.activities.image_scenes import IMAGE, launch
from tests.activities.scenes import played
from tests.activities.stage import Stage

SECURITY = f"{LAUNCH}__security"
PLAN = f"{LAUNCH}__purchasePlan"
ZONES: dict[str, Any] = {"compute__zones": ["1"]}
CVM = {
    "publisher": "Canonical",
    "offer": "ubuntu-24_04-lts",
    "sku": "cvm",
    "version": "latest",
}
BYOS = {
    "publisher": "RedHat",
    "offer": "rhel-byos",
    "sku": "rhel-lvm94-gen2",
    "version": "latest",
}
THE_PLAN = {"publisher": "redhat", "product": "rhel-byos", "name": "rhel-lvm94-gen2"}
FEATURE = "Microsoft.Compute/EncryptionAtHost"
CONFIDENTIAL = Market(size="Standard_DC2as_v5", zone="2", lifecycle=Lifecycle.OD)


def made(
    changes: dict[str, Any], features: tuple[str, ...] = (), market: Market | None = None
) -> Any:
    """Launch a node of this document; return the answer, the VM and its OS disk."""

    async def scene(stage: Stage) -> tuple[Any, Any, Any]:
        stage.world.facts["settings"]["features"] = list(features)
        await stage.node(**{**ZONES, **changes})
        answer = await launch(stage, **({"market": market} if market else {}))
        disks = [one for one in stage.there("disks").values() if one.properties.get("osType")]
        return answer, stage.find(VM_ID), disks[0] if disks else None

    return played(scene)


def test_a_trusted_launch_vm_and_its_disk_are_made_so() -> None:
    """R39, R41."""
    wanted = {"securityType": "TrustedLaunch", "secureBootEnabled": True, "vTpmEnabled": True}

    answer, vm, disk = made({SECURITY: wanted})

    assert isinstance(answer, VmUp)
    assert vm.properties["securityProfile"] == {
        "securityType": "TrustedLaunch",
        "uefiSettings": {"secureBootEnabled": True, "vTpmEnabled": True},
    }
    assert disk.properties["securityProfile"] == {"securityType": "TrustedLaunch"}


@pytest.mark.parametrize(
    ("encrypted", "kind"),
    [
        (True, "ConfidentialVM_DiskEncryptedWithPlatformKey"),
        (False, "ConfidentialVM_VMGuestStateOnlyEncryptedWithPlatformKey"),
    ],
)
def test_a_confidential_vm_has_its_disk_encrypted_as_asked(
    encrypted: bool,  # noqa: FBT001 - a column
    kind: str,
) -> None:
    """R42, R43, R44."""
    wanted = {"securityType": "ConfidentialVM", "confidentialOsDiskEncryption": encrypted}

    answer, vm, disk = made({SECURITY: wanted, IMAGE: {"marketplace": CVM}}, market=CONFIDENTIAL)

    assert isinstance(answer, VmUp)
    assert vm.properties["securityProfile"]["uefiSettings"]["vTpmEnabled"] is True
    assert disk.properties["securityProfile"] == {"securityType": kind}


def test_encryption_at_host_is_granted_where_the_feature_is_registered() -> None:
    """R48."""
    answer, vm, _ = made({SECURITY: {"encryptionAtHost": True}}, (FEATURE,))

    assert isinstance(answer, VmUp)
    assert vm.properties["securityProfile"] == {"encryptionAtHost": True}


def test_without_the_feature_azures_refusal_is_told_and_no_vm_is_left() -> None:
    answer, vm, _ = made({SECURITY: {"encryptionAtHost": True}})

    assert isinstance(answer, Refused)
    assert answer.code == "InvalidParameter"
    assert f"'{FEATURE}' feature is not enabled" in answer.message
    assert vm is None


def test_not_asking_for_it_needs_no_feature() -> None:
    answer, _, _ = made({SECURITY: {"securityType": "Standard", "encryptionAtHost": False}})

    assert isinstance(answer, VmUp)


def test_an_image_of_a_plan_is_used_under_it_and_refused_without() -> None:
    """S106."""
    with_plan, vm, disk = made({IMAGE: {"marketplace": BYOS}, PLAN: THE_PLAN})
    without, _, _ = made({IMAGE: {"marketplace": BYOS}})

    assert isinstance(with_plan, VmUp)
    assert vm.body["plan"] == THE_PLAN
    assert disk.properties["purchasePlan"] == THE_PLAN
    assert isinstance(without, Refused)
    assert without.code == "VMMarketplaceInvalidInput"


def test_an_ultra_disk_is_allowed_on_the_vm_that_has_one() -> None:
    """S108."""
    disk = {"lun": 0, "sizeGB": 8, "type": "UltraSSD_LRS"}

    answer, vm, _ = made({f"{LAUNCH}__dataDisks": [disk]})

    assert isinstance(answer, VmUp)
    assert vm.properties["additionalCapabilities"] == {"ultraSSDEnabled": True}


def test_an_identity_of_another_subscription_is_on_the_vm() -> None:
    """S105."""
    other = "5b5c0000-0000-4000-8000-000000000002"
    identity = {"name": "me", "resourceGroupName": "ids", "subscriptionId": other}

    answer, vm, _ = made({f"{LAUNCH}__managedServiceIdentities": [identity]})

    assert isinstance(answer, VmUp)
    (found,) = vm.body["identity"]["userAssignedIdentities"]
    assert found.startswith(f"/subscriptions/{other}/resourceGroups/ids/")
