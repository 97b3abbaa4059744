"""Install the extensions of a document on a running VM."""

from typing import Any, Final

from azure.mgmt.compute import models as m

from activities.azure.ensure import ensure
from activities.azure.errors import answering
from activities.ports import Ports, headers, journalled, owner_tags
from shared.contracts.base import Changed, Done, Refused, StillRunning, Throttled, Work
from shared.contracts.vm import InstallExtensions
from shared.model.launch import Extension
from shared.model.secrets import from_secret
from shared.model.wire import from_stored
from shared.names import parts_of, resource_id

VAULTS: Final = "Microsoft.KeyVault/vaults"


@answering
async def install_extensions(
    request: InstallExtensions, *, ports: Ports
) -> Done | Refused | Changed | StillRunning | Throttled:
    """Install them in the document's order. One that is there is not touched: safe to repeat.

    What Azure refuses of one does not stop those after it; the first refusal is told.
    Changed: the VM does not run any more.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    launch = from_stored(record.document).compute.launch_specification
    refusal: Refused | None = None
    for extension in launch.extensions or ():
        made = await _installed(request, extension, ports)
        if isinstance(made, StillRunning | Changed | Throttled):
            return made
        if isinstance(made, Refused):
            refusal = refusal or made
    return refusal or Done()


@answering
async def _installed(request: InstallExtensions, extension: Extension, ports: Ports) -> Any:
    """Install one; return what is there then, or the value that stands for a refusal."""
    azure = await ports.azure_of(request.work)
    group, _, vm_name = parts_of(request.vm_resource_id)
    operations = azure.compute.virtual_machine_extensions
    body = await _body(request, extension, ports)
    if body is None:
        told = f"the protected settings of {extension.name} are not kept any more; send them again"
        return Refused(code="ProtectedSettingsGone", message=told)
    target = f"{request.vm_resource_id}/extensions/{extension.name}"
    async with journalled(ports, request.work, f"extension_{extension.name}", target):
        return await ensure(
            lambda: operations.get(group, vm_name, extension.name),
            lambda polling, token: operations.begin_create_or_update(
                group,
                vm_name,
                extension.name,
                body,
                polling=polling,
                continuation_token=token,
                headers=headers(request.work),
            ),
            ports.clock,
        )


async def _body(
    request: InstallExtensions, extension: Extension, ports: Ports
) -> m.VirtualMachineExtension | None:
    """Return the extension's body, its secret resolved last; None: the secret is gone."""
    ref = extension.protected_settings_ref
    secret = await ports.stores.secrets.get(ref) if ref else None
    if ref and secret is None:
        return None
    settings = from_secret(secret.get_secret_value()) if secret else None
    return extension_body(extension, request.work, settings)


def extension_body(
    extension: Extension, work: Work, protected_settings: dict[str, Any] | None
) -> m.VirtualMachineExtension:
    """Return the body of the PUT that installs an extension."""
    properties = m.VirtualMachineExtensionProperties(
        publisher=extension.publisher,
        type=extension.type,
        type_handler_version=extension.api_version,
        auto_upgrade_minor_version=extension.minor_version_auto_upgrade,
        enable_automatic_upgrade=extension.enable_automatic_upgrade,
        settings=extension.public_settings,
        protected_settings=protected_settings,
        protected_settings_from_key_vault=_from_vault(extension, work),
    )
    return m.VirtualMachineExtension(
        location=work.region, tags=owner_tags(work), properties=properties
    )


def _from_vault(extension: Extension, work: Work) -> m.KeyVaultSecretReference | None:
    """Return where Azure itself reads the protected settings."""
    told = extension.protected_settings_from_key_vault
    if told is None:
        return None
    vault = m.SubResource(id=_vault_id(told.source_vault, work))
    return m.KeyVaultSecretReference(secret_url=told.secret_url, source_vault=vault)


def _vault_id(vault: str | dict[str, str], work: Work) -> str:
    """Return the ARM id of a vault that is named by id, as {id}, or by name and group."""
    if isinstance(vault, str):
        return vault
    if "id" in vault:
        return vault["id"]
    return resource_id(work.subscription_id, vault["resourceGroupName"], VAULTS, vault["name"])
