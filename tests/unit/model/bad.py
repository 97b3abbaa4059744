"""One refused document: a change to a valid one, and the field the answer must name."""

import base64
from dataclasses import dataclass
from typing import Any, Final

from tests.unit.model.documents import LS, node, put, windows

MISSING: Final = object()
"""Take the field away."""


@dataclass(frozen=True)
class Bad:
    id: str
    path: str
    value: Any
    field: str = ""
    """Field that the answer names, where it is not `path`."""
    code: str = "INVALID_VALUE"
    os: str = "Linux"
    also: tuple[tuple[str, Any], ...] = ()
    """Changes that make the one in question wrong."""

    @property
    def names(self) -> str:
        return f"statefulNode.{self.field or self.path}"

    def document(self) -> dict[str, Any]:
        document = windows() if self.os == "Windows" else node()
        for path, value in (*self.also, (self.path, self.value)):
            if value is not MISSING:
                put(document, path, value)
                continue
            holder: Any = document
            *steps, last = path.split(".")
            for step in steps:
                holder = holder[int(step)] if step.isdigit() else holder[step]
            del holder[last]
        return document


def b64(size: int) -> str:
    return base64.b64encode(b"x" * size).decode()


REQUIRED, UNKNOWN, TYPE = "REQUIRED_FIELD", "UNKNOWN_FIELD", "INVALID_TYPE"
RANGE, CONFLICT = "OUT_OF_RANGE", "CONFLICTING_FIELDS"
NIC, NIC0 = f"{LS}.network.networkInterfaces", f"{LS}.network.networkInterfaces.0"
NIC0_FIELD = f"{LS}.network.networkInterfaces[0]"
SIZES = "compute.vmSizes"
SECOND_NIC = {"isPrimary": False, "subnetName": "default"}
GATEWAY = {
    "type": "applicationGateway",
    "resourceGroupName": "fleet",
    "name": "gateway",
    "backendPoolNames": ["pool"],
}
EXTENSION = {
    "name": "script",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
}
DISK = {"sizeGB": 32, "lun": 0, "type": "Premium_LRS"}
CERTIFICATE = {"certificateUrl": "https://vault.vault.azure.net/secrets/a/1"}
SECRETS = {
    "sourceVault": {"name": "vault", "resourceGroupName": "fleet"},
    "vaultCertificates": [CERTIFICATE],
}
STORED_CERTIFICATE = {**CERTIFICATE, "certificateStore": "My"}
RULE = (
    "/subscriptions/0a1b2c3d-0000-4000-8000-00000000cafe/resourceGroups/fleet"
    "/providers/Microsoft.Insights/dataCollectionRules/rule"
)
TOLERATION = {"isEnabled": True, "threshold": 3, "evaluationPeriod": 30, "cooldown": 120}
TASK = {"isEnabled": True, "type": "pause", "cronExpression": "0 19 * * 5"}
