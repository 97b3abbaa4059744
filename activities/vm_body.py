"""The body of the PUT that creates a node's VM, from the document and the disks at hand.

What Azure forbids when an OS disk is attached is left out: image, osProfile and what hangs on it
(login, custom data, certificates). All else is said anew for each VM.
"""

from typing import Final

from azure.mgmt.compute import models as m

from activities.vm_os import os_profile
from activities.vm_plan import Blueprint, id_of
from activities.vm_security import security_profile
from activities.vm_storage import storage_profile
from shared.contracts.base import Work
from shared.model.launch import LaunchSpecification
from shared.model.node import NodeDocument
from shared.model.run import Lifecycle, NicRef
from shared.names import TAG_GENERATION, TAG_NODE, TAG_OPERATION

__all__ = ["Blueprint", "tags_of", "vm_body"]

IDENTITIES: Final = "Microsoft.ManagedIdentity/userAssignedIdentities"
PLACEMENT_GROUPS: Final = "Microsoft.Compute/proximityPlacementGroups"


def vm_body(plan: Blueprint) -> m.VirtualMachine:
    """Return the whole VM."""
    request, launch = plan.request, plan.launch
    market = request.market
    spot = market.lifecycle is Lifecycle.SPOT
    properties = m.VirtualMachineProperties(
        hardware_profile=m.HardwareProfile(vm_size=market.size),
        storage_profile=storage_profile(plan),
        os_profile=os_profile(plan),
        network_profile=m.NetworkProfile(network_interfaces=[_nic(nic) for nic in request.nics]),
        security_profile=security_profile(launch, request.os_disk),
        diagnostics_profile=_diagnostics(launch),
        license_type=launch.license_type,
        user_data=launch.user_data,
        proximity_placement_group=_placement(launch, request.work),
        additional_capabilities=_capabilities(plan),
        capacity_reservation=_reservation(market.reservation),
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


def _nic(nic: NicRef) -> m.NetworkInterfaceReference:
    properties = m.NetworkInterfaceReferenceProperties(
        primary=nic.is_primary, delete_option="Detach"
    )
    return m.NetworkInterfaceReference(id=nic.id, properties=properties)


def _plan(launch: LaunchSpecification) -> m.Plan | None:
    """Return the marketplace plan: of the image, and said again on each disk made from it."""
    plan = launch.purchase_plan
    if plan is None:
        return None
    return m.Plan(name=plan.name, product=plan.product, publisher=plan.publisher)


def _identity(launch: LaunchSpecification, work: Work) -> m.VirtualMachineIdentity | None:
    ids = [
        id_of(one, IDENTITIES, work, one.subscription_id)
        for one in launch.managed_service_identities or ()
    ]
    if not ids:
        return None
    return m.VirtualMachineIdentity(
        type="UserAssigned",
        user_assigned_identities={one: m.UserAssignedIdentitiesValue() for one in ids},
    )


def _diagnostics(launch: LaunchSpecification) -> m.DiagnosticsProfile | None:
    """Return where the serial log goes; without an address into storage that Azure manages."""
    wanted = launch.boot_diagnostics
    if wanted is None:
        return None
    managed = wanted.type == "managed" or not wanted.is_enabled
    boot = m.BootDiagnostics(
        enabled=wanted.is_enabled, storage_uri=None if managed else wanted.storage_uri
    )
    return m.DiagnosticsProfile(boot_diagnostics=boot)


def _placement(launch: LaunchSpecification, work: Work) -> m.SubResource | None:
    """Return the proximity placement group; a VM can be in one, so the first."""
    groups = launch.proximity_placement_groups or ()
    return m.SubResource(id=id_of(groups[0], PLACEMENT_GROUPS, work)) if groups else None


def _reservation(group_id: str) -> m.CapacityReservationProfile | None:
    """Return whose reserved place the VM takes."""
    if not group_id:
        return None
    return m.CapacityReservationProfile(capacity_reservation_group=m.SubResource(id=group_id))


def _capabilities(plan: Blueprint) -> m.AdditionalCapabilities | None:
    """Allow Ultra disks where the VM has one: Azure refuses them on any other VM.

    Source: Azure docs, disks-enable-ultra-ssd.
    """
    kinds = {disk.sku for disk in plan.request.data_disks}
    kinds |= {disk.type for disk in plan.launch.data_disks or ()}
    return m.AdditionalCapabilities(ultra_ssd_enabled=True) if "UltraSSD_LRS" in kinds else None
