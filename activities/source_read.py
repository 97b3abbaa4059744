"""Read the VM that somebody wants to import, with its disks, NICs and extensions."""

from typing import Any, Final

from azure.core.exceptions import HttpResponseError

from activities.azure.clients import Azure
from activities.azure.ensure import all_of, found
from activities.azure.words import word
from activities.os_facts import security_of
from activities.source_network import place, read_nic
from activities.vm_read import get_vm, power_of, state_of
from shared.clock import Clock
from shared.model.source import (
    SourceDisk,
    SourceExtension,
    SourceNic,
    SourcePlan,
    SourceVm,
)
from shared.names import parts_of

GENERALIZED: Final = "OSState/generalized"
CUSTOMER_KEYS: Final = frozenset(
    {"EncryptionAtRestWithCustomerKey", "EncryptionAtRestWithPlatformAndCustomerKeys"}
)
GUEST_STATE: Final = "DiskWithVMGuestState"
VERSIONS: Final = "versions"


async def read_source(azure: Azure, vm_resource_id: str, clock: Clock) -> SourceVm | None:
    """Return the VM as it is now, or None. Only reads. Raises azure.core's AzureError."""
    vm: Any = await get_vm(azure, vm_resource_id, clock)
    if vm is None:
        return None
    p = vm.properties
    storage, network = p.storage_profile, p.network_profile
    entries = [storage.os_disk, *(storage.data_disks or ())]
    disks = await all_of(read_disk(azure, entry) for entry in entries)
    nics = await all_of(
        read_nic(azure, one.id, is_primary=_is_primary(one, network))
        for one in network.network_interfaces or ()
    )
    group, _, name = parts_of(vm_resource_id)
    return SourceVm(
        id=vm.id or vm_resource_id,
        vm_id=p.vm_id or "",
        name=vm.name or name,
        group=group,
        region=str(vm.location).replace(" ", "").lower(),
        zone=vm.zones[0] if vm.zones else None,
        size=word(p.hardware_profile.vm_size),
        os=word(storage.os_disk.os_type) or "Linux",
        power=power_of(vm),
        provisioning=state_of(vm),
        generalized=_is_generalized(vm),
        member_of=_whole_of(p),
        tags=dict(vm.tags or {}),
        os_disk=disks[0],
        data_disks=tuple(disks[1:]),
        nics=tuple(nic for nic in nics if isinstance(nic, SourceNic)),
        image=_image(storage.image_reference, vm_resource_id),
        user_data=await _user_data(azure, group, name),
        extensions=await _extensions(azure, group, name),
        **_launch(vm),
    )


def _is_primary(reference: Any, network: Any) -> bool:
    only = len(network.network_interfaces or ()) == 1
    return only or bool(reference.properties and reference.properties.primary)


def _is_generalized(vm: Any) -> bool:
    view = vm.properties.instance_view
    return any(one.code == GENERALIZED for one in (view.statuses if view else None) or ())


def _whole_of(properties: Any) -> str:
    if properties.virtual_machine_scale_set:
        return "a scale set"
    return "a dedicated host" if properties.host or properties.host_group else ""


async def read_disk(azure: Azure, entry: Any) -> SourceDisk:
    """Return one disk, as the VM and the disk itself tell of it."""
    lun = getattr(entry, "lun", None)
    if getattr(entry, "diff_disk_settings", None) and entry.diff_disk_settings.option:
        return SourceDisk(name=entry.name or "", lun=lun, ephemeral=True)
    disk_id = entry.managed_disk.id if entry.managed_disk else None
    if not disk_id:
        return SourceDisk(name=entry.name or "", lun=lun, unmanaged=True)
    group, _, name = parts_of(disk_id)
    disk: Any = await azure.compute.disks.get(group, name)
    p = disk.properties
    return SourceDisk(
        id=disk.id,
        name=disk.name,
        lun=lun,
        sku=word(disk.sku.name) if disk.sku else None,
        size_gib=p.disk_size_gb,
        caching=word(entry.caching) or None,
        security_type=security_of(disk) if lun is None else None,
        shared=(p.max_shares or 1) > 1,
        encryption=_encryption(p),
    )


def _encryption(properties: Any) -> str:
    guest = properties.encryption_settings_collection
    if guest and guest.enabled:
        return "Azure Disk Encryption"
    kind = word(properties.encryption.type) if properties.encryption else ""
    return "a customer-managed key" if kind in CUSTOMER_KEYS else ""


def _image(reference: Any, vm_resource_id: str) -> dict[str, Any] | None:
    """Return the image in the document's words; None for one that the document cannot name."""
    if reference is None:
        return None
    if reference.id:
        return _image_by_id(str(reference.id), vm_resource_id)
    if not reference.publisher:
        return None
    told = {"publisher": reference.publisher, "offer": reference.offer, "sku": reference.sku}
    return {"marketplace": told | {"version": reference.version or "latest"}}


def _image_by_id(image_id: str, vm_resource_id: str) -> dict[str, Any] | None:
    steps, own = image_id.strip("/").split("/"), vm_resource_id.strip("/").split("/")[1]
    names = dict(zip((step.lower() for step in steps[::2]), steps[1::2], strict=False))
    if names.get("subscriptions", "").lower() != own.lower():
        return None
    group = names.get("resourcegroups", "")
    if "galleries" in names:
        gallery = {
            "resourceGroupName": group,
            "galleryName": names["galleries"],
            "imageName": names.get("images", ""),
            "versionName": names.get(VERSIONS, "latest"),
        }
        return {"gallery": gallery}
    return {"custom": {"resourceGroupName": group, "name": names.get("images", "")}}


async def _user_data(azure: Azure, group: str, name: str) -> str | None:
    vm: Any = await found(azure.compute.virtual_machines.get(group, name, expand="userData"))
    return (vm.properties.user_data or None) if vm else None


async def _extensions(azure: Azure, group: str, name: str) -> tuple[SourceExtension, ...]:
    """Return the VM's extensions; none if Azure does not let us list them."""
    try:
        listed = await azure.compute.virtual_machine_extensions.list(group, name)
    except HttpResponseError:
        return ()
    rows: list[Any] = [one for one in listed.value or () if one.properties]
    return tuple(
        SourceExtension(
            name=one.name,
            type=one.properties.type or "",
            publisher=one.properties.publisher or "",
            version=one.properties.type_handler_version or "",
            minor_upgrade=one.properties.auto_upgrade_minor_version is not False,
            automatic_upgrade=one.properties.enable_automatic_upgrade,
            settings=dict(one.properties.settings) if one.properties.settings else None,
        )
        for one in rows
    )


def _launch(vm: Any) -> dict[str, Any]:
    """Return what each VM of the node is to be launched with besides."""
    p, plan = vm.properties, vm.plan
    boot = p.diagnostics_profile.boot_diagnostics if p.diagnostics_profile else None
    group = p.proximity_placement_group
    identities = vm.identity.user_assigned_identities if vm.identity else None
    return {
        "plan": plan
        and SourcePlan(
            publisher=plan.publisher or "", product=plan.product or "", name=plan.name or ""
        ),
        "license_type": p.license_type or None,
        "system_identity": "SystemAssigned" in word(vm.identity.type if vm.identity else None),
        "identities": tuple(place(one) for one in identities or {}),
        "boot_diagnostics": bool(boot.enabled) if boot else None,
        "boot_storage": (boot.storage_uri or None) if boot else None,
        "placement_group": place(group.id) if group and group.id else None,
        **_security(p),
    }


def _security(properties: Any) -> dict[str, Any]:
    profile = properties.security_profile
    managed = properties.storage_profile.os_disk.managed_disk
    disk = managed.security_profile if managed else None
    uefi = profile.uefi_settings if profile else None
    state = word(disk.security_encryption_type) if disk else ""
    return {
        "security_type": (word(profile.security_type) if profile else "") or "Standard",
        "secure_boot": uefi.secure_boot_enabled if uefi else None,
        "v_tpm": uefi.v_tpm_enabled if uefi else None,
        "encryption_at_host": bool(profile and profile.encryption_at_host),
        "confidential_disk": state == GUEST_STATE,
    }
