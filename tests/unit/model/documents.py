"""Bodies that clients send, and small changes to them."""

import copy
from typing import Any

LS = "compute.launchSpecification"
PASSWORD = "Str0ng-enough!"  # noqa: S105 - a made-up password is the subject here
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN7rHgfepE0hOZED+DUu0NWHDKxahAEdiacGIbzU5Hxs u@h"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"


def node(**changes: Any) -> dict[str, Any]:
    """Return a valid document; a change is a dotted path (`__` for a dot) and its value."""
    document: dict[str, Any] = {
        "name": "web",
        "region": "eastus",
        "resourceGroupName": "fleet",
        "strategy": {"fallbackToOd": True},
        "persistence": {
            "shouldPersistOsDisk": True,
            "shouldPersistDataDisks": True,
            "shouldPersistNetwork": False,
        },
        "compute": {
            "os": "Linux",
            "vmSizes": {"odSizes": ["standard_d2s_v5"], "spotSizes": ["standard_d2s_v5"]},
            "launchSpecification": {
                "image": {
                    "marketplace": {
                        "publisher": "Canonical",
                        "offer": "ubuntu-24_04-lts",
                        "sku": "server",
                        "version": "latest",
                    }
                },
                "login": {"userName": "mooring", "sshPublicKey": PUBLIC_KEY},
                "network": {
                    "resourceGroupName": "fleet",
                    "virtualNetworkName": "vnet",
                    "networkInterfaces": [{"isPrimary": True, "subnetName": "default"}],
                },
            },
        },
    }
    for path, value in changes.items():
        put(document, path.replace("__", "."), value)
    return document


def put(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Set the value at a dotted path, making objects on the way; a number is an index."""
    holder: Any = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        holder = holder[step] if isinstance(step, int) else holder.setdefault(step, {})
    holder[last] = copy.deepcopy(value)
    return document


def drop(document: dict[str, Any], path: str) -> dict[str, Any]:
    """Take the value at a dotted path away."""
    holder: Any = document
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        holder = holder[step]
    del holder[last]
    return document


def body(document: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the request body around a document."""
    return {"statefulNode": node() if document is None else document}


def windows(**changes: Any) -> dict[str, Any]:
    """Return a valid document of a Windows node."""
    document = put(node(), "compute.os", "Windows")
    put(document, f"{LS}.login", {"userName": "mooring", "password": PASSWORD})
    for path, value in changes.items():
        put(document, path.replace("__", "."), value)
    return document


TERRAFORM_CREATE: dict[str, Any] = {
    "statefulNode": {
        "name": "tf-node",
        "region": "eastus",
        "resourceGroupName": "fleet",
        "description": "made by terraform",
        "strategy": {
            "fallbackToOd": True,
            "drainingTimeout": 30,
            "preferredLifecycle": "spot",
            "revertToSpot": {"performAt": "always"},
            "availabilityVsCost": None,
            "capacityReservation": None,
            "interruptionToleration": None,
            "odWindows": None,
            "optimizationWindows": None,
            "vmAdmins": None,
            "signals": [{"type": "vmReady", "timeout": 20}],
        },
        "persistence": {
            "shouldPersistOsDisk": False,
            "osDiskPersistenceMode": "reattach",
            "shouldPersistDataDisks": True,
            "dataDisksPersistenceMode": "reattach",
            "shouldPersistNetwork": False,
        },
        "compute": {
            "os": "Linux",
            "zones": ["1", "3"],
            "preferredZone": "1",
            "vmSizes": {
                "odSizes": ["standard_ds1_v2", "standard_ds2_v2"],
                "spotSizes": ["standard_ds1_v2", "standard_ds2_v2"],
                "preferredSpotSizes": None,
                "excludedVmSizes": None,
                "spotSizeAttributes": None,
            },
            "launchSpecification": {
                "customData": "aGVsbG8=",
                "userData": "",
                "image": {
                    "marketplace": {
                        "publisher": "Canonical",
                        "offer": "UbuntuServer",
                        "sku": "18.04-LTS",
                        "version": "latest",
                    }
                },
                "login": {"userName": "ubuntu", "sshPublicKey": PUBLIC_KEY},
                "loadBalancersConfig": {},
                "bootDiagnostics": None,
                "network": {
                    "resourceGroupName": "fleet",
                    "virtualNetworkName": "vnet",
                    "networkInterfaces": [
                        {
                            "subnetName": "default",
                            "isPrimary": True,
                            "assignPublicIp": False,
                            "publicIpSku": "",
                            "enableIpForwarding": False,
                            "publicIps": None,
                            "applicationSecurityGroups": None,
                            "networkSecurityGroup": {"name": "nsg", "resourceGroupName": "fleet"},
                        }
                    ],
                },
                "osDisk": {"sizeGB": 30, "type": "Standard_LRS"},
                "dataDisks": [{"sizeGB": 1, "lun": 1, "type": "Standard_LRS"}],
                "tags": [{"tagKey": "creator", "tagValue": "tf"}],
                "security": {"securityType": "Standard", "secureBootEnabled": False},
            },
        },
        "scheduling": {},
        "health": {
            "healthCheckTypes": ["vmState"],
            "gracePeriod": 120,
            "unhealthyDuration": 120,
            "autoHealing": True,
        },
    }
}
"""What the Terraform provider sends: nulls for what is not in the plan, {} for empty blocks."""
