"""Names of everything we make in Azure: derived from the node, never random.

A repeat therefore meets what an earlier try made. All names carry the node's id, so that two
nodes of one name never meet, and stay within Azure's limits (VM 64 characters, computer name 15
on Windows; disks, NICs and addresses 80).
"""

import re
from datetime import datetime
from typing import Any, Final

from shared.model.ids import NodeKey, OperationId

TAG_NODE: Final = "mooring-node"
TAG_GENERATION: Final = "mooring-generation"
TAG_OPERATION: Final = "mooring-op"
TAG_POOLS: Final = "mooring-pools"
"""On a NIC: which backend pools we put it in; see shared/policy/backends.py."""

TAG_IMPORT: Final = "mooring-import"
"""On a VM that is being imported, or was: the node that comes of it."""

PLACEHOLDER: Final = "-import-nic"
STEM_MAX: Final = 40
"""Characters of the user's own name that go into names: leaves room for id, role and counters."""


def tail(node_id: str) -> str:
    """Return the eight hex digits of a node id."""
    return node_id.rsplit("-", 1)[-1]


def slug(text: str) -> str:
    """Turn a free name into letters, digits and single hyphens."""
    return re.sub(r"[^0-9A-Za-z]+", "-", text).strip("-")[:STEM_MAX].strip("-") or "node"


def stem(key: NodeKey) -> str:
    """Return what the names of the node's resources begin with; stable for its life."""
    return f"mooring-{tail(key.node_id)}"


def vm_name(document: dict[str, Any], key: NodeKey, generation: int) -> str:
    """Return the name of the node's VM in one generation.

    A persisted name (vmName) stands alone. A node with a persisted NIC keeps its first name too:
    after a failed create Azure reserves the NIC for that VM for three minutes. Otherwise each
    generation has its own.
    """
    launch = document.get("compute", {}).get("launchSpecification", {})
    if launch.get("vmName"):
        return str(launch["vmName"])
    base = f"{launch.get('vmNamePrefix') or slug(document.get('name', ''))}-{tail(key.node_id)}"
    network = document.get("persistence", {}).get("shouldPersistNetwork")
    return base if network else f"{base}-g{generation}"


def computer_name(document: dict[str, Any], name: str) -> str:
    """Return the guest's host name: at most 15 characters on Windows, 64 on Linux."""
    if document.get("compute", {}).get("os") != "Windows":
        return name[:64].rstrip("-.")
    if len(name) <= 15:  # noqa: PLR2004 - NetBIOS, as the docstring says
        return name
    return (name[:6].rstrip("-") + "-" + name[-8:].lstrip("-"))[:15]


def os_disk_name(root: str, generation: int) -> str:
    """Return the name of an OS disk first made for one generation."""
    return f"{root}-os-g{generation}"


def data_disk_name(root: str, lun: int, generation: int) -> str:
    """Return the name of a data disk first made for one generation."""
    return f"{root}-data{lun}-g{generation}"


def copy_name(root: str, lun: int | None, generation: int, zone: str | None) -> str:
    """Return the name of a disk copied for one generation into one zone."""
    role = "os" if lun is None else f"data{lun}"
    return f"{root}-{role}-g{generation}-" + (f"z{zone}" if zone else "regional")


def snapshot_name(root: str, lun: int | None, generation: int) -> str:
    """Return the name of the snapshot that the disks of one generation are copied from."""
    role = "os" if lun is None else f"data{lun}"
    return f"{root}-{role}-snap-g{generation}"


def periodic_snapshot_name(root: str, lun: int | None, at: datetime) -> str:
    """Return the name of a snapshot taken of a disk in use, in the round of that moment."""
    role = "os" if lun is None else f"data{lun}"
    return f"{root}-{role}-at-{at:%Y%m%d%H%M%S}"


def nic_name(root: str, index: int, generation: int) -> str:
    """Return the name of the NIC at one place in the document's list."""
    return f"{root}-nic{index}-g{generation}"


def is_made_nic(root: str, name: str) -> bool:
    """Tell whether a NIC has a name that we give: one that came with an imported VM has not."""
    return name.startswith(f"{root}-nic")


def public_ip_name(root: str, index: int, generation: int) -> str:
    """Return the name of the public IP of the NIC at one place in the document's list."""
    return f"{root}-ip{index}-g{generation}"


def placeholder_name(root: str) -> str:
    """Return the name of the NIC that an imported VM keeps while the node has its own."""
    return f"{root}{PLACEHOLDER}"


def is_placeholder(name: str) -> bool:
    """Tell whether a NIC has the name of such a placeholder."""
    return re.fullmatch(rf"mooring-[0-9a-f]+{PLACEHOLDER}", name) is not None


def association_name(key: NodeKey) -> str:
    """Return the name of the association of the node's VM with a data collection rule."""
    return f"{stem(key)}-insights"


def resource_id(subscription_id: str, group: str, kind: str, name: str) -> str:
    """Return an ARM id; `kind` is provider and type: `Microsoft.Compute/disks`."""
    return f"/subscriptions/{subscription_id}/resourceGroups/{group}/providers/{kind}/{name}"


def parts_of(arm_id: str) -> tuple[str, str, str]:
    """Return (resource group, lower-case type such as `microsoft.compute/disks`, name) of an id."""
    parts = arm_id.strip("/").split("/")
    return parts[3], f"{parts[5]}/{parts[6]}".lower(), parts[-1]


def same_id(one: str, other: str) -> bool:
    """Tell whether two spellings name one resource: ARM ids are case-insensitive."""
    return one.strip("/").lower() == other.strip("/").lower()


def request_id(operation_id: OperationId, step: str) -> str:
    """Return the client request id by which Azure's events tell our own calls."""
    return f"mooring/{operation_id}/{step}"


def is_our_request(client_request_id: str) -> bool:
    """Tell whether a call reported by Azure was ours."""
    return client_request_id.startswith("mooring/")
