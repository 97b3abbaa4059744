"""Draw a node document: every persistence mode, zones, sizes and strategies, all of them valid."""

import random
from typing import Any, Final

Json = dict[str, Any]

REGION: Final = "eastus"
ZONES: Final = (None, ["1"], ["2"], ["1", "2"], ["1", "2", "3"])
SIZES: Final = (
    "standard_d2s_v5",
    "standard_d4s_v5",
    "standard_d2s_v4",
    "standard_e2s_v5",
    "standard_d2as_v5",
    "standard_d2ds_v5",
)
OLD: Final = 0.5
OLDER: Final = {"standard_d2ds_v5": "standard_d2s_v3"}
"""Both have a temporary disk, and are as large."""
DISK_TYPES: Final = ("Premium_LRS", "StandardSSD_LRS", "Standard_LRS")
MODES: Final = ("reattach", "onLaunch")
PERSON: Final = "you@localhost"
"""As Azure names whoever stops a VM by hand in a life."""
IMAGE: Final = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-server-jammy",
    "sku": "22_04-lts-gen2",
    "version": "latest",
}


def draw(dice: random.Random, group: str, name: str) -> Json:
    """Return the document of a node in `group`, whose network is `mooring-vnet`/`default`."""
    zones = dice.choice(ZONES)
    compute: Json = {
        "os": "Linux",
        "vmSizes": _sizes(dice),
        "launchSpecification": _launch(dice, group),
    }
    if zones:
        compute["zones"] = zones
        if dice.random() < 0.5:
            compute["preferredZone"] = dice.choice(zones)
    return {
        "name": name,
        "region": REGION,
        "resourceGroupName": group,
        "strategy": _strategy(dice),
        "persistence": _persistence(dice, compute["launchSpecification"]),
        "compute": compute,
    }


def ages(dice: random.Random, document: Json) -> None:
    """Let, in half of the documents that name it, a size of an older series take its place.

    The Azure SDK knows that one by name, and hands it out as no plain text.
    """
    if dice.random() >= OLD:
        return
    sizes = document["compute"]["vmSizes"]
    for name, some in sizes.items():
        sizes[name] = [OLDER.get(one, one) for one in some]


def _sizes(dice: random.Random) -> Json:
    spot = dice.sample(SIZES, dice.randint(1, 4))
    sizes: Json = {"spotSizes": spot, "odSizes": dice.sample(SIZES, dice.randint(1, 2))}
    if dice.random() < 0.3:
        sizes["preferredSpotSizes"] = dice.sample(spot, 1)
    return sizes


def _strategy(dice: random.Random) -> Json:
    strategy: Json = {
        "fallbackToOd": dice.random() < 0.6,
        "preferredLifecycle": "od" if dice.random() < 0.1 else "spot",
        "revertToSpot": {"performAt": "never"},
    }
    if dice.random() < 0.5:
        strategy["availabilityVsCost"] = dice.choice((0, 50, 100))
    if dice.random() < 0.3:
        strategy["vmAdmins"] = dice.choice(([], [PERSON], ["nobody@example.org"]))
    if dice.random() < 0.25:
        strategy["signals"] = _signals(dice)
    return strategy


def _signals(dice: random.Random) -> list[Json]:
    kinds = dice.choice((["vmReady"], ["vmReadyToShutdown"], ["vmReady", "vmReadyToShutdown"]))
    return [{"type": kind, "timeout": dice.choice((60, 150, 300))} for kind in kinds]


def _persistence(dice: random.Random, launch: Json) -> Json:
    persistence: Json = {
        "shouldPersistOsDisk": dice.random() < 0.8,
        "shouldPersistDataDisks": dice.random() < 0.8,
        "shouldPersistNetwork": dice.random() < 0.7,
    }
    if persistence["shouldPersistOsDisk"]:
        persistence["osDiskPersistenceMode"] = dice.choice(MODES)
    if persistence["shouldPersistDataDisks"]:
        persistence["dataDisksPersistenceMode"] = dice.choice(MODES)
        launch.setdefault("dataDisks", [_disk(dice, 0)])
    return persistence


def _disk(dice: random.Random, lun: int) -> Json:
    return {"lun": lun, "sizeGB": dice.choice((16, 32, 128)), "type": dice.choice(DISK_TYPES)}


def _launch(dice: random.Random, group: str) -> Json:
    nic: Json = {"isPrimary": True, "subnetName": "default", "assignPublicIp": False}
    if dice.random() < 0.5:
        nic |= {"assignPublicIp": True, "publicIpSku": "Standard"}
    launch: Json = {
        "image": {"marketplace": IMAGE},
        "login": {"userName": "mooring", "password": "Correct-Horse-Battery-1"},
        "network": {
            "resourceGroupName": group,
            "virtualNetworkName": "mooring-vnet",
            "networkInterfaces": [nic],
        },
        "osDisk": {"type": dice.choice(DISK_TYPES), "sizeGB": 64},
    }
    disks = [_disk(dice, lun) for lun in range(dice.choice((0, 1, 1, 2)))]
    if disks:
        launch["dataDisks"] = disks
    if dice.random() < 0.3:
        launch["vmNamePrefix"] = "fz"
    if dice.random() < 0.2:
        launch["extensions"] = extensions()
    return launch


def extensions() -> list[Json]:
    """Return what a document asks for that asks for extensions."""
    return [
        {
            "name": "setup",
            "type": "CustomScript",
            "publisher": "Microsoft.Azure.Extensions",
            "apiVersion": "2.1",
            "minorVersionAutoUpgrade": True,
            "publicSettings": {"commandToExecute": "true"},
        }
    ]
