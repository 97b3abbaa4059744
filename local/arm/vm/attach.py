"""Disks that come to a VM, leave it, or take the place of its OS disk."""

from dataclasses import dataclass, field

from local.arm import refusals
from local.arm.disk import state as disks
from local.arm.vm import errors, fit, fit_errors, host, storage
from local.arm.vm.state import is_deallocated
from local.arm.vm.storage import Owner
from local.arm.vm.wire import same, spell
from local.arm.wire import Json, name_of
from local.arm.world import Resource, World


@dataclass
class DiskChange:
    """What a request does to a VM's disks."""

    coming: list[Json] = field(default_factory=list)
    leaving: list[Json] = field(default_factory=list)
    staying: list[Json] = field(default_factory=list)
    os_disk_id: str | None = None
    """The disk that becomes the OS disk."""

    @property
    def moves(self) -> bool:
        """Whether a data disk comes or goes."""
        return bool(self.coming or self.leaving)


def owner_of(vm: Resource) -> Owner:
    """Return the VM as an owner of disks."""
    security = (vm.properties.get("securityProfile") or {}).get("securityType")
    return Owner(vm.id, vm.location, vm.zone, vm.body.get("tags") or {}, security)


def read(world: World, vm: Resource, wanted: Json) -> DiskChange:
    """Compare the disks that a request lists with those the VM has; absent means unchanged."""
    profile = wanted.get("storageProfile") or {}
    change = DiskChange(staying=list(vm.properties["storageProfile"]["dataDisks"]))
    if profile.get("dataDisks") is not None:
        _compare(world, vm, profile, change)
    _read_os_disk(world, vm, profile.get("osDisk") or {}, change)
    return change


def _compare(world: World, vm: Resource, profile: Json, change: DiskChange) -> None:
    size = host.size_of(world, vm.properties["hardwareProfile"]["vmSize"], vm.location)
    listed = storage.read_data_disks(profile, None, storage.default_kind(size))
    listed = [entry for entry in listed if not entry["toBeDetached"]]
    before, change.staying = change.staying, []
    for entry in listed:
        known = storage.find_entry(before, int(entry["lun"]))
        if known and (not _named(entry) or storage.same_disk(known, entry)):
            # As recorded: the model repeats what it was last sent, though the disk is the same.
            told = {key: entry[key] for key in ("caching", "createOption", "deleteOption")}
            change.staying.append({**known, **told})
        else:
            change.coming.append(entry)
    luns = {int(entry["lun"]) for entry in change.staying}
    change.leaving = [entry for entry in before if int(entry["lun"]) not in luns]
    count = len(change.staying) + len(change.coming)
    fit.check_counts(size, vm.body["name"], data_disks=count, nics=0)
    fit.check_premium(size, storage.kinds(world, change.coming))


def _named(entry: Json) -> bool:
    return bool(entry.get("name") or (entry.get("managedDisk") or {}).get("id"))


def _read_os_disk(world: World, vm: Resource, wanted: Json, change: DiskChange) -> None:
    known = vm.properties["storageProfile"]["osDisk"]
    option = wanted.get("createOption")
    if option and spell("createOption", option) != known["createOption"]:
        raise refusals.unchangeable("osDisk.createOption")
    disk_id = (wanted.get("managedDisk") or {}).get("id")
    if not disk_id or same(disk_id, (known.get("managedDisk") or {}).get("id")):
        if wanted.get("name") and wanted["name"].lower() != known["name"].lower():
            raise refusals.unchangeable("osDisk.name")
        return
    _check_swap(world, vm, disk_id)
    change.os_disk_id = disk_id


def _check_swap(world: World, vm: Resource, disk_id: str) -> None:
    """Raise unless the disk can take the OS disk's place. Source: Azure docs, os-disk-swap."""
    disk = world.find(disk_id)
    if disk is None or disk.type != disks.TYPE:
        raise errors.disk_not_found(disk_id)
    if vm.sim.get("power") == "running":
        raise errors.while_allocated("the OS disk", vm.body["name"])
    disks.refuse_unless_claimable(disk, vm.id, vm_zone=vm.zone, as_os=True, vm_location=vm.location)
    known = vm.properties["storageProfile"]["osDisk"]
    os_type = disk.properties.get("osType")
    if os_type and os_type.lower() != known["osType"].lower():
        raise refusals.unchangeable("osDisk.osType")
    before, after = fit.guest_of_json(vm.sim["guest"]), fit.guest_of_disk(disk)
    if before.generation != after.generation:
        raise fit_errors.generation(vm.properties["hardwareProfile"]["vmSize"], after.generation)
    if before.security.split("_")[0] != after.security.split("_")[0] and after.security:
        raise fit_errors.disk_security()
    present = disks.require(world, known["managedDisk"]["id"]).properties["diskSizeGB"]
    if disk.properties["diskSizeGB"] != present:
        raise errors.other_size(disk_id, disk.properties["diskSizeGB"], present)


def begin(world: World, vm: Resource, change: DiskChange) -> list[str]:
    """Take what comes, and mark what leaves: it is gone at the operation's end.

    Returns the ids of disks that were made for it.
    """
    with storage.all_or_nothing(world, vm.id) as made:
        taken = [
            storage.take_data_disk(world, owner_of(vm), entry, None, made)
            for entry in change.coming
        ]
        if change.os_disk_id:
            disks.claim(world, change.os_disk_id, vm.id, vm_zone=vm.zone, as_os=True, running=True)
    if is_deallocated(vm):
        storage.set_power(world, taken, running=False)
        if change.os_disk_id:
            disks.set_power(world, change.os_disk_id, running=False)
    for entry in change.leaving:
        entry["toBeDetached"] = True
        if not is_deallocated(vm):
            disks.begin_detach(world, entry["managedDisk"]["id"])
    profile = vm.properties["storageProfile"]
    luns = [int(entry["lun"]) for entry in profile["dataDisks"]]
    known = sorted([*change.staying, *change.leaving], key=lambda entry: luns.index(entry["lun"]))
    profile["dataDisks"] = [*known, *taken]
    if change.os_disk_id:
        _swap(world, vm, change.os_disk_id)
    return made


def _swap(world: World, vm: Resource, disk_id: str) -> None:
    entry = vm.properties["storageProfile"]["osDisk"]
    disks.release(world, entry["managedDisk"]["id"], vm.id)
    disk = disks.require(world, disk_id)
    entry["name"] = name_of(disk.id)
    entry["managedDisk"] = {"id": disk.id}
    vm.sim["guest"] = fit.guest_of_disk(disk).to_json()


def finish(world: World, vm: Resource) -> None:
    """Let go of the disks that were to leave."""
    profile = vm.properties["storageProfile"]
    for entry in profile["dataDisks"]:
        if entry["toBeDetached"]:
            storage.let_go(world, vm.id, entry, delete=False)
    profile["dataDisks"] = [entry for entry in profile["dataDisks"] if not entry["toBeDetached"]]
