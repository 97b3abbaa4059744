"""osProfile: what a VM's operating system is told at its first boot."""

from typing import Final

from azure.mgmt.compute import models as m

from activities.vm_plan import Blueprint, id_of
from shared.contracts.base import Work
from shared.model.launch import LaunchSpecification
from shared.names import computer_name

VAULTS: Final = "Microsoft.KeyVault/vaults"


def os_profile(plan: Blueprint) -> m.OSProfile | None:
    """Return the profile of a VM made from a generalized image; None for any other.

    Azure refuses one on an attached disk or a specialized image ("Parameter 'osProfile' is not
    allowed."): such an OS has its users, and a document for it has no login. Source: Azure docs,
    shared-image-galleries.
    """
    launch, login = plan.launch, plan.launch.login
    if plan.attaches or login is None:
        return None
    os = plan.document.compute.os
    return m.OSProfile(
        computer_name=computer_name({"compute": {"os": os}}, plan.request.name),
        admin_username=login.user_name,
        admin_password=plan.password.get_secret_value() if plan.password else None,
        custom_data=launch.custom_data,
        linux_configuration=_linux(plan) if os == "Linux" else None,
        secrets=_certificates(launch, plan.request.work) or None,
    )


def _linux(plan: Blueprint) -> m.LinuxConfiguration:
    """Sign in by the key where there is one, by password besides where there is one of each."""
    login = plan.launch.login
    key = login.ssh_public_key if login else None
    if login is None or not key:
        return m.LinuxConfiguration(disable_password_authentication=False)
    path = f"/home/{login.user_name}/.ssh/authorized_keys"
    keys = [m.SshPublicKey(path=path, key_data=key.strip())]
    return m.LinuxConfiguration(
        disable_password_authentication=plan.password is None,
        ssh=m.SshConfiguration(public_keys=keys),
    )


def _certificates(launch: LaunchSpecification, work: Work) -> list[m.VaultSecretGroup]:
    return [
        m.VaultSecretGroup(
            source_vault=m.SubResource(id=id_of(one.source_vault, VAULTS, work)),
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
