"""The document as it is stored, and as the API shows it."""

import hashlib
import json
from typing import Any, Final

from pydantic import Secret, SecretStr

from shared.model.node import NodeDocument


class SecretInside(Exception):  # noqa: N818 - a fault of ours, not of a client
    """A document with a secret in the clear was about to be stored."""


def to_stored(document: NodeDocument) -> dict[str, Any]:
    """Return the document as JSON values for a row. Unset fields are left out.

    Raises `SecretInside` unless its secrets were split off before.
    """
    launch = document.compute.launch_specification
    clear: list[SecretStr | Secret[dict[str, Any]] | None] = [
        one.protected_settings for one in launch.extensions or ()
    ]
    clear.append(launch.login.password if launch.login else None)
    if any(one is not None for one in clear):
        raise SecretInside("split the secrets off before the document is stored")
    return document.model_dump(mode="json", by_alias=True, exclude_none=True)


def from_stored(stored: dict[str, Any]) -> NodeDocument:
    """Return the document of a row; fields that a newer release wrote are ignored."""
    return NodeDocument.model_validate(stored)


def to_wire(document: NodeDocument) -> dict[str, Any]:
    """Return the document as clients read it.

    Never in it: the password, protected settings, the shutdown script (write-only in the
    published API), references to secrets, null, {} for an optional object.
    """
    shown = to_stored(document)
    launch = shown["compute"]["launchSpecification"]
    launch.pop("shutdownScript", None)
    launch.get("login", {}).pop("passwordRef", None)
    for extension in launch.get("extensions", ()):
        extension.pop("protectedSettingsRef", None)
    diagnostics = launch.get("bootDiagnostics", {})
    if "storageUri" in diagnostics:
        diagnostics["storageUrl"] = diagnostics["storageUri"]
    return shown


_ANY_ORDER: Final = ("tags", "managedServiceIdentities", "proximityPlacementGroups", "secrets")
_NOT_OF_THE_VM: Final = ("shutdownScript",)
"""Fetched by the agent when the VM ends: a VM need not be built anew for it."""


def launch_digest(document: NodeDocument) -> str:
    """Return the sha256 of what a VM is made of, the same for the same configuration.

    In it: the OS, everything under launchSpecification except the shutdown script (image, NICs,
    disks, login, scripts, tags, identities, extensions, security, load balancers ...) and
    integrations, which become an extension. Secrets count by reference, and a new secret has a
    new reference. Not in it: VM sizes, zones, strategy, persistence, schedule, health, name:
    they say which market and when, and the ladder compares those with the VM itself. Tags are in
    it because an edit takes effect at the next launch, and a VM merely started would miss it.
    """
    stored = to_stored(document)
    launch: dict[str, Any] = dict(stored["compute"]["launchSpecification"])
    for name in _NOT_OF_THE_VM:
        launch.pop(name, None)
    for name in _ANY_ORDER:
        if name in launch:
            launch[name] = sorted(launch[name], key=_canonical)
    made_of = {
        "os": stored["compute"]["os"],
        "launchSpecification": launch,
        "integrations": stored.get("integrations"),
    }
    return hashlib.sha256(_canonical(made_of).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
