"""The routes of imports, and what they take and give."""

from typing import Any, Final

from store.tokens import Role
from triggers.openapi_examples import CREATE
from triggers.openapi_examples import NODE as NODE_EXAMPLE
from triggers.route import NODE, Body, Items, Route
from triggers.shapes import NODE_ITEM, thing

_HEAD: Final[dict[str, Any]] = {
    "originalVmName": "worker-1",
    "resourceGroupName": "mooring-demo",
    "drainingTimeout": 120,
    "resourcesRetentionTime": 96,
    "convertUnmanagedDisks": False,
}
IMPORT: Final[dict[str, Any]] = {
    "statefulNodeImport": {
        **_HEAD,
        "node": {
            "name": "worker-1",
            "strategy": {"fallbackToOd": True},
            "persistence": {"shouldPersistNetwork": True},
        },
    }
}
IMPORTED: Final[dict[str, Any]] = {
    "statefulImportId": "sin-0a1b2c3d",
    **_HEAD,
    "node": NODE_EXAMPLE,
}
STATE: Final[dict[str, Any]] = {
    "statefulImportId": "sin-0a1b2c3d",
    "statefulNodeId": "ssn-0a1b2c3d",
    "vmName": "worker-1",
    "state": "ImportInProgress",
}
CONFIGURATION: Final[dict[str, Any]] = {
    name: value
    for name, value in CREATE["statefulNode"].items()
    if name in ("name", "region", "resourceGroupName", "strategy", "persistence")
} | {
    "description": "Imported from virtual machine: worker-1",
    "compute": {
        "os": "Linux",
        "zones": ["1"],
        "vmSizes": {"odSizes": ["standard_d2s_v5"], "spotSizes": ["standard_d2s_v5"]},
        "launchSpecification": {
            "network": CREATE["statefulNode"]["compute"]["launchSpecification"]["network"]
        },
    },
}
_TIME: Final = {"type": ["integer", "null"], "minimum": 0}
TAKES: Final = Body(
    "ImportNode",
    thing(
        "originalVmName resourceGroupName",
        "drainingTimeout resourcesRetentionTime resourceRetentionTime convertUnmanagedDisks node",
        drainingTimeout=_TIME | {"maximum": 1_800},
        resourcesRetentionTime=_TIME | {"maximum": 731},
        resourceRetentionTime=_TIME | {"maximum": 731},
        convertUnmanagedDisks={"type": ["boolean", "null"]},
        node={"anyOf": [{"$ref": "#/components/schemas/NodeDocumentChange"}, {"type": "null"}]},
    ),
    IMPORT,
    under="statefulNodeImport",
)
IMPORT_ITEM: Final = Items(
    "Import",
    thing(
        "statefulImportId originalVmName resourceGroupName",
        drainingTimeout={"type": "integer"},
        resourcesRetentionTime={"type": "integer"},
        convertUnmanagedDisks={"type": "boolean"},
        node=NODE_ITEM.model,
    ),
    IMPORTED,
)
STATE_ITEM: Final = Items(
    "ImportState",
    thing(
        "statefulImportId statefulNodeId vmName state",
        state={"enum": ["ImportStart", "ImportInProgress", "ImportCompleted", "ImportFailed"]},
    ),
    STATE,
)
IMPORT_ROUTES: Final = (
    Route(
        "azureStatefulNodeImportVm",
        "POST",
        f"{NODE}/import",
        Role.OPERATOR,
        "Import a virtual machine",
        takes=TAKES,
        gives=IMPORT_ITEM,
        about="The VM is stopped and its disks are copied; a VM of the node's own comes up on the "
        "copies. With network persistence it gets the VM's own network interfaces. If none comes "
        "up, the VM is as it was. Else it stays, deallocated, for resourcesRetentionTime hours "
        "(absent: 96), and is then deleted with its disks and the network interfaces and addresses "
        "that the node has not taken. What `node` leaves out comes from the VM.",
    ),
    Route(
        "azureStatefulNodeGetImportStatus",
        "GET",
        f"{NODE}/import/{{importId}}/status",
        Role.VIEWER,
        "Read how far an import is",
        gives=STATE_ITEM,
        about="By the import's id, or its node's. Why an import failed, the node's status says.",
    ),
    Route(
        "azureStatefulNodeGetImportConfiguration",
        "GET",
        f"{NODE}/resourceGroup/{{resourceGroupName}}/virtualMachine/{{virtualMachineName}}"
        "/importConfiguration",
        Role.VIEWER,
        "Read what a virtual machine would be as a node",
        gives=Items(
            "ImportConfiguration", {"$ref": "#/components/schemas/NodeDocument"}, CONFIGURATION
        ),
        about="Changed or not, it can be sent back as an import's `node`. Protected settings of "
        "extensions are never told by Azure: add them.",
    ),
)
