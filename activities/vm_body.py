"""The body of the PUT that creates a node's VM, from the document and the disks at hand.

What Azure forbids when an OS disk is attached is left out: image, osProfile and what hangs on it.
Source: Azure docs, troubleshooting shared image galleries ("Parameter 'osProfile' is not allowed").
"""

from dataclasses import dataclass

from azure.mgmt.compute import models as m
from pydantic import SecretStr

from shared.contracts.base import Work
from shared.contracts.vm import CreateVm
from shared.model.launch import LaunchSpecification
from shared.model.network import Named
from shared.model.node import NodeDocument
from shared.model.run import DiskRef, Lifecycle, NicRef
from shared.names import (
    TAG_GENERATION,
    TAG_NODE,
    TAG_OPERATION,
    computer_name,
    data_disk_name,
    os_disk_name,
    resource_id,
    stem,
)


@dataclass(frozen=True)
class Blueprint:
    """What a VM is built from; `password` is resolved last and lives only here."""

    request: CreateVm
    document: NodeDocument
    password: SecretStr | None = None

    @property
    def launch(self) -> LaunchSpecification:
        """The launch specification."""
        return self.document.compute.launch_specification

    @property
    def attaches(self) -> bool:
        """True if the VM boots from a disk that exists."""
        return self.request.os_disk is not None


def vm_body(plan: Blueprint) -> m.VirtualMachine:
    """Return the whole VM."""
    request, launch = plan.request, plan.launch
    market = request.market
    spot = market.lifecycle is Lifecycle.SPOT
    properties = m.VirtualMachineProperties(
        hardware_profile=m.HardwareProfile(vm_size=market.size),
        storage_profile=m.StorageProfile(
            image_reference=None if plan.attaches else image_reference(launch, request.work),
            os_disk=_os_disk(plan),
            data_disks=_data_disks(plan) or None,
        ),
        os_profile=None if plan.attaches or launch.login is None else _os_profile(plan),
        network_profile=m.NetworkProfile(network_interfaces=[_nic(nic) for nic in request.nics]),
        security_profile=_security(launch),
        diagnostics_profile=_diagnostics(launch),
        license_type=launch.license_type,
        user_data=launch.user_data,
        proximity_placement_group=_placement(launch, request.work),
        priority="Spot" if spot else "Regular",
        # Deallocate keeps the disks; the price cap -1 means: never evicted for price.
        eviction_policy="Deallocate" if spot else None,
        billing_profile=m.BillingProfile(max_price=-1) if spot else None,
    )
    return m.VirtualMachine(
        location=plan.document.region,
        zones=[market.zone] if market.zone else None,
        tags=tags_of(plan.document, request.work, request.generation),
        plan=_plan(launch),
        identity=_identity(launch, request.work),
        properties=properties,
    )


def tags_of(document: NodeDocument, work: Work, generation: int) -> dict[str, str]:
    """Return the user's tags and ours: owner, generation, operation."""
    launch = document.compute.launch_specification
    tags = {tag.tag_key: tag.tag_value or "" for tag in launch.tags or ()}
    return tags | {
        TAG_NODE: work.key.node_id,
        TAG_GENERATION: str(generation),
        TAG_OPERATION: work.operation_id,
    }


def image_reference(launch: LaunchSpecification, work: Work) -> m.ImageReference | None:
    """Return where a fresh OS disk comes from."""
    image = launch.image
    if image is None:
        return None
    if image.marketplace:
        one = image.marketplace
        return m.ImageReference(
            publisher=one.publisher, offer=one.offer, sku=one.sku, version=one.version
        )
    if image.custom:
        group, kind = image.custom.resource_group_name, "Microsoft.Compute/images"
        return m.ImageReference(
            id=resource_id(work.subscription_id, group, kind, image.custom.name)
        )
    assert image.gallery is not None, "the model allows exactly one kind of image"  # noqa: S101
    gallery = image.gallery
    kind = "Microsoft.Compute/galleries"
    base = resource_id(
        work.subscription_id, gallery.resource_group_name, kind, gallery.gallery_name
    )
    version = gallery.version_name
    path = f"{base}/images/{gallery.image_name}"
    newest = version.lower() == "latest"
    return m.ImageReference(id=path if newest else f"{path}/versions/{version}")


def _os_disk(plan: Blueprint) -> m.OSDisk:
    request, spec, kept = plan.request, plan.launch.os_disk, plan.request.os_disk
    root = stem(request.work.key)
    managed = m.ManagedDiskParameters(
        id=kept.id if kept else None,
        storage_account_type=spec.type if spec and not kept else None,
        security_profile=None if kept else _disk_security(plan.launch),
    )
    return m.OSDisk(
        os_type=plan.document.compute.os if kept else None,
        name=kept.name if kept else os_disk_name(root, request.generation),
        create_option="Attach" if kept else "FromImage",
        caching=spec.caching if spec and spec.caching else "ReadWrite",
        disk_size_gb=spec.size_gib if spec and not kept else None,
        managed_disk=managed,
        delete_option="Detach",
    )


def _data_disks(plan: Blueprint) -> list[m.DataDisk]:
    """Kept disks as they are, and those of the document that do not exist yet."""
    request = plan.request
    kept = {disk.lun: disk for disk in request.data_disks}
    disks = [_attached(disk) for disk in request.data_disks]
    for spec in plan.launch.data_disks or ():
        if spec.lun in kept:
            continue
        name = data_disk_name(stem(request.work.key), spec.lun, request.generation)
        disks.append(
            m.DataDisk(
                lun=spec.lun,
                name=name,
                create_option="Empty",
                disk_size_gb=spec.size_gib,
                caching=spec.caching,
                managed_disk=m.ManagedDiskParameters(storage_account_type=spec.type),
                delete_option="Detach",
            )
        )
    return disks


def _attached(disk: DiskRef) -> m.DataDisk:
    return m.DataDisk(
        lun=disk.lun or 0,
        name=disk.name,
        create_option="Attach",
        caching=disk.caching,
        managed_disk=m.ManagedDiskParameters(id=disk.id),
        delete_option="Detach",
    )


def _nic(nic: NicRef) -> m.NetworkInterfaceReference:
    properties = m.NetworkInterfaceReferenceProperties(
        primary=nic.is_primary, delete_option="Detach"
    )
    return m.NetworkInterfaceReference(id=nic.id, properties=properties)


def _os_profile(plan: Blueprint) -> m.OSProfile:
    launch, login = plan.launch, plan.launch.login
    assert login is not None, "called only with a login"  # noqa: S101
    wire = {"compute": {"os": plan.document.compute.os}}
    linux = None
    if plan.document.compute.os == "Linux":
        linux = _linux(login.user_name, login.ssh_public_key)
    return m.OSProfile(
        computer_name=computer_name(wire, plan.request.name),
        admin_username=login.user_name,
        admin_password=plan.password.get_secret_value() if plan.password else None,
        custom_data=launch.custom_data,
        linux_configuration=linux,
        secrets=_certificates(launch, plan.request.work) or None,
    )


def _linux(user: str, ssh_key: str | None) -> m.LinuxConfiguration:
    if not ssh_key:
        return m.LinuxConfiguration(disable_password_authentication=False)
    path = f"/home/{user}/.ssh/authorized_keys"
    keys = [m.SshPublicKey(path=path, key_data=ssh_key)]
    return m.LinuxConfiguration(
        disable_password_authentication=True, ssh=m.SshConfiguration(public_keys=keys)
    )


def _certificates(launch: LaunchSpecification, work: Work) -> list[m.VaultSecretGroup]:
    kind = "Microsoft.KeyVault/vaults"
    return [
        m.VaultSecretGroup(
            source_vault=m.SubResource(id=_id_of(one.source_vault, kind, work)),
            vault_certificates=[
                m.VaultCertificate(
                    certificate_url=each.certificate_url,
                    certificate_store=each.certificate_store,
                )
                for each in one.vault_certificates
            ],
        )
        for one in launch.secrets or ()
    ]


def _id_of(named: Named, kind: str, work: Work, subscription_id: str | None = None) -> str:
    subscription = subscription_id or work.subscription_id
    return resource_id(subscription, named.resource_group_name, kind, named.name)


def _plan(launch: LaunchSpecification) -> m.Plan | None:
    plan = launch.purchase_plan
    if plan is None:
        return None
    return m.Plan(name=plan.name, product=plan.product, publisher=plan.publisher)


def _identity(launch: LaunchSpecification, work: Work) -> m.VirtualMachineIdentity | None:
    kind = "Microsoft.ManagedIdentity/userAssignedIdentities"
    ids = [
        _id_of(one, kind, work, one.subscription_id)
        for one in launch.managed_service_identities or ()
    ]
    if not ids:
        return None
    return m.VirtualMachineIdentity(
        type="UserAssigned",
        user_assigned_identities={one: m.UserAssignedIdentitiesValue() for one in ids},
    )


def _security(launch: LaunchSpecification) -> m.SecurityProfile | None:
    security = launch.security
    if security is None:
        return None
    kind = security.security_type
    uefi = None
    if kind in ("TrustedLaunch", "ConfidentialVM"):
        uefi = m.UefiSettings(
            secure_boot_enabled=security.secure_boot_enabled,
            v_tpm_enabled=True if kind == "ConfidentialVM" else security.v_tpm_enabled,
        )
    return m.SecurityProfile(
        security_type=kind, uefi_settings=uefi, encryption_at_host=security.encryption_at_host
    )


def _disk_security(launch: LaunchSpecification) -> m.VMDiskSecurityProfile | None:
    security = launch.security
    if security is None or security.security_type != "ConfidentialVM":
        return None
    whole = security.confidential_os_disk_encryption
    kind = "DiskWithVMGuestState" if whole else "VMGuestStateOnly"
    return m.VMDiskSecurityProfile(security_encryption_type=kind)


def _diagnostics(launch: LaunchSpecification) -> m.DiagnosticsProfile | None:
    wanted = launch.boot_diagnostics
    if wanted is None:
        return None
    boot = m.BootDiagnostics(enabled=wanted.is_enabled, storage_uri=wanted.storage_uri)
    return m.DiagnosticsProfile(boot_diagnostics=boot)


def _placement(launch: LaunchSpecification, work: Work) -> m.SubResource | None:
    groups = launch.proximity_placement_groups or ()
    if not groups:
        return None
    kind = "Microsoft.Compute/proximityPlacementGroups"
    return m.SubResource(id=_id_of(groups[0], kind, work))
