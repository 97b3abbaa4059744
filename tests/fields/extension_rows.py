"""Extensions."""

from tests.fields.places import BASE, VAULTS, within
from tests.fields.row import ABSENT, Elsewhere, Json, Row, in_extension
from tests.unit.model.documents import LS

EXTENSION: Json = {
    "name": "setup",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
}
VAULT: Json = {
    "sourceVault": {"name": "vault", "resourceGroupName": "keys"},
    "secretUrl": "https://vault.vault.azure.net/secrets/a",
}
FROM_VAULT: Json = {**EXTENSION, "protectedSettingsFromKeyVault": VAULT}

EXTENSIONS: tuple[Row, ...] = (
    Elsewhere(
        f"{LS}.extensions[].name",
        "tests/activities/test_extensions.py::test_each_extension_is_installed_under_its_name",
    ),
    *(
        in_extension(
            f"{LS}.extensions[].{name}",
            f"properties/{at}",
            values,
            given=within("extensions", [EXTENSION]),
        )
        for name, at, values in (
            ("type", "type", ("CustomScript", "Other")),
            ("publisher", "publisher", ("One", "Two")),
            ("apiVersion", "typeHandlerVersion", ("2.1", "3.0")),
            ("minorVersionAutoUpgrade", "autoUpgradeMinorVersion", (True, False)),
            ("publicSettings", "settings", ({"a": [1]}, ABSENT)),
            ("enableAutomaticUpgrade", "enableAutomaticUpgrade", (True, ABSENT)),
        )
    ),
    Elsewhere(
        f"{LS}.extensions[].protectedSettings",
        "tests/activities/test_extensions.py::test_protected_settings_are_resolved_last_and_sent",
    ),
    in_extension(
        f"{LS}.extensions[].protectedSettingsFromKeyVault.sourceVault",
        "properties/protectedSettingsFromKeyVault/sourceVault/id",
        ({"name": "a", "resourceGroupName": "keys"}, "/subscriptions/s/vaults/b"),
        (f"{BASE}/keys/{VAULTS}/a", "/subscriptions/s/vaults/b"),
        given=within("extensions", [FROM_VAULT]),
    ),
    in_extension(
        f"{LS}.extensions[].protectedSettingsFromKeyVault.secretUrl",
        "properties/protectedSettingsFromKeyVault/secretUrl",
        ("https://v.vault.azure.net/secrets/a", "https://v.vault.azure.net/secrets/b"),
        given=within("extensions", [FROM_VAULT]),
    ),
)
