"""What a document may ask for besides: each by a small chance, so that most lives stay plain.

A feature changes a document that `documents.draw` has drawn; what it names in Azure lies in
`ground`. Each leaves a document alone that it does not go with.
"""

import base64
import json
import random
from collections.abc import Callable
from typing import Any, Final

from tests.fuzz.documents import IMAGE

Json = dict[str, Any]

FEATURED: Final = 0.4
"""Part of the lives whose document has any; the others are plain."""
GROUP: Final = "mooring-demo"
DUAL: Final = "mooring-six"
"""Network whose subnet has addresses of both versions."""
FREE: Final = tuple(f"10.60.8.{last}" for last in (10, 11, 12))
TAKEN: Final = tuple(f"10.60.9.{last}" for last in (10, 11))
"""Private addresses that somebody else has."""
SIX: Final = tuple(f"fd00:60::8:{last}" for last in (10, 11))
ADDRESSES: Final = ("lent-a", "lent-b", "lent-zone1", "taken-a")
"""Public addresses of pools: somebody else has those that are called `taken`."""
SLOW_SIZE: Final = "standard_ds1_v2"
"""A size without accelerated networking."""
CONFIDENTIAL_SIZES: Final = ("standard_dc2as_v5", "standard_dc4as_v5")
CONFIDENTIAL_IMAGE: Final = {
    "publisher": "Canonical",
    "offer": "0001-com-ubuntu-confidential-vm-jammy",
    "sku": "22_04-lts-cvm",
    "version": "latest",
}
PLAIN: Final = ({"marketplace": IMAGE},)
"""Not worth telling: most lives have it."""

Feature = Callable[[random.Random, Json], None]


def add(dice: random.Random, document: Json) -> bool:
    """Add features to a document, or none; tell whether any is there."""
    if dice.random() >= FEATURED:
        return False
    before = json.dumps(document)
    for feature, chance in FEATURES:
        if dice.random() < chance:
            feature(dice, document)
    return json.dumps(document) != before


def words(document: Json) -> list[str]:
    """Tell what a document asks of its network, image and security."""
    launch, told = launch_of(document), []
    for name in ("network", "loadBalancersConfig", "image", "security", "vmName"):
        asked = launch.get(name)
        if asked and asked not in PLAIN and not (name == "network" and _is_plain(asked)):
            told.append(f"{name} {json.dumps(asked, sort_keys=True)}")
    return told


def _is_plain(network: Json) -> bool:
    nics = network["networkInterfaces"]
    known = {"isPrimary", "subnetName", "assignPublicIp", "publicIpSku"}
    return len(nics) == 1 and known.issuperset(nics[0]) and nics[0].get("publicIpSku") != "Basic"


def launch_of(document: Json) -> Json:
    """Return the launch specification."""
    launch: Json = document["compute"]["launchSpecification"]
    return launch


def nics_of(document: Json) -> list[Json]:
    """Return the NICs."""
    nics: list[Json] = launch_of(document)["network"]["networkInterfaces"]
    return nics


def _text(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


# -- network --------------------------------------------------------------------------------------


def _several_nics(dice: random.Random, document: Json) -> None:
    nics = nics_of(document)
    more: Json = {"isPrimary": False, "subnetName": "default", "assignPublicIp": False}
    if dice.random() < 0.4:
        more |= {"assignPublicIp": True, "publicIpSku": "Standard"}
    if dice.random() < 0.3:
        more["enableIpForwarding"] = True
    nics.insert(dice.choice((0, 1)), more)


def _basic_address(_dice: random.Random, document: Json) -> None:
    """Only where no zone is: Basic addresses serve none."""
    if document["compute"].get("zones"):
        return
    for nic in nics_of(document):
        if nic.get("assignPublicIp"):
            nic["publicIpSku"] = "Basic"


def _more_configurations(dice: random.Random, document: Json) -> None:
    nic = dice.choice(nics_of(document))
    more = [{"name": "second", "privateIpAddressVersion": "IPv4"}]
    if dice.random() < 0.6:
        more.append({"name": "six", "privateIpAddressVersion": "IPv6"})
        launch_of(document)["network"]["virtualNetworkName"] = DUAL
    nic["additionalIpConfigurations"] = more[dice.choice((0, 0, 1)) :] or more


def _groups(dice: random.Random, document: Json) -> None:
    for nic in nics_of(document):
        if dice.random() < 0.7:
            nic["networkSecurityGroup"] = {"name": "mooring-nsg", "resourceGroupName": GROUP}
        names = dice.sample(("asg-web", "asg-db"), dice.randint(0, 2))
        if names:
            nic["applicationSecurityGroups"] = [
                {"name": name, "resourceGroupName": GROUP} for name in names
            ]


def _private_pool(dice: random.Random, document: Json) -> None:
    """One NIC's; often smaller than what is asked of it."""
    nic = dice.choice(nics_of(document))
    pool = dice.sample((*FREE, *TAKEN), dice.randint(1, 3))
    more = nic.get("additionalIpConfigurations") or ()
    if any(one["privateIpAddressVersion"] == "IPv6" for one in more):
        pool += dice.sample(SIX, dice.randint(1, 2))
    nic["privateIpAddresses"] = pool


def _public_pool(dice: random.Random, document: Json) -> None:
    public = [nic for nic in nics_of(document) if nic.get("assignPublicIp")]
    if not public or public[0]["publicIpSku"] != "Standard":
        return
    names = dice.sample(ADDRESSES, dice.randint(1, 3))
    dice.choice(public)["publicIps"] = [
        {"name": name, "resourceGroupName": GROUP} for name in names
    ]


def _balancers(dice: random.Random, document: Json) -> None:
    """Only in their own network, and not beside Basic addresses."""
    if launch_of(document)["network"]["virtualNetworkName"] == DUAL:
        return
    if any(nic.get("publicIpSku") == "Basic" for nic in nics_of(document)):
        return
    one = {"type": "loadBalancer", "name": "front", "resourceGroupName": GROUP}
    one["backendPoolNames"] = dice.choice((["web"], ["web", "api"]))  # type: ignore[assignment]
    other = {"type": "applicationGateway", "name": "gate", "resourceGroupName": GROUP}
    other["backendPoolNames"] = ["site"]  # type: ignore[assignment]
    chosen = dice.choice(([one], [one], [other], [one, other]))
    launch_of(document)["loadBalancersConfig"] = {"loadBalancers": chosen}
    document["strategy"]["drainingTimeout"] = dice.choice((1, 30, 120))


# -- machines -------------------------------------------------------------------------------------


def _slow_size(dice: random.Random, document: Json) -> None:
    """One of its sizes has no accelerated networking: its NICs follow."""
    sizes = document["compute"]["vmSizes"]
    for name in dice.choice((["odSizes"], ["spotSizes"], ["odSizes", "spotSizes"])):
        sizes[name] = [*sizes[name], SLOW_SIZE]


def _own_image(dice: random.Random, document: Json) -> None:
    launch = launch_of(document)
    kind = dice.choice(("custom", "gallery", "latest", "special"))
    if kind == "custom":
        launch["image"] = {"custom": {"resourceGroupName": GROUP, "name": "golden"}}
        return
    launch["image"] = {
        "gallery": {
            "resourceGroupName": GROUP,
            "galleryName": "ours",
            "imageName": "special" if kind == "special" else "web",
            "versionName": "1.0.0" if kind == "gallery" else "latest",
        }
    }
    if kind == "special":  # it has users of its own
        del launch["login"]


def _trusted(dice: random.Random, document: Json) -> None:
    launch = launch_of(document)
    if "marketplace" not in launch["image"]:
        return
    launch["security"] = {
        "securityType": "TrustedLaunch",
        "secureBootEnabled": dice.random() < 0.5,
        "vTpmEnabled": dice.random() < 0.8,
    }


def _encrypted(_dice: random.Random, document: Json) -> None:
    launch_of(document).setdefault("security", {})["encryptionAtHost"] = True


def _confidential(dice: random.Random, document: Json) -> None:
    """Only in zones that have such sizes, and with an image made for it."""
    compute, launch = document["compute"], launch_of(document)
    if "marketplace" not in launch["image"] or "security" in launch:
        return
    if compute.get("zones") and not {"2", "3"} & {*compute["zones"]}:
        return
    compute["vmSizes"] = {
        "spotSizes": list(CONFIDENTIAL_SIZES),
        "odSizes": [dice.choice(CONFIDENTIAL_SIZES)],
    }
    launch["image"] = {"marketplace": CONFIDENTIAL_IMAGE}
    launch["security"] = {
        "securityType": "ConfidentialVM",
        "secureBootEnabled": True,
        "vTpmEnabled": True,
    }


# -- what the VM is told --------------------------------------------------------------------------


def _identities(dice: random.Random, document: Json) -> None:
    names = dice.sample(("reader", "writer"), dice.randint(1, 2))
    launch_of(document)["managedServiceIdentities"] = [
        {"name": name, "resourceGroupName": GROUP} for name in names
    ]


def _protected(_dice: random.Random, document: Json) -> None:
    """An extension beside the one that a document may have already."""
    launch = launch_of(document)
    secret = {
        "name": "secret",
        "type": "CustomScript" if not launch.get("extensions") else "VMAccessForLinux",
        "publisher": "Microsoft.Azure.Extensions",
        "apiVersion": "2.1",
        "minorVersionAutoUpgrade": True,
        "protectedSettings": {"commandToExecute": "echo horse"},
    }
    launch["extensions"] = [*launch.get("extensions", ()), secret]


def _own_name(_dice: random.Random, document: Json) -> None:
    launch = launch_of(document)
    launch.pop("vmNamePrefix", None)
    launch["vmName"] = "fuzz-box"


def _near(_dice: random.Random, document: Json) -> None:
    launch_of(document)["proximityPlacementGroups"] = [{"name": "near", "resourceGroupName": GROUP}]


def _words(dice: random.Random, document: Json) -> None:
    launch = launch_of(document)
    words: Json = {
        "userData": _text("role=db"),
        "bootDiagnostics": {"isEnabled": True, "type": "managed"},
        "tags": [{"tagKey": "team", "tagValue": "core"}],
    }
    if "login" in launch:
        words["customData"] = _text("#cloud-config")
    for name in dice.sample(sorted(words), dice.randint(1, len(words))):
        launch[name] = words[name]


FEATURES: Final[tuple[tuple[Feature, float], ...]] = (
    (_several_nics, 0.25),
    (_basic_address, 0.5),
    (_more_configurations, 0.2),
    (_groups, 0.2),
    (_private_pool, 0.25),
    (_public_pool, 0.3),
    (_balancers, 0.3),
    (_slow_size, 0.2),
    (_own_image, 0.25),
    (_trusted, 0.2),
    (_encrypted, 0.15),
    (_confidential, 0.15),
    (_identities, 0.15),
    (_protected, 0.15),
    (_own_name, 0.2),
    (_near, 0.15),
    (_words, 0.2),
)
"""Each with its share of the featured lives; those that look at others come after them."""
