"""One example for each request of the API document. Tests send them."""

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
                    "sshPublicKey": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
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
