"""Portraits: what a resource that costs money, or holds what must not be lost, is at one moment.

Plain values, so that a history of them can be kept, compared and sent: nothing in a portrait
changes when the resource does.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final

from local.arm.resource import Resource
from local.arm.wire import Json, key_of

VM: Final = "microsoft.compute/virtualmachines"
DISK: Final = "microsoft.compute/disks"
SNAPSHOT: Final = "microsoft.compute/snapshots"
NIC: Final = "microsoft.network/networkinterfaces"
ADDRESS: Final = "microsoft.network/publicipaddresses"
TYPES: Final = frozenset({VM, DISK, SNAPSHOT, NIC, ADDRESS})
POOLS: Final = ("loadBalancerBackendAddressPools", "applicationGatewayBackendAddressPools")
OS: Final = "os"
"""Slot of a VM's OS disk; a data disk's slot is its LUN."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """One resource at one moment. Ids are lower-case, as they are compared."""

    id: str
    type: str
    """Lower-case: one of `TYPES`."""
    born: str
    """The birth mark that Azure gives: a namesake made later has another."""
    tags: Mapping[str, str] = field(default_factory=dict)
    provisioning: str = ""
    zone: str = ""
    power: str = ""
    """A VM's power state; empty: it has none (its create failed)."""
    allocated: bool = False
    """A VM stands on a host, and is billed."""
    notice: str = ""
    """`Scheduled` or `Started` while a VM is being evicted."""
    disks: tuple[tuple[str, str], ...] = ()
    """A VM's disks: slot and id. One on its way out is not among them."""
    nics: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    """VMs that a disk belongs to, or the one that a NIC belongs to."""
    source: str = ""
    """Birth mark of the disk or snapshot that this one was copied from."""
    whole_from: str = ""
    """When the background copy of a snapshot ends; empty: whole as soon as it has Succeeded."""
    addresses: tuple[str, ...] = ()
    """Private addresses of a NIC, or the address that a public IP is."""
    public_ips: tuple[str, ...] = ()
    """Public IPs that a NIC uses."""
    zones: tuple[str, ...] = ()
    """The zones that a public IP is in."""
    size: str = ""
    """A VM's size, lower-case."""
    spot: bool = False
    """A VM that Azure may take back."""
    size_gib: int = 0
    """Of a disk or a snapshot; 0: not told."""
    computer: str = ""
    """A VM's host name; empty: Azure was told none, for its disk has one already."""
    silent: bool = False
    """A VM whose guest agent has stopped to report."""
    dying: tuple[str, ...] = ()
    """Of a VM: its disks and NICs that Azure deletes with it (`deleteOption` Delete)."""
    image: str = ""
    """Lower-case: what a VM's OS disk was made from, an id or `publisher:offer:sku:version` with
    the version that it got; empty: it was made with a disk that there was."""
    failure: str = ""
    """Azure's code for why a VM is Failed."""
    pools: tuple[str, ...] = ()
    """Backend pools of load balancers and application gateways that a NIC is in."""

    def to_json(self) -> Json:
        """Return the portrait as JSON."""
        return {name: getattr(self, name) for name in NAMES}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Portrait":
        """Read what `to_json` wrote."""
        values = {name: _frozen(value) for name, value in told.items()}
        return cls(**values)


NAMES: Final = tuple(one.name for one in fields(Portrait))


def _frozen(value: Any) -> Any:
    return tuple(_frozen(one) for one in value) if isinstance(value, list) else value


def portrait_of(resource: Resource) -> Portrait | None:
    """Return the portrait of a resource as it is now; None for kinds that nobody asks about."""
    draw = _DRAWN.get(resource.type.lower())
    return draw(resource) if draw else None


def birth_mark(resource: Resource) -> str:
    """Return what tells a resource from a later namesake; empty for kinds that have none."""
    properties = resource.properties
    return str(
        properties.get("vmId") or properties.get("uniqueId") or properties.get("resourceGuid") or ""
    )


def _common(resource: Resource) -> dict[str, Any]:
    return {
        "id": key_of(resource.id),
        "type": resource.type.lower(),
        "born": birth_mark(resource),
        "tags": dict(resource.body.get("tags") or {}),
        "provisioning": str(resource.properties.get("provisioningState", "")),
        "zone": resource.zone or "",
    }


def _vm(vm: Resource) -> Portrait:
    storage = vm.properties.get("storageProfile") or {}
    network = vm.properties.get("networkProfile") or {}
    entries = [(OS, storage["osDisk"])] if "osDisk" in storage else []
    data = storage.get("dataDisks") or []
    entries += [(str(one["lun"]), one) for one in data if not one.get("toBeDetached")]
    nics = network.get("networkInterfaces") or []
    return Portrait(
        **_common(vm),
        power=vm.sim.get("power") or "",
        allocated=bool(vm.sim.get("allocated")),
        notice=(vm.sim.get("notice") or {}).get("status", ""),
        disks=tuple(
            (slot, key_of(entry["managedDisk"]["id"]))
            for slot, entry in entries
            if (entry.get("managedDisk") or {}).get("id")
        ),
        nics=tuple(key_of(one["id"]) for one in nics),
        dying=tuple(_dying([entry for _, entry in entries], nics)),
        size=str((vm.properties.get("hardwareProfile") or {}).get("vmSize", "")).lower(),
        spot=vm.properties.get("priority") == "Spot",
        computer=str((vm.properties.get("osProfile") or {}).get("computerName") or ""),
        silent=vm.sim.get("agent_silent", "") == vm.sim.get("agent_at"),
        failure=str((vm.sim.get("error") or {}).get("code", "")),
        image=_image(storage.get("imageReference") or {}),
    )


def _image(reference: Json) -> str:
    if reference.get("id"):
        return str(reference["id"]).lower()
    exact = reference.get("exactVersion") or reference.get("version")
    words = [*(reference.get(name) for name in ("publisher", "offer", "sku")), exact]
    return ":".join(str(one or "") for one in words).lower() if any(words) else ""


def _dying(disks: list[Json], nics: list[Json]) -> Iterator[str]:
    held = [(one.get("managedDisk") or {}, one) for one in disks]
    held += [(one, one.get("properties") or {}) for one in nics]
    for thing, says in held:
        if thing.get("id") and says.get("deleteOption") == "Delete":
            yield key_of(thing["id"])


def _copy(copy: Resource) -> Portrait:
    """Draw a disk or a snapshot."""
    owner = copy.body.get("managedBy")
    owners = copy.body.get("managedByExtended") or ([owner] if owner else [])
    creation = copy.properties.get("creationData") or {}
    return Portrait(
        **_common(copy),
        owners=tuple(key_of(one) for one in owners),
        source=str(creation.get("sourceUniqueId") or ""),
        whole_from=str((copy.sim.get("copying") or {}).get("until", "")),
        size_gib=int(copy.properties.get("diskSizeGB") or 0),
    )


def _nic(nic: Resource) -> Portrait:
    vm = nic.properties.get("virtualMachine")
    parts = [one["properties"] for one in nic.properties.get("ipConfigurations") or []]
    public = [one["publicIPAddress"]["id"] for one in parts if one.get("publicIPAddress")]
    pools = [pool["id"] for one in parts for kind in POOLS for pool in one.get(kind) or ()]
    return Portrait(
        **_common(nic),
        owners=(key_of(vm["id"]),) if vm else (),
        addresses=tuple(str(one.get("privateIPAddress", "")) for one in parts),
        public_ips=tuple(key_of(one) for one in public),
        pools=tuple(sorted(key_of(one) for one in pools)),
    )


def _address(address: Resource) -> Portrait:
    held = address.properties.get("ipAddress")
    return Portrait(
        **_common(address),
        addresses=(str(held),) if held else (),
        zones=tuple(address.body.get("zones") or ()),
    )


_DRAWN: Final = {VM: _vm, DISK: _copy, SNAPSHOT: _copy, NIC: _nic, ADDRESS: _address}
