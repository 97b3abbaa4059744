"""Examples of the API document. Tests send the requests, and hold the answers to the models."""

from typing import Any, Final

CREATE: Final[dict[str, Any]] = {
    "statefulNode": {
        "name": "dev-eu1-worker",
        "region": "eastus",
        "resourceGroupName": "mooring-demo",
        "strategy": {
            "fallbackToOd": True,
            "drainingTimeout": 120,
            "revertToSpot": {"performAt": "always"},
        },
        "persistence": {
            "shouldPersistOsDisk": True,
            "osDiskPersistenceMode": "reattach",
            "shouldPersistDataDisks": True,
            "dataDisksPersistenceMode": "reattach",
            "shouldPersistNetwork": True,
        },
        "compute": {
            "os": "Linux",
            "zones": ["1"],
            "vmSizes": {
                "odSizes": ["standard_d2s_v5"],
                "spotSizes": ["standard_d2s_v5", "standard_d4s_v5"],
                "preferredSpotSizes": ["standard_d2s_v5"],
            },
            "launchSpecification": {
                "image": {
                    "marketplace": {
                        "publisher": "Canonical",
                        "offer": "0001-com-ubuntu-server-jammy",
                        "sku": "22_04-lts-gen2",
                        "version": "latest",
                    }
                },
                "login": {
                    "userName": "mooring",
                    "sshPublicKey": "ssh-ed25519 "
                    "AAAAC3NzaC1lZDI1NTE5AAAAIN7rHgfepE0hOZED+DUu0NWHDKxahAEdiacGIbzU5Hxs demo",
                },
                "network": {
                    "resourceGroupName": "mooring-demo",
                    "virtualNetworkName": "demo-vnet",
                    "networkInterfaces": [{"isPrimary": True, "subnetName": "default"}],
                },
                "dataDisks": [{"lun": 0, "sizeGB": 64, "type": "Premium_LRS"}],
                "tags": [{"tagKey": "env", "tagValue": "dev"}],
            },
        },
    }
}
UPDATE: Final[dict[str, Any]] = {
    "statefulNode": {
        "description": "nightly builds",
        "strategy": {"revertToSpot": {"performAt": "never"}},
    }
}
DELETE: Final[dict[str, Any]] = {
    "deallocationConfig": {
        "shouldTerminateVm": True,
        "networkDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "diskDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "snapshotDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
        "publicIpDeallocationConfig": {"shouldDeallocate": True, "ttlInHours": 0},
    }
}
SIGNAL: Final[dict[str, Any]] = {
    "vmName": "web-0a1b2c3d",
    "signalType": "vmReady",
    "resourceGroupName": "mooring-demo",
}
NODE: Final[dict[str, Any]] = {
    "id": "ssn-0a1b2c3d",
    **CREATE["statefulNode"],
    "createdAt": "2026-11-23T12:00:00.000Z",
    "updatedAt": "2026-11-23T12:00:00.000Z",
}
STATUS: Final[dict[str, Any]] = {
    "id": "ssn-0a1b2c3d",
    "name": "dev-eu1-worker",
    "region": "eastus",
    "resourceGroupName": "mooring-demo",
    "status": "ACTIVE",
    "vmName": "dev-eu1-worker-0a1b2c3d",
    "vmSize": "standard_d2s_v5",
    "lifecycle": "SPOT",
    "lifeCycle": "SPOT",
    "zone": "1",
    "privateIp": "10.0.0.4",
    "publicIp": None,
    "rollbackReason": None,
    "errorReason": None,
    "vmHealthStatus": "HEALTHY",
    "progress": None,
    "waiting": None,
    "lastSnapshotAt": None,
    "createdAt": "2026-11-23T12:00:00.000Z",
    "updatedAt": "2026-11-23T12:01:30.000Z",
}
LOG_LINE: Final[dict[str, Any]] = {
    "message": "Stateful node created; its first VM is being launched.",
    "severity": "INFO",
    "createdAt": "2026-11-23T12:00:00.000Z",
}
