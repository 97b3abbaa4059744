"""The network interfaces of a VM."""

from local.arm.nic import check
from local.arm.nic import state as nics
from local.arm.sku.state import Size
from local.arm.vm import errors
from local.arm.vm.wire import nic_ids, spell
from local.arm.wire import Json, key_of
from local.arm.world import Resource, World

RESERVED_S = 180.0
"""How long NICs stay with the VM id whose create failed. Source: public issues."""


def read(world: World, vm_id: str, location: str, properties: Json) -> list[Json]:
    """Check and complete the entries of a VM's interfaces; nothing is claimed yet."""
    profile = properties.get("networkProfile") or {}
    entries = [dict(entry) for entry in profile.get("networkInterfaces") or []]
    if not entries:
        raise errors.missing("networkProfile.networkInterfaces")
    for entry in entries:
        found = nics.refuse_unless_claimable(world, entry.get("id") or "", vm_id, location=location)
        entry["id"] = found.id
        told = {**(entry.get("properties") or {})}
        for name in ("primary", "deleteOption"):
            if name in entry:
                told[name] = entry.pop(name)
        told["deleteOption"] = spell("deleteOption", told.get("deleteOption")) or "Detach"
        entry["properties"] = told
    _check_primary(entries)
    nics.refuse_unless_one_network(world, vm_id, [entry["id"] for entry in entries])
    return entries


def _check_primary(entries: list[Json]) -> None:
    primary = [entry for entry in entries if entry["properties"].get("primary")]
    if len(entries) == 1:
        entries[0]["properties"]["primary"] = True
    elif len(primary) != 1:
        raise errors.invalid(
            "networkInterfaces.primary",
            "Exactly one network interface of a virtual machine with several must be primary.",
        )


def check_fit(world: World, vm: Resource, size: Size, ids: list[str]) -> None:
    """Raise if an interface does not go with the VM's size or zone."""
    for nic_id in ids:
        nic = world.find(nic_id)
        if nic:
            check.acceleration(nic, vm.id, size)
            check.zones(world, vm, nic)


def claim(world: World, vm_id: str, entries: list[Json], *, running: bool) -> None:
    """Give the interfaces to the VM."""
    for entry in entries:
        primary = bool(entry["properties"].get("primary"))
        nics.claim(world, entry["id"], vm_id, primary=primary)
        nics.set_power(world, entry["id"], running=running)


def set_power(world: World, vm: Resource, *, running: bool) -> None:
    """Let the interfaces follow the VM's power."""
    for nic_id in nic_ids(vm.properties):
        nics.set_power(world, nic_id, running=running)


def reserve(world: World, vm_id: str, entries: list[Json]) -> None:
    """Keep the interfaces for the VM id, since its create was refused."""
    for entry in entries:
        nics.reserve(world, entry["id"], vm_id, RESERVED_S)


def let_go(world: World, vm: Resource, *, reserve_for_s: float) -> None:
    """Release the interfaces of a VM that goes; delete those whose deleteOption says so."""
    for entry in (vm.properties.get("networkProfile") or {}).get("networkInterfaces", []):
        if (entry.get("properties") or {}).get("deleteOption") == "Delete":
            nics.delete(world, entry["id"])
        else:
            nics.release(world, entry["id"], reserve_for_s=reserve_for_s)


def exchange(world: World, vm: Resource, entries: list[Json]) -> None:
    """Give a deallocated VM these interfaces in place of the ones it has."""
    wanted = {key_of(entry["id"]) for entry in entries}
    for nic_id in nic_ids(vm.properties):
        if key_of(nic_id) not in wanted:
            nics.release(world, nic_id)
    claim(world, vm.id, entries, running=False)
    vm.properties["networkProfile"] = {
        **(vm.properties.get("networkProfile") or {}),
        "networkInterfaces": entries,
    }
