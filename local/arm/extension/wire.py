"""VM extensions on the wire: protected settings come in and never go out."""

import hashlib
import json

from local.arm import refusals
from local.arm.wire import Json, name_of

TYPE = "Microsoft.Compute/virtualMachines/extensions"
REQUIRED = ("publisher", "type", "typeHandlerVersion")
KEPT = (
    *("enableAutomaticUpgrade", "forceUpdateTag", "provisionAfterExtensions", "settings"),
    *("suppressFailures", *REQUIRED),
)


def mark_of(protected_settings: Json) -> str:
    """Return a mark that tells protected settings from others, and from which none can be read."""
    return hashlib.sha256(json.dumps(protected_settings, sort_keys=True).encode()).hexdigest()


def model(extension_id: str, location: str, body: Json) -> Json:
    """Return a new extension's body; raise if a required property is not there."""
    given = body.get("properties") or {}
    for name in REQUIRED:
        if not given.get(name):
            raise refusals.missing(name)
    return {
        "name": name_of(extension_id),
        "id": extension_id,
        "type": TYPE,
        "location": location,
        **({"tags": body["tags"]} if body.get("tags") else {}),
        "properties": {
            "autoUpgradeMinorVersion": bool(given.get("autoUpgradeMinorVersion", False)),
            "provisioningState": "Creating",
            **{name: given[name] for name in KEPT if given.get(name) is not None},
        },
    }


def merge(properties: Json, given: Json) -> None:
    """Take over what an update gives."""
    for name in ("publisher", "type"):
        if given.get(name) and given[name].lower() != properties[name].lower():
            raise refusals.unchangeable(name)
    names = (*KEPT, "autoUpgradeMinorVersion")
    properties.update({name: given[name] for name in names if given.get(name) is not None})
