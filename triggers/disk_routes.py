"""The routes of a node's disks, and what they take and give."""

from typing import Any, Final

from shared.model.disk_requests import AttachDataDisk, DetachDataDisk, SwapOsDisk
from shared.model.resources import ResourcesShown
from store.tokens import Role
from triggers.route import NODE, Body, Items, Route
from triggers.shapes import thing

ATTACH: Final[dict[str, Any]] = {
    "dataDiskName": "worker-scratch",
    "dataDiskResourceGroupName": "mooring-demo",
    "sizeGB": 64,
    "storageAccountType": "Premium_LRS",
    "lun": 3,
    "zone": "1",
    "caching": "ReadOnly",
}
DETACH: Final[dict[str, Any]] = {
    "dataDiskName": "worker-scratch",
    "dataDiskResourceGroupName": "mooring-demo",
    "shouldDeallocate": True,
    "ttlInHours": 96,
}
SWAP: Final[dict[str, Any]] = {
    "osDiskName": "worker-restored",
    "osDiskResourceGroupName": "mooring-demo",
    "shouldTerminate": True,
    "retentionTime": 96,
}
DISK: Final[dict[str, Any]] = {
    "name": "worker-scratch",
    "resourceGroupName": "mooring-demo",
    "region": "eastus",
    "zone": "1",
    "size": 64,
    "lun": 3,
    "accountType": "Premium_LRS",
    "storageAccountType": "Premium_LRS",
    "managedBy": "dev-eu1-worker-0a1b2c3d",
    "tags": [{"tagKey": "env", "tagValue": "dev"}],
}
DISK_ITEM: Final = Items(
    "Disk",
    thing(
        "name resourceGroupName region accountType storageAccountType size lun",
        "zone managedBy",
        size={"type": "integer"},
        lun={"type": "integer"},
    ),
    DISK,
)
RESOURCES: Final[dict[str, Any]] = {
    "id": "ssn-0a1b2c3d",
    "name": "dev-eu1-worker",
    "resourceGroupName": "mooring-demo",
    "network": {
        "virtualNetwork": {"name": "demo-vnet", "resourceGroupName": "mooring-demo"},
        "networkInterfaces": [
            {
                "name": "mooring-0a1b2c3d-nic0-g1",
                "resourceGroupName": "mooring-demo",
                "isPrimary": True,
                "networkSecurityGroup": None,
                "ipConfigurations": [
                    {
                        "name": "primary",
                        "isPrimary": True,
                        "primary": True,
                        "subnet": {
                            "name": "default",
                            "resourceGroupName": "mooring-demo",
                            "addressPrefix": "10.0.0.0/24",
                        },
                        "publicIp": None,
                        "privateIpAddress": "10.0.0.4",
                        "privateIPAddressVersion": "IPv4",
                        "privateIpAllocationMethod": "Dynamic",
                        "applicationSecurityGroups": [],
                    }
                ],
                "enableAcceleratedNetworking": False,
                "enableIpForwarding": False,
                "macAddress": "00-0D-3A-1B-2C-3D",
            }
        ],
    },
    "storage": {
        "osDisk": {
            "name": "mooring-0a1b2c3d-os-g1",
            "resourceGroupName": "mooring-demo",
            "osType": "Linux",
            "storageAccountType": "Premium_LRS",
            "sizeGB": 64,
            "snapshot": None,
            "lastCompletedSnapshot": None,
        },
        "dataDisks": [
            {
                "name": "mooring-0a1b2c3d-data0-g1",
                "resourceGroupName": "mooring-demo",
                "storageAccountType": "Premium_LRS",
                "sizeGB": 64,
                "lun": 0,
                "snapshot": "mooring-0a1b2c3d-data0-snap",
                "lastCompletedSnapshot": "2026-11-23T12:00:00.000Z",
            }
        ],
    },
}
RESOURCES_ITEM: Final = Items("Resources", ResourcesShown, RESOURCES)
DISK_ROUTES: Final = (
    Route(
        "azureStatefulNodeGetResources",
        "GET",
        f"{NODE}/{{id}}/resources",
        Role.VIEWER,
        "Read what a node has in Azure",
        gives=RESOURCES_ITEM,
        about="As Azure tells it now; what it does not tell is as last known, or null.",
    ),
    Route(
        "azureStatefulNodeAttachDataDisk",
        "PUT",
        f"{NODE}/{{id}}/dataDisk/attach",
        Role.OPERATOR,
        "Attach a new data disk",
        takes=Body("AttachDataDisk", AttachDataDisk, ATTACH),
        gives=DISK_ITEM,
        about="The disk is made and attached after the answer; of a paused node it is attached at "
        "the next launch. A name that the resource group has already is refused. Without a zone "
        "the disk is regional (or redundant over zones, if its type is).",
    ),
    Route(
        "azureStatefulNodeDetachDataDisk",
        "PUT",
        f"{NODE}/{{id}}/dataDisk/detach",
        Role.OPERATOR,
        "Detach a data disk",
        takes=Body("DetachDataDisk", DetachDataDisk, DETACH),
        about="Without shouldDeallocate the disk stays in Azure and is the node's no longer; with "
        "it, it is deleted after ttlInHours (absent: at once). A disk that the document orders is "
        "not made anew in its place.",
    ),
    Route(
        "azureStatefulNodeSwapOSDisk",
        "PUT",
        f"{NODE}/{{id}}/osDisk/swap",
        Role.OPERATOR,
        "Swap the OS disk",
        takes=Body("SwapOsDisk", SwapOsDisk, SWAP),
        about="Of a node that is PAUSED or STOPPED and persists its OS disk. The new disk must be "
        "free, of the same region, zone, operating system, generation and security type; as large "
        "as the old one if the node is STOPPED. The old one is deleted after retentionTime hours "
        "(absent: 96), or stays in Azure without an owner if shouldTerminate is false.",
    ),
)
