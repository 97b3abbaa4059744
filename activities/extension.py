"""Install the extensions of a document on a running VM."""

from typing import Any

from azure.mgmt.compute import models as m

from activities.azure.ensure import ensure
from activities.azure.errors import answering
from activities.ports import Ports, headers, journalled, owner_tags
from shared.contracts.base import Changed, Done, Refused, StillRunning
from shared.contracts.vm import InstallExtensions
from shared.model.launch import Extension
from shared.model.secrets import from_secret
from shared.model.wire import from_stored
from shared.names import parts_of


@answering
async def install_extensions(
    request: InstallExtensions, *, ports: Ports
) -> Done | Refused | Changed | StillRunning:
    """Install them in the document's order. One that is there is not touched: safe to repeat.

    Changed: the VM does not run any more.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    launch = from_stored(record.document).compute.launch_specification
    for extension in launch.extensions or ():
        made = await _install(request, extension, ports)
        if isinstance(made, StillRunning):
            return made
    return Done()


async def _install(request: InstallExtensions, extension: Extension, ports: Ports) -> Any:
    azure = await ports.azure_of(request.work)
    group, _, vm_name = parts_of(request.vm_resource_id)
    operations = azure.compute.virtual_machine_extensions
    body = await _body(request, extension, ports)
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
) -> m.VirtualMachineExtension:
    ref = extension.protected_settings_ref
    secret = await ports.stores.secrets.get(ref) if ref else None
    vault = extension.protected_settings_from_key_vault
    properties = m.VirtualMachineExtensionProperties(
        publisher=extension.publisher,
        type=extension.type,
        type_handler_version=extension.api_version,
        auto_upgrade_minor_version=extension.minor_version_auto_upgrade,
        enable_automatic_upgrade=extension.enable_automatic_upgrade,
        settings=extension.public_settings,
        protected_settings=from_secret(secret.get_secret_value()) if secret else None,
    )
    if vault:
        source = vault.source_vault
        vault_id = source if isinstance(source, str) else source.get("id", "")
        properties.protected_settings_from_key_vault = m.KeyVaultSecretReference(
            secret_url=vault.secret_url, source_vault=m.SubResource(id=vault_id)
        )
    work = request.work
    return m.VirtualMachineExtension(
        location=work.region, tags=owner_tags(work), properties=properties
    )
