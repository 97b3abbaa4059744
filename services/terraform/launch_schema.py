"""How the Terraform resource spells what each VM is launched with."""

from typing import Final

from services.terraform.terms import LAUNCH, Attribute, Block, Kind, flag, number, text, texts

_NAMED: Final = (text("name", "name"), text("resource_group_name", "resourceGroupName"))
_NAMED_IN_NETWORK: Final = (
    text("name", "name"),
    Attribute(
        "network_resource_group_name",
        "resourceGroupName",
        required=True,
        also=("resource_group_name",),
    ),
)

IMAGE: Final = Block(
    "image",
    f"{LAUNCH}.image",
    (
        Block(
            "marketplace_image",
            "marketplace",
            (
                text("publisher", "publisher"),
                text("offer", "offer"),
                text("sku", "sku"),
                text("version", "version"),
            ),
        ),
        Block(
            "custom_image",
            "custom",
            (
                text("custom_image_resource_group_name", "resourceGroupName"),
                text("name", "name"),
            ),
        ),
        Block(
            "gallery",
            "gallery",
            (
                text("gallery_resource_group_name", "resourceGroupName"),
                text("gallery_name", "galleryName"),
                text("image_name", "imageName"),
                text("version_name", "versionName"),
                Attribute("spot_account_id", "spotAccountId"),
            ),
            also=("gallery_image",),
        ),
    ),
)
LOGIN: Final = Block(
    "login",
    f"{LAUNCH}.login",
    (
        text("user_name", "userName"),
        Attribute("password", "password", secret=True),
        Attribute("ssh_public_key", "sshPublicKey"),
    ),
)
NETWORK: Final = Block(
    "network",
    f"{LAUNCH}.network",
    (
        Attribute(
            "network_resource_group_name",
            "resourceGroupName",
            required=True,
            also=("resource_group_name",),
        ),
        text("virtual_network_name", "virtualNetworkName"),
        Block(
            "network_interface",
            "networkInterfaces",
            (
                text("subnet_name", "subnetName"),
                flag("is_primary", "isPrimary", required=True),
                flag("assign_public_ip", "assignPublicIp"),
                Attribute("public_ip_sku", "publicIpSku"),
                flag("enable_ip_forwarding", "enableIpForwarding"),
                texts("private_ip_addresses", "privateIpAddresses"),
                Block("network_security_group", "networkSecurityGroup", _NAMED_IN_NETWORK),
                Block("public_ips", "publicIps", _NAMED_IN_NETWORK, many=True),
                Block(
                    "application_security_groups",
                    "applicationSecurityGroups",
                    _NAMED_IN_NETWORK,
                    many=True,
                ),
                Block(
                    "additional_ip_configurations",
                    "additionalIpConfigurations",
                    (
                        text("name", "name"),
                        text("private_ip_address_version", "privateIpAddressVersion"),
                    ),
                    many=True,
                ),
            ),
            many=True,
            required=True,
        ),
    ),
)
EXTENSION: Final = Block(
    "extension",
    f"{LAUNCH}.extensions",
    (
        text("name", "name"),
        text("type", "type"),
        text("publisher", "publisher"),
        text("api_version", "apiVersion"),
        flag("minor_version_auto_upgrade", "minorVersionAutoUpgrade", required=True),
        Attribute("public_settings", "publicSettings", Kind.SETTINGS),
        Attribute("protected_settings", "protectedSettings", Kind.SETTINGS, secret=True),
    ),
    many=True,
)
DISKS: Final = (
    Block(
        "os_disk",
        f"{LAUNCH}.osDisk",
        (text("type", "type"), number("size_gb", "sizeGB"), Attribute("caching", "caching")),
    ),
    Block(
        "data_disk",
        f"{LAUNCH}.dataDisks",
        (
            number("size_gb", "sizeGB", required=True),
            number("lun", "lun", required=True),
            text("type", "type"),
        ),
        many=True,
    ),
)
LOAD_BALANCER: Final = Block(
    "load_balancer",
    f"{LAUNCH}.loadBalancersConfig.loadBalancers",
    (
        text("type", "type"),
        text("resource_group_name", "resourceGroupName"),
        text("name", "name"),
        texts("backend_pool_names", "backendPoolNames", required=True),
        Attribute("sku", "loadBalancerSku"),
    ),
    many=True,
)
SECURITY: Final = (
    Block(
        "boot_diagnostics",
        f"{LAUNCH}.bootDiagnostics",
        (
            flag("is_enabled", "isEnabled"),
            Attribute("type", "type"),
            Attribute("storage_url", "storageUri"),
        ),
    ),
    Block(
        "security",
        f"{LAUNCH}.security",
        (
            Attribute("security_type", "securityType"),
            flag("secure_boot_enabled", "secureBootEnabled"),
            flag("vtpm_enabled", "vTpmEnabled"),
            flag("encryption_at_host", "encryptionAtHost"),
            flag("confidential_os_disk_encryption", "confidentialOsDiskEncryption"),
        ),
    ),
    Block(
        "secret",
        f"{LAUNCH}.secrets",
        (
            Block("source_vault", "sourceVault", _NAMED, required=True),
            Block(
                "vault_certificates",
                "vaultCertificates",
                (
                    Attribute("certificate_url", "certificateUrl"),
                    Attribute("certificate_store", "certificateStore"),
                ),
                many=True,
                required=True,
            ),
        ),
        many=True,
    ),
)
ACCESS: Final = (
    Block(
        "managed_service_identities",
        f"{LAUNCH}.managedServiceIdentities",
        (*_NAMED, Attribute("subscription_id", "subscriptionId")),
        many=True,
    ),
    Block(
        "proximity_placement_groups",
        f"{LAUNCH}.proximityPlacementGroups",
        _NAMED,
        many=True,
    ),
    Block(
        "tag",
        f"{LAUNCH}.tags",
        (text("tag_key", "tagKey"), Attribute("tag_value", "tagValue")),
        many=True,
    ),
)
