"""The node document that an existing VM amounts to, in the words of the API.

Told to a client that asks (importConfiguration), and the ground on which an import's own partial
document stands. What persists is left out: the OS disk carries image and login, the NICs carry the
network; a client that sends those back would be refused.
"""

from collections.abc import Iterable
from math import ceil, floor
from typing import Any, Final

from shared.model.facts import SizeFacts
from shared.model.rules.launch import MAX_TAGS, OWN_TAGS
from shared.model.source import SourceExtension, SourceNic, SourcePlace, SourcePool, SourceVm

PERSISTENCE: Final = {
    "shouldPersistOsDisk": True,
    "osDiskPersistenceMode": "reattach",
    "shouldPersistDataDisks": True,
    "dataDisksPersistenceMode": "reattach",
    "shouldPersistNetwork": False,
}
"""Defaults of the published API; the modes are its wizard's."""
LICENSES: Final = {
    "Windows": ("Windows_Server", "Windows_Client"),
    "Linux": ("RHEL_BYOS", "SLES_BYOS"),
}
HIDDEN: Final = "hidden-"
"""Tags that begin so are Azure's own."""
MIB_PER_GIB: Final = 1_024

Wire = dict[str, Any]


def configuration(source: SourceVm) -> Wire:
    """Return the configuration that a client may edit and send back as an import's `node`."""
    document = ground(source)
    sizes = document["compute"]["vmSizes"]
    sizes["spotSizes"] = list(sizes["odSizes"])
    return document


def ground(source: SourceVm) -> Wire:
    """Return what an import's `node` stands on: all but the Spot sizes, which have a rule."""
    compute: Wire = {
        "os": source.os,
        "vmSizes": {"odSizes": [source.size.lower()]},
        "launchSpecification": _launch(source),
    }
    if source.zone:
        compute["zones"] = [source.zone]
    return {
        "name": source.name,
        "region": source.region,
        "resourceGroupName": source.group,
        "description": f"Imported from virtual machine: {source.name}",
        "strategy": {"fallbackToOd": True},
        "persistence": dict(PERSISTENCE),
        "compute": compute,
    }


def like(size: SizeFacts) -> Wire:
    """Return the spotSizeAttributes that mean sizes with what this one has."""
    storage_gib = size.temp_disk_mib / MIB_PER_GIB
    return {
        "minCpu": size.vcpus,
        "maxCpu": size.vcpus,
        "minMemory": floor(size.memory_gib),
        "maxMemory": ceil(size.memory_gib),
        "minStorage": floor(storage_gib),
        "maxStorage": ceil(storage_gib),
    }


def _launch(source: SourceVm) -> Wire:
    plan, group = source.plan, source.placement_group
    found: Wire = {
        "network": network(source.nics),
        "loadBalancersConfig": _balancers(source.nics),
        "tags": _tags(source.tags),
        "managedServiceIdentities": [_identity(one, source.id) for one in source.identities],
        "extensions": [_extension(one) for one in source.extensions],
        "purchasePlan": plan and plan.model_dump(),
        "userData": source.user_data,
        "licenseType": source.license_type,
        "bootDiagnostics": _diagnostics(source),
        "security": _security(source),
        "proximityPlacementGroups": [_named(group)] if group else None,
    }
    if source.license_type not in LICENSES.get(source.os, ()):
        del found["licenseType"]
    return {name: value for name, value in found.items() if value}


def network(nics: Iterable[SourceNic]) -> Wire:
    """Return the network of NICs like these, the primary one first: new ones, new addresses."""
    ordered = sorted(nics, key=lambda nic: not nic.is_primary)
    first = ordered[0].network
    return {
        "resourceGroupName": first.group,
        "virtualNetworkName": first.name,
        "networkInterfaces": [_interface(nic) for nic in ordered],
    }


def _interface(nic: SourceNic) -> Wire:
    found: Wire = {
        "isPrimary": nic.is_primary,
        "subnetName": nic.subnet,
        "assignPublicIp": bool(nic.public_ip_sku),
        "enableIpForwarding": nic.forwarding,
    }
    if nic.public_ip_sku:
        # Azure sells no Basic addresses any more. Source: Azure docs, public-ip-basic-upgrade.
        found["publicIpSku"] = "Standard"
    if nic.security_group:
        found["networkSecurityGroup"] = _named(nic.security_group)
    if nic.application_groups:
        found["applicationSecurityGroups"] = [_named(one) for one in nic.application_groups]
    if nic.configurations:
        found["additionalIpConfigurations"] = [
            {"name": one.name, "privateIpAddressVersion": one.version} for one in nic.configurations
        ]
    return found


def _named(place: SourcePlace) -> Wire:
    return {"name": place.name, "resourceGroupName": place.group}


def _identity(place: SourcePlace, vm_resource_id: str) -> Wire:
    own = vm_resource_id.strip("/").split("/")[1].lower()
    elsewhere = place.subscription_id and place.subscription_id.lower() != own
    more = {"subscriptionId": place.subscription_id} if elsewhere else {}
    return _named(place) | more


def _balancers(nics: Iterable[SourceNic]) -> Wire | None:
    """Return the load balancers and gateways whose pools the NICs are in, each once."""
    pools: dict[tuple[bool, SourcePlace], list[str]] = {}
    for pool in _pools(nics):
        names = pools.setdefault((pool.gateway, pool.balancer), [])
        if pool.name not in names:
            names.append(pool.name)
    listed = [
        {
            "type": "applicationGateway" if gateway else "loadBalancer",
            **_named(balancer),
            "backendPoolNames": names,
        }
        for (gateway, balancer), names in pools.items()
    ]
    return {"loadBalancers": listed} if listed else None


def _pools(nics: Iterable[SourceNic]) -> list[SourcePool]:
    return [pool for nic in nics for pool in nic.pools]


def _tags(tags: dict[str, str]) -> list[Wire]:
    """Return the user's own tags, as many as a node may have."""
    own = [
        {"tagKey": key, "tagValue": value}
        for key, value in sorted(tags.items())
        if not key.lower().startswith((OWN_TAGS, HIDDEN))
    ]
    return own[:MAX_TAGS]


def _extension(one: SourceExtension) -> Wire:
    found: Wire = {
        "name": one.name,
        "type": one.type,
        "publisher": one.publisher,
        "apiVersion": one.version,
        "minorVersionAutoUpgrade": one.minor_upgrade,
    }
    if one.automatic_upgrade is not None:
        found["enableAutomaticUpgrade"] = one.automatic_upgrade
    if one.settings:
        found["publicSettings"] = one.settings
    return found


def _diagnostics(source: SourceVm) -> Wire | None:
    if source.boot_diagnostics is None:
        return None
    found: Wire = {"isEnabled": source.boot_diagnostics, "type": "managed"}
    if source.boot_storage and source.boot_diagnostics:
        found |= {"type": "unmanaged", "storageUri": source.boot_storage}
    return found


def _security(source: SourceVm) -> Wire:
    found: Wire = {}
    if source.security_type != "Standard":
        found["securityType"] = source.security_type
        for name, value in (
            ("secureBootEnabled", source.secure_boot),
            ("vTpmEnabled", source.v_tpm),
        ):
            found |= {} if value is None else {name: value}
    if source.encryption_at_host:
        found["encryptionAtHost"] = True
    if source.confidential_disk:
        found["confidentialOsDiskEncryption"] = True
    return found
