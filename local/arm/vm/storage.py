"""The disks of a VM: made, attached, checked and let go."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from local.arm.disk import state as disks
from local.arm.image import state as images
from local.arm.sku.state import Size
from local.arm.vm import bare, errors
from local.arm.vm.fit import Guest, guest_of_disk, guest_of_image
from local.arm.vm.wire import disk_name, same, spell, spell_keys
from local.arm.wire import ArmProblem, Json, group_of, name_of, subscription_of
from local.arm.world import World


@dataclass
class Owner:
    """The VM whose disks these are."""

    vm_id: str
    location: str
    zone: str | None
    tags: Json = field(default_factory=dict)
    security_type: str | None = None


@dataclass
class OsDisk:
    """The OS disk of a new VM: its entry, complete, and what it says of the guest."""

    entry: Json
    guest: Guest
    os_state: str
    """`Generalized` or `Specialized`; an attached disk is specialized."""
    image: Json | None


@contextmanager
def all_or_nothing(world: World, vm_id: str) -> Iterator[list[str]]:
    """Give back what was claimed, and drop what was made, if Azure refuses halfway.

    Yields the list of disks made within.
    """
    before = {key for key, one in world.resources.items() if same(one.body.get("managedBy"), vm_id)}
    made: list[str] = []
    try:
        yield made
    except ArmProblem:
        for key, one in list(world.resources.items()):
            if same(one.body.get("managedBy"), vm_id) and key not in before:
                disks.release(world, one.id, vm_id)
        for disk_id in made:
            disks.delete(world, disk_id)
        raise


def default_kind(size: Size) -> str:
    """Return the kind of a disk that names none: the best the size serves, as recorded."""
    return "Premium_LRS" if size.supports("PremiumIO") else "Standard_LRS"


def read_os_disk(world: World, storage: Json, location: str, kind: str) -> OsDisk:
    """Check and complete the OS disk's entry; nothing is made yet."""
    entry = spell_keys(storage.get("osDisk") or {})
    option = spell("createOption", entry.get("createOption"))
    if option is None:
        raise errors.missing("osDisk.createOption")
    entry["createOption"] = option
    entry["caching"] = spell("caching", entry.get("caching") or "ReadWrite") or "ReadWrite"
    if option == "Attach":
        return _read_attached(world, storage, entry)
    if option != "FromImage":
        raise errors.invalid(
            "osDisk.createOption",
            f"The value '{option}' of parameter 'osDisk.createOption' is not allowed.",
        )
    if bare.is_bare(entry):
        bare.check(entry)
    else:
        entry["managedDisk"] = _with_kind(entry.get("managedDisk"), kind)
    return _read_image(world, storage, entry, location)


def _with_kind(managed: Json | None, kind: str) -> Json:
    given = dict(managed or {})
    given["storageAccountType"] = given.get("storageAccountType") or kind
    return given


def _read_attached(world: World, storage: Json, entry: Json) -> OsDisk:
    disk_id = (entry.get("managedDisk") or {}).get("id")
    if not disk_id:
        raise errors.missing("osDisk.managedDisk.id")
    if storage.get("imageReference"):
        raise errors.not_allowed("imageReference")
    if not entry.get("osType"):
        raise errors.missing("osDisk.osType")
    disk = world.find(disk_id)
    if disk is None or disk.type != disks.TYPE:
        raise errors.disk_not_found(disk_id)
    entry["osType"] = spell("osType", entry["osType"]) or "Linux"
    entry["name"] = disk.body["name"]
    entry["deleteOption"] = spell("deleteOption", entry.get("deleteOption")) or "Detach"
    return OsDisk(entry, guest_of_disk(disk), "Specialized", None)


def _read_image(world: World, storage: Json, entry: Json, location: str) -> OsDisk:
    reference = storage.get("imageReference")
    if not reference:
        raise errors.missing("imageReference")
    image = images.resolve(world, reference, location)
    entry["osType"] = image["osType"]
    entry["deleteOption"] = spell("deleteOption", entry.get("deleteOption")) or "Detach"
    guest = guest_of_image(image)
    return OsDisk(entry, guest, image.get("osState", "Generalized"), image)


def read_data_disks(storage: Json, image: Json | None, kind: str) -> list[Json]:
    """Check the data disks' entries and complete them; an image's own disks come by themselves."""
    entries = [spell_keys(entry) for entry in storage.get("dataDisks") or []]
    taken: set[int] = set()
    for entry in entries:
        lun = entry.get("lun")
        if lun is None:
            raise errors.missing("dataDisk.lun")
        if lun in taken:
            raise errors.invalid("dataDisk.lun", f"A disk at LUN {lun} already exists.")
        taken.add(lun)
        _complete_data_disk(entry, kind)
    for data_disk in (image or {}).get("dataDiskImages", []):
        if data_disk["lun"] not in taken:
            entry = {"lun": data_disk["lun"], "createOption": "FromImage"}
            _complete_data_disk(entry, kind)
            entries.append(entry)
    return sorted(entries, key=lambda entry: int(entry["lun"]))


def _complete_data_disk(entry: Json, kind: str) -> None:
    option = spell("createOption", entry.get("createOption"))
    if option is None:
        raise errors.missing("dataDisk.createOption")
    managed = entry["managedDisk"] = dict(entry.get("managedDisk") or {})
    if option == "Attach" and not managed.get("id"):
        raise errors.missing("dataDisk.managedDisk.id")
    if option == "Empty" and not entry.get("diskSizeGB") and not managed.get("id"):
        raise errors.missing("dataDisk.diskSizeGB")
    entry["createOption"] = option
    entry["caching"] = spell("caching", entry.get("caching") or "None") or "None"
    entry["deleteOption"] = spell("deleteOption", entry.get("deleteOption")) or "Detach"
    entry["toBeDetached"] = bool(entry.get("toBeDetached", False))
    if option == "Attach":
        entry["name"] = name_of(managed["id"])
    elif bare.is_bare(entry):
        del entry["managedDisk"]
    else:
        entry["managedDisk"] = _with_kind(managed, kind)


def take_os_disk(world: World, owner: Owner, os_disk: OsDisk, made: list[str]) -> Json:
    """Make or claim the OS disk; return its entry with the disk's id."""
    entry = os_disk.entry
    if bare.is_bare(entry):
        return bare.named(owner.vm_id, entry)
    if os_disk.image is None:
        disk_id = entry["managedDisk"]["id"]
    else:
        disk_id = new_id(world, owner, entry.get("name"), "OsDisk_1")
        spec = {**entry, "tags": owner.tags, "securityType": owner.security_type}
        made.append(_make(world, owner, disk_id, os_disk.image, spec))
    return _claim(world, owner, entry, disk_id, as_os=True)


def _make(world: World, owner: Owner, disk_id: str, image: Json | None, spec: Json) -> str:
    location, zone = owner.location, owner.zone
    if image:
        disks.create_from_image(
            world, disk_id=disk_id, location=location, zone=zone, image=image, spec=spec
        )
    else:
        disks.create_empty(world, disk_id=disk_id, location=location, zone=zone, spec=spec)
    return disk_id


def take_data_disk(
    world: World, owner: Owner, entry: Json, image: Json | None, made: list[str]
) -> Json:
    """Make or claim a data disk; return its entry with the disk's id."""
    if bare.is_bare(entry):
        return bare.named(owner.vm_id, entry)
    disk_id = entry["managedDisk"].get("id")
    if entry["createOption"] in ("Empty", "FromImage") and not (disk_id and world.find(disk_id)):
        ordinal = f"disk{int(entry['lun']) + 2}"
        disk_id = new_id(world, owner, entry.get("name"), ordinal)
        spec = {**entry, "tags": owner.tags}
        from_image = entry["createOption"] == "FromImage"
        made.append(_make(world, owner, disk_id, image if from_image else None, spec))
    elif entry["createOption"] in ("Copy", "Restore"):
        raise errors.invalid(
            "dataDisk.createOption",
            f"createOption '{entry['createOption']}' of a VM's data disk is not simulated: make "
            "the disk first, then attach it.",
        )
    return _claim(world, owner, entry, disk_id, as_os=False)


def new_id(world: World, owner: Owner, name: str | None, ordinal: str) -> str:
    """Return the id of a new disk; Azure writes its group in capitals when it names the disk."""
    group = group_of(owner.vm_id)
    subscription = subscription_of(owner.vm_id)
    if name is None:
        name = f"{name_of(owner.vm_id)}_{ordinal}_{world.new_uuid().replace('-', '')}"
        group = group.upper()
    base = f"/subscriptions/{subscription}/resourceGroups/{group}"
    disk_id = f"{base}/providers/Microsoft.Compute/disks/{name}"
    if world.find(disk_id):
        raise errors.disk_exists(name)
    return disk_id


def _claim(world: World, owner: Owner, entry: Json, disk_id: str, *, as_os: bool) -> Json:
    disk = disks.claim(
        world,
        disk_id,
        owner.vm_id,
        vm_zone=owner.zone,
        as_os=as_os,
        running=True,
        vm_location=owner.location,
    )
    entry["name"] = disk.body["name"]
    entry["managedDisk"] = {**(entry.get("managedDisk") or {}), "id": disk.id}
    entry["managedDisk"].pop("securityProfile", None)
    return entry


def kinds(world: World, entries: list[Json]) -> dict[str, str]:
    """Return the storage kind of each disk by name, whether it exists or is to be made."""
    found: dict[str, str] = {}
    for entry in entries:
        managed = entry.get("managedDisk") or {}
        disk = world.find(managed["id"]) if managed.get("id") else None
        kind = disk.body["sku"]["name"] if disk else managed.get("storageAccountType") or ""
        found[disk_name(entry) if entry.get("name") or disk else "new"] = kind
    return found


def set_power(world: World, entries: list[Json], *, running: bool) -> None:
    """Let the disks follow the VM's power."""
    for entry in entries:
        if not bare.is_bare(entry):
            disks.set_power(world, entry["managedDisk"]["id"], running=running)


def let_go(world: World, vm_id: str, entry: Json, *, delete: bool | None = None) -> None:
    """Release a disk, and delete it if its deleteOption (or the caller) says so."""
    if bare.is_bare(entry):
        return
    disk_id = entry["managedDisk"]["id"]
    disks.release(world, disk_id, vm_id)
    wanted = entry.get("deleteOption") == "Delete" if delete is None else delete
    disk = world.find(disk_id)
    if wanted and disk and not disk.body.get("managedBy"):
        disks.delete(world, disk_id)


def find_entry(entries: list[Json], lun: int) -> Json | None:
    """Return the data disk at a LUN, or None."""
    return next((entry for entry in entries if int(entry["lun"]) == lun), None)


def same_disk(one: Json, other: Json) -> bool:
    """Tell whether two entries name one disk, by id where both have one, else by name."""
    ids = [(entry.get("managedDisk") or {}).get("id") for entry in (one, other)]
    if all(ids):
        return same(*ids)
    return str(one.get("name", "")).lower() == str(other.get("name", "")).lower()
