"""What each VM of a node is launched with."""

from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, Secret

from shared.model.disks import DataDisk, OsDisk
from shared.model.fields import (
    NEVER_SHOWN,
    Also,
    CustomData,
    EmptyIsNull,
    Flag,
    HttpsUrl,
    Internal,
    Part,
    ResourceName,
    ShutdownScript,
    SpelledFlag,
    SubscriptionId,
    Text,
    UserData,
    Word,
)
from shared.model.image import Image, PurchasePlan
from shared.model.login import Login
from shared.model.network import LoadBalancersConfig, Named, Network

TAG_CHARACTERS: Final = 512
"""Source: the published API's bound on keys and on values."""


class Tag(Part):
    """A tag of the VM and of all that is made for it."""

    tag_key: Annotated[Text, Field(min_length=1, max_length=TAG_CHARACTERS)]
    tag_value: Annotated[Text, Field(max_length=TAG_CHARACTERS)] | None = None


class ManagedServiceIdentity(Named):
    """A user-assigned identity."""

    subscription_id: SubscriptionId | None = None
    """None: the node's own subscription."""


def _vault(value: Any) -> Any:
    named = isinstance(value, dict) and set(value) in ({"name", "resourceGroupName"}, {"id"})
    texts = [value] if isinstance(value, str) else list(value.values()) if named else [None]
    if not all(isinstance(text, str) and text for text in texts):
        raise ValueError("must be the vault's resource id, or its name and resourceGroupName")
    return value


SourceVault = Annotated[str | dict[str, str], BeforeValidator(_vault)]
"""A Key Vault: Azure resource id as text or as {id}, or {name, resourceGroupName}."""


class SettingsFromKeyVault(Part):
    """Protected settings that Azure itself reads from a Key Vault."""

    source_vault: SourceVault
    secret_url: HttpsUrl


class Extension(Part):
    """A VM extension, installed after each launch that needs it."""

    name: ResourceName
    type: ResourceName
    publisher: ResourceName
    api_version: Word
    minor_version_auto_upgrade: Flag
    public_settings: dict[str, Any] | None = None
    protected_settings: Annotated[Secret[dict[str, Any]] | None, NEVER_SHOWN] = None
    """Present between the client's request and the secret store; never stored, never shown."""
    protected_settings_ref: Annotated[Text | None, Internal()] = None
    """Name under which the secret store holds the protected settings, as JSON."""
    enable_automatic_upgrade: Flag | None = None
    protected_settings_from_key_vault: SettingsFromKeyVault | None = None


class VaultCertificate(Part):
    """A certificate of a Key Vault to be put on the VM."""

    certificate_url: HttpsUrl
    certificate_store: Annotated[Word | None, EmptyIsNull()] = None


class VaultSecrets(Part):
    """Certificates of one Key Vault."""

    source_vault: Named
    vault_certificates: tuple[VaultCertificate, ...]


class BootDiagnostics(Part):
    """Where screenshots and the serial log go."""

    is_enabled: Flag
    type: Literal["managed", "unmanaged"]
    storage_uri: Annotated[HttpsUrl | None, Also("storageUrl"), EmptyIsNull()] = None


class Security(Part):
    """Trusted launch, confidential VM, encryption at host."""

    security_type: Literal["Standard", "TrustedLaunch", "ConfidentialVM"] | None = None
    secure_boot_enabled: Flag | None = None
    v_tpm_enabled: Flag | None = None
    encryption_at_host: Flag | None = None
    confidential_os_disk_encryption: SpelledFlag | None = None


LicenseType = Literal["Windows_Server", "Windows_Client", "RHEL_BYOS", "SLES_BYOS"]


class LaunchSpecification(Part):
    """What each VM is launched with."""

    image: Image | None = None
    """None only for a node whose OS disk came from elsewhere (an import)."""
    purchase_plan: PurchasePlan | None = None
    vm_name: Annotated[Text | None, EmptyIsNull()] = None
    vm_name_prefix: Annotated[Text | None, EmptyIsNull()] = None
    custom_data: Annotated[CustomData | None, EmptyIsNull()] = None
    user_data: Annotated[UserData | None, EmptyIsNull()] = None
    shutdown_script: Annotated[ShutdownScript | None, EmptyIsNull(), NEVER_SHOWN] = None
    login: Login | None = None
    network: Network
    load_balancers_config: LoadBalancersConfig | None = None
    tags: tuple[Tag, ...] | None = None
    managed_service_identities: tuple[ManagedServiceIdentity, ...] | None = None
    extensions: tuple[Extension, ...] | None = None
    os_disk: OsDisk | None = None
    data_disks: tuple[DataDisk, ...] | None = None
    secrets: tuple[VaultSecrets, ...] | None = None
    boot_diagnostics: BootDiagnostics | None = None
    license_type: Annotated[LicenseType | None, EmptyIsNull()] = None
    security: Security | None = None
    proximity_placement_groups: tuple[Named, ...] | None = None
