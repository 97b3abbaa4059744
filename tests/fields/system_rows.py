"""What a VM and its operating system are told: names, users, scripts, identities, certificates."""

from typing import Any

from shared.names import vm_name
from tests.fields.places import BASE, COMPUTE, OS, VAULTS, within
from tests.fields.row import (
    ABSENT,
    KEY,
    SUBSCRIPTION,
    Elsewhere,
    Json,
    Row,
    Shown,
    dug,
    in_vm,
    on_disk,
    vm_of,
)
from tests.unit.model.documents import LS, OTHER_KEY, PUBLIC_KEY, put, windows

IDENTITY: Json = {"name": "me", "resourceGroupName": "ids"}
OTHER_SUBSCRIPTION = "5b5c0000-0000-4000-8000-000000000002"
CERTIFICATE: Json = {"certificateUrl": "https://vault.vault.azure.net/secrets/a/1"}
SECRET: Json = {
    "sourceVault": {"name": "vault", "resourceGroupName": "keys"},
    "vaultCertificates": [CERTIFICATE],
}


def _name(document: Json) -> str:
    return vm_name(document, KEY, 1)


def _serial_log(document: Json) -> Any:
    """Return where the serial log goes; an address of one's own is for unmanaged storage."""
    diagnostics = document["compute"]["launchSpecification"]["bootDiagnostics"]
    if diagnostics["type"] == "unmanaged":
        diagnostics["storageUri"] = "https://a.blob.core.windows.net/"
    return dug(vm_of(document), "properties/diagnosticsProfile/bootDiagnostics/storageUri")


SYSTEM: tuple[Row, ...] = (
    Shown(f"{LS}.vmName", ("web", "db"), ("web", "db"), _name),
    Shown(f"{LS}.vmNamePrefix", ("web", "db"), ("web-0000cafe-g1", "db-0000cafe-g1"), _name),
    in_vm(f"{LS}.customData", f"{OS}/customData", ("b25l", ABSENT)),
    in_vm(f"{LS}.userData", "properties/userData", ("b25l", ABSENT)),
    on_disk(f"{LS}.userData", "properties/userData", ("b25l", "dHdv")),
    in_vm(f"{LS}.login.userName", f"{OS}/adminUsername", ("ada", "bob")),
    in_vm(
        f"{LS}.login.sshPublicKey",
        f"{OS}/linuxConfiguration/ssh/publicKeys/0/keyData",
        (PUBLIC_KEY, OTHER_KEY),
    ),
    Elsewhere(
        f"{LS}.login.password",
        "tests/activities/test_launch_password.py::test_a_password_that_is_kept_is_sent",
    ),
    in_vm(
        f"{LS}.tags[].tagValue",
        "tags/team",
        ("blue", "red"),
        given=within("tags", [{"tagKey": "team"}]),
    ),
    Shown(
        f"{LS}.tags[].tagKey",
        ("team", "crew"),
        ("team", "crew"),
        lambda document: min(vm_of(document)["tags"], key=lambda key: key.startswith("mooring")),
        {f"{LS}.tags": [{"tagValue": "blue"}]},
    ),
    *(
        Shown(
            f"{LS}.managedServiceIdentities[].{name}",
            values,
            tuple(  # type: ignore[arg-type]
                f"/subscriptions/{sub}/resourceGroups/{group}/providers"
                f"/Microsoft.ManagedIdentity/userAssignedIdentities/{called}"
                for sub, group, called in ids
            ),
            lambda document: next(iter(vm_of(document)["identity"]["userAssignedIdentities"])),
            {f"{LS}.managedServiceIdentities": [IDENTITY]},
        )
        for name, values, ids in (
            ("name", ("a", "b"), ((SUBSCRIPTION, "ids", "a"), (SUBSCRIPTION, "ids", "b"))),
            (
                "resourceGroupName",
                ("a", "b"),
                ((SUBSCRIPTION, "a", "me"), (SUBSCRIPTION, "b", "me")),
            ),
            (
                "subscriptionId",
                (ABSENT, OTHER_SUBSCRIPTION),
                ((SUBSCRIPTION, "ids", "me"), (OTHER_SUBSCRIPTION, "ids", "me")),
            ),
        )
    ),
    in_vm(f"{LS}.licenseType", "properties/licenseType", ("RHEL_BYOS", "SLES_BYOS")),
    on_disk(f"{LS}.licenseType", "properties/licenseType", ("RHEL_BYOS", ABSENT)),
    in_vm(
        f"{LS}.bootDiagnostics.isEnabled",
        "properties/diagnosticsProfile/bootDiagnostics/enabled",
        (True, False),
        given=within("bootDiagnostics", {"type": "managed"}),
    ),
    Shown(
        f"{LS}.bootDiagnostics.type",
        ("unmanaged", "managed"),
        ("https://a.blob.core.windows.net/", ABSENT),
        _serial_log,
        {f"{LS}.bootDiagnostics": {"isEnabled": True}},
    ),
    in_vm(
        f"{LS}.bootDiagnostics.storageUri",
        "properties/diagnosticsProfile/bootDiagnostics/storageUri",
        ("https://a.blob.core.windows.net/", "https://b.blob.core.windows.net/"),
        given=within("bootDiagnostics", {"isEnabled": True, "type": "unmanaged"}),
    ),
    *(
        Shown(
            f"{LS}.proximityPlacementGroups[].{name}",
            ("a", "b"),
            tuple(  # type: ignore[arg-type]
                f"{BASE}/{path}" for path in paths
            ),
            lambda document: dug(vm_of(document), "properties/proximityPlacementGroup/id"),
            {f"{LS}.proximityPlacementGroups": [{"name": "ppg", "resourceGroupName": "near"}]},
        )
        for name, paths in (
            (
                "name",
                tuple(f"near/{COMPUTE}/proximityPlacementGroups/{one}" for one in "ab"),
            ),
            (
                "resourceGroupName",
                tuple(f"{one}/{COMPUTE}/proximityPlacementGroups/ppg" for one in "ab"),
            ),
        )
    ),
)


def _windows(document: Json) -> Any:
    """Return where a certificate goes on Windows: on Linux there is no store."""
    on_windows = windows()
    put(on_windows, f"{LS}.secrets", document["compute"]["launchSpecification"]["secrets"])
    certificates = f"{OS}/secrets/0/vaultCertificates/0/certificateStore"
    return dug(vm_of(on_windows), certificates)


SECRETS: tuple[Row, ...] = (
    *(
        in_vm(
            f"{LS}.secrets[].sourceVault.{name}",
            f"{OS}/secrets/0/sourceVault/id",
            ("a", "b"),
            tuple(f"{BASE}/{path}" for path in paths),  # type: ignore[arg-type]
            given=within("secrets", [SECRET]),
        )
        for name, paths in (
            ("name", tuple(f"keys/{VAULTS}/{one}" for one in "ab")),
            (
                "resourceGroupName",
                tuple(f"{one}/{VAULTS}/vault" for one in "ab"),
            ),
        )
    ),
    in_vm(
        f"{LS}.secrets[].vaultCertificates[].certificateUrl",
        f"{OS}/secrets/0/vaultCertificates/0/certificateUrl",
        ("https://v.vault.azure.net/secrets/a/1", "https://v.vault.azure.net/secrets/b/1"),
        given=within("secrets", [SECRET]),
    ),
    Shown(
        f"{LS}.secrets[].vaultCertificates[].certificateStore",
        ("My", "Root"),
        ("My", "Root"),
        _windows,
        {f"{LS}.secrets": [SECRET]},
    ),
)
