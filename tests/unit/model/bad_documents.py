"""Documents that are refused: one change to a valid one, and the field the answer must name."""

import base64
from dataclasses import dataclass
from typing import Any, Final

from tests.unit.model.documents import LS, PUBLIC_KEY, node, put, windows

MISSING: Final = object()
"""Take the field away."""


@dataclass(frozen=True)
class Bad:
    id: str
    path: str
    value: Any
    field: str = ""
    """Field that the answer names, where it is not `path`."""
    code: str = "INVALID_VALUE"
    os: str = "Linux"
    also: tuple[tuple[str, Any], ...] = ()
    """Changes that make the one in question wrong."""

    @property
    def names(self) -> str:
        return f"statefulNode.{self.field or self.path}"

    def document(self) -> dict[str, Any]:
        document = windows() if self.os == "Windows" else node()
        for path, value in (*self.also, (self.path, self.value)):
            if value is not MISSING:
                put(document, path, value)
                continue
            holder: Any = document
            *steps, last = path.split(".")
            for step in steps:
                holder = holder[int(step)] if step.isdigit() else holder[step]
            del holder[last]
        return document


def b64(size: int) -> str:
    return base64.b64encode(b"x" * size).decode()


REQUIRED, UNKNOWN, TYPE = "REQUIRED_FIELD", "UNKNOWN_FIELD", "INVALID_TYPE"
RANGE, CONFLICT = "OUT_OF_RANGE", "CONFLICTING_FIELDS"
NIC, NIC0 = f"{LS}.network.networkInterfaces", f"{LS}.network.networkInterfaces.0"
NIC0_FIELD = f"{LS}.network.networkInterfaces[0]"
SIZES = "compute.vmSizes"
SECOND_NIC = {"isPrimary": False, "subnetName": "default"}
GATEWAY = {
    "type": "applicationGateway",
    "resourceGroupName": "fleet",
    "name": "gateway",
    "backendPoolNames": ["pool"],
}
EXTENSION = {
    "name": "script",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
}
DISK = {"sizeGB": 32, "lun": 0, "type": "Premium_LRS"}
CERTIFICATE = {"certificateUrl": "https://vault.vault.azure.net/secrets/a/1"}
SECRETS = {
    "sourceVault": {"name": "vault", "resourceGroupName": "fleet"},
    "vaultCertificates": [CERTIFICATE],
}
STORED_CERTIFICATE = {**CERTIFICATE, "certificateStore": "My"}
RULE = (
    "/subscriptions/0a1b2c3d-0000-4000-8000-00000000cafe/resourceGroups/fleet"
    "/providers/Microsoft.Insights/dataCollectionRules/rule"
)
TOLERATION = {"isEnabled": True, "threshold": 3, "evaluationPeriod": 30, "cooldown": 120}
TASK = {"isEnabled": True, "type": "pause", "cronExpression": "0 19 * * 5"}

BASICS: Final = (
    Bad("name-missing", "name", MISSING, code=REQUIRED),
    Bad("name-null", "name", None, code=REQUIRED),
    Bad("name-empty", "name", ""),
    Bad("name-blank-around", "name", " web"),
    Bad("name-number", "name", 7, code=TYPE),
    Bad("name-too-long", "name", "x" * 256, code=RANGE),
    Bad("region-missing", "region", MISSING, code=REQUIRED),
    Bad("region-display-name", "region", "East US"),
    Bad("region-list", "region", ["eastus"], code=TYPE),
    Bad("resource-group-missing", "resourceGroupName", MISSING, code=REQUIRED),
    Bad("resource-group-final-period", "resourceGroupName", "fleet."),
    Bad("resource-group-slash", "resourceGroupName", "a/b"),
    Bad("description-number", "description", 1, code=TYPE),
    Bad("unknown-at-top", "colour", "red", code=UNKNOWN),
    Bad("unknown-inside", f"{NIC0}.speed", 1, f"{NIC0_FIELD}.speed", UNKNOWN),
    Bad("internal-name", f"{LS}.login.passwordRef", "x", code=UNKNOWN),
)
STRATEGY: Final = (
    Bad("strategy-missing", "strategy", MISSING, code=REQUIRED),
    Bad("strategy-text", "strategy", "spot", code=TYPE),
    Bad("fallback-missing", "strategy", {"drainingTimeout": 1}, "strategy.fallbackToOd", REQUIRED),
    Bad("fallback-text", "strategy.fallbackToOd", "true", code=TYPE),
    Bad("fallback-number", "strategy.fallbackToOd", 1, code=TYPE),
    Bad("lifecycle-other", "strategy.preferredLifecycle", "SPOT"),
    Bad("draining-zero", "strategy.drainingTimeout", 0, code=RANGE),
    Bad("draining-fraction", "strategy.drainingTimeout", 1.5, code=TYPE),
    Bad("draining-text", "strategy.drainingTimeout", "120", code=TYPE),
    Bad("draining-flag", "strategy.drainingTimeout", True, code=TYPE),
    Bad("revert-text", "strategy.revertToSpot", "never", code=TYPE),
    Bad("revert-other", "strategy.revertToSpot.performAt", "sometimes"),
    Bad(
        "revert-window-without-windows",
        "strategy.revertToSpot.performAt",
        "timeWindow",
        "strategy.optimizationWindows",
        REQUIRED,
    ),
    Bad(
        "window-text-day",
        "strategy.optimizationWindows",
        ["Monday:03:00-Tue:04:00"],
        "strategy.optimizationWindows[0]",
    ),
    Bad(
        "window-hour-24",
        "strategy.odWindows",
        ["Mon:24:00-Tue:04:00"],
        "strategy.odWindows[0]",
    ),
    Bad(
        "window-empty-span", "strategy.odWindows", ["Mon:03:00-Mon:03:00"], "strategy.odWindows[0]"
    ),
    Bad("window-no-list", "strategy.odWindows", "Mon:03:00-Mon:04:00", code=TYPE),
    Bad(
        "signal-other",
        "strategy.signals",
        [{"type": "vmGone", "timeout": 1}],
        "strategy.signals[0].type",
    ),
    Bad(
        "signal-no-type", "strategy.signals", [{"timeout": 1}], "strategy.signals[0].type", REQUIRED
    ),
    Bad(
        "signal-timeout-zero",
        "strategy.signals",
        [{"type": "vmReady", "timeout": 0}],
        "strategy.signals[0].timeout",
        RANGE,
    ),
    Bad(
        "signal-twice",
        "strategy.signals",
        [{"type": "vmReady"}, {"type": "vmReady", "timeout": 5}],
        "strategy.signals[1].type",
        CONFLICT,
    ),
    Bad("availability-101", "strategy.availabilityVsCost", 101, code=RANGE),
    Bad("availability-negative", "strategy.availabilityVsCost", -1, code=RANGE),
    Bad(
        "reservation-strategy-missing",
        "strategy.capacityReservation",
        {"shouldUtilize": True},
        "strategy.capacityReservation.utilizationStrategy",
        REQUIRED,
    ),
    Bad(
        "reservation-strategy-other",
        "strategy.capacityReservation",
        {"shouldUtilize": True, "utilizationStrategy": "utilizeAlways"},
        "strategy.capacityReservation.utilizationStrategy",
    ),
    Bad(
        "reservation-group-unnamed",
        "strategy.capacityReservation",
        {
            "shouldUtilize": True,
            "utilizationStrategy": "utilizeOverOD",
            "capacityReservationGroups": [{"resourceGroupName": "fleet"}],
        },
        "strategy.capacityReservation.capacityReservationGroups[0].name",
        REQUIRED,
    ),
    Bad("vm-admins-number", "strategy.vmAdmins", [1], "strategy.vmAdmins[0]", TYPE),
    Bad("vm-admins-empty-text", "strategy.vmAdmins", [""], "strategy.vmAdmins[0]"),
    Bad(
        "toleration-without-cooldown",
        "strategy.interruptionToleration",
        {name: value for name, value in TOLERATION.items() if name != "cooldown"},
        "strategy.interruptionToleration.cooldown",
        REQUIRED,
    ),
    Bad(
        "toleration-threshold-2",
        "strategy.interruptionToleration",
        TOLERATION | {"threshold": 2},
        "strategy.interruptionToleration.threshold",
        RANGE,
    ),
    Bad(
        "toleration-period-29",
        "strategy.interruptionToleration",
        TOLERATION | {"evaluationPeriod": 29},
        "strategy.interruptionToleration.evaluationPeriod",
        RANGE,
    ),
    Bad(
        "toleration-cooldown-20",
        "strategy.interruptionToleration",
        TOLERATION | {"cooldown": 20},
        "strategy.interruptionToleration.cooldown",
        RANGE,
    ),
)
PERSISTENCE: Final = (
    Bad("persistence-missing", "persistence", MISSING, code=REQUIRED),
    Bad("persist-os-missing", "persistence.shouldPersistOsDisk", MISSING, code=REQUIRED),
    Bad("persist-network-null", "persistence.shouldPersistNetwork", None, code=REQUIRED),
    Bad("os-mode-other", "persistence.osDiskPersistenceMode", "snapshot"),
    Bad("data-mode-case", "persistence.dataDisksPersistenceMode", "onlaunch"),
)
COMPUTE: Final = (
    Bad("compute-missing", "compute", MISSING, code=REQUIRED),
    Bad("os-missing", "compute.os", MISSING, code=REQUIRED),
    Bad("os-case", "compute.os", "linux"),
    Bad("zone-4", "compute.zones", ["1", "4"], "compute.zones[1]"),
    Bad("zone-number", "compute.zones", [1], "compute.zones[0]"),
    Bad("zone-twice", "compute.zones", ["1", "1"], "compute.zones[1]", CONFLICT),
    Bad(
        "preferred-zone-elsewhere",
        "compute.preferredZone",
        "2",
        code=CONFLICT,
        also=(("compute.zones", ["1"]),),
    ),
    Bad("preferred-zone-regional", "compute.preferredZone", "1", code=CONFLICT),
    Bad("sizes-missing", SIZES, MISSING, code=REQUIRED),
    Bad("od-sizes-missing", f"{SIZES}.odSizes", MISSING, code=REQUIRED),
    Bad("od-sizes-empty", f"{SIZES}.odSizes", [], code=REQUIRED),
    Bad("od-size-blank", f"{SIZES}.odSizes", ["standard d2s"], f"{SIZES}.odSizes[0]"),
    Bad("spot-sizes-empty", f"{SIZES}.spotSizes", [], code=REQUIRED),
    Bad(
        "spot-sizes-and-attributes",
        f"{SIZES}.spotSizeAttributes",
        {"minCpu": 2},
        code=CONFLICT,
    ),
    Bad(
        "spot-size-twice",
        f"{SIZES}.spotSizes",
        ["standard_d2s_v5", "Standard_D2s_v5"],
        f"{SIZES}.spotSizes[1]",
        CONFLICT,
    ),
    Bad(
        "preferred-not-spot",
        f"{SIZES}.preferredSpotSizes",
        ["standard_d8s_v5"],
        f"{SIZES}.preferredSpotSizes[0]",
        CONFLICT,
    ),
    Bad(
        "excluded-without-attributes",
        f"{SIZES}.excludedVmSizes",
        ["standard_d8s_v5"],
        code=CONFLICT,
    ),
    Bad(
        "attributes-min-above-max",
        f"{SIZES}.spotSizeAttributes",
        {"minMemory": 16, "maxMemory": 8},
        f"{SIZES}.spotSizeAttributes.minMemory",
        CONFLICT,
        also=((f"{SIZES}.spotSizes", None),),
    ),
    Bad(
        "attributes-alias-negative",
        f"{SIZES}.spotSizeAttributes",
        {"MaxStorage": -1},
        f"{SIZES}.spotSizeAttributes.MaxStorage",
        RANGE,
        also=((f"{SIZES}.spotSizes", None),),
    ),
    Bad("launch-missing", LS, MISSING, code=REQUIRED),
    Bad("launch-empty", LS, {}, code=REQUIRED),
)
IMAGE_AND_NAME: Final = (
    Bad("image-missing", f"{LS}.image", MISSING, code=REQUIRED),
    Bad("image-empty", f"{LS}.image", {}, code=REQUIRED),
    Bad(
        "image-two",
        f"{LS}.image.custom",
        {"resourceGroupName": "fleet", "name": "a"},
        f"{LS}.image",
        CONFLICT,
    ),
    Bad("image-no-publisher", f"{LS}.image.marketplace.publisher", MISSING, code=REQUIRED),
    Bad(
        "image-custom-no-group",
        f"{LS}.image",
        {"custom": {"name": "a"}},
        f"{LS}.image.custom.resourceGroupName",
        REQUIRED,
    ),
    Bad(
        "gallery-version-two-parts",
        f"{LS}.image",
        {
            "gallery": {
                "resourceGroupName": "g",
                "galleryName": "g",
                "imageName": "i",
                "versionName": "1.2",
            }
        },
        f"{LS}.image.gallery.versionName",
    ),
    Bad(
        "plan-extra-key",
        f"{LS}.purchasePlan",
        {"publisher": "a", "product": "b", "name": "c", "promotion": "d"},
        f"{LS}.purchasePlan.promotion",
        UNKNOWN,
    ),
    Bad(
        "plan-empty-name",
        f"{LS}.purchasePlan",
        {"publisher": "a", "product": "b", "name": ""},
        f"{LS}.purchasePlan.name",
    ),
    Bad("vm-name-65", f"{LS}.vmName", "x" * 65, code=RANGE),
    Bad("vm-name-underscore", f"{LS}.vmName", "web_1"),
    Bad("vm-name-blank", f"{LS}.vmName", "web 1"),
    Bad("vm-name-hyphen-last", f"{LS}.vmName", "web-"),
    Bad("vm-name-period-windows", f"{LS}.vmName", "web.1", os="Windows"),
    Bad("prefix-26", f"{LS}.vmNamePrefix", "x" * 26, code=RANGE),
    Bad(
        "prefix-and-name",
        f"{LS}.vmNamePrefix",
        "web",
        code=CONFLICT,
        also=((f"{LS}.vmName", "web-1"),),
    ),
)
SCRIPTS_AND_LOGIN: Final = (
    Bad("custom-data-plain", f"{LS}.customData", "#!/bin/sh"),
    Bad("custom-data-wrapped", f"{LS}.customData", "aGVs\nbG8="),
    Bad("custom-data-large", f"{LS}.customData", b64(65_536)),
    Bad("user-data-large", f"{LS}.userData", b64(65_537)),
    Bad("shutdown-script-plain", f"{LS}.shutdownScript", "bye!"),
    Bad(
        "login-no-name",
        f"{LS}.login",
        {"sshPublicKey": PUBLIC_KEY},
        f"{LS}.login.userName",
        REQUIRED,
    ),
    Bad("login-reserved", f"{LS}.login.userName", "Administrator"),
    Bad("login-root", f"{LS}.login.userName", "root"),
    Bad("login-characters", f"{LS}.login.userName", "a@b"),
    Bad("login-long-windows", f"{LS}.login.userName", "x" * 21, code=RANGE, os="Windows"),
    Bad("login-period-windows", f"{LS}.login.userName", "ann.", os="Windows"),
    Bad(
        "login-no-credential",
        f"{LS}.login",
        {"userName": "ann"},
        f"{LS}.login.sshPublicKey",
        REQUIRED,
    ),
    Bad("login-key-nonsense", f"{LS}.login.sshPublicKey", "AAAA"),
    Bad("login-key-windows", f"{LS}.login.sshPublicKey", PUBLIC_KEY, code=CONFLICT, os="Windows"),
    Bad("password-missing-windows", f"{LS}.login.password", MISSING, code=REQUIRED, os="Windows"),
    Bad("password-short-windows", f"{LS}.login.password", "Sh0rt-one!", code=RANGE, os="Windows"),
    Bad("password-long-linux", f"{LS}.login.password", "Aa1!" * 19, code=RANGE),
    Bad("password-one-class", f"{LS}.login.password", "abcdefghijklmnop", os="Windows"),
    Bad("password-known", f"{LS}.login.password", "P@ssword123"),
    Bad("password-number", f"{LS}.login.password", 123456789012, code=TYPE),
)
NETWORK: Final = (
    Bad("network-missing", f"{LS}.network", MISSING, code=REQUIRED),
    Bad("vnet-missing", f"{LS}.network.virtualNetworkName", MISSING, code=REQUIRED),
    Bad("nics-empty", NIC, [], code=REQUIRED),
    Bad("nics-object", NIC, {}, code=TYPE),
    Bad("nic-text", NIC, ["default"], f"{NIC}[0]", TYPE),
    Bad("nic-no-subnet", f"{NIC0}.subnetName", MISSING, f"{NIC0_FIELD}.subnetName", REQUIRED),
    Bad("nic-none-primary", f"{NIC0}.isPrimary", False, NIC, CONFLICT),
    Bad("nic-two-primary", NIC, [SECOND_NIC | {"isPrimary": True}] * 2, code=CONFLICT),
    Bad(
        "public-ip-without-sku",
        f"{NIC0}.assignPublicIp",
        True,
        f"{NIC0_FIELD}.publicIpSku",
        REQUIRED,
    ),
    Bad("public-ip-sku-other", f"{NIC0}.publicIpSku", "Premium", f"{NIC0_FIELD}.publicIpSku"),
    Bad(
        "public-ip-skus-differ",
        NIC,
        [
            {"isPrimary": True, "subnetName": "a", "publicIpSku": "Standard"},
            {"isPrimary": False, "subnetName": "b", "publicIpSku": "BASIC"},
        ],
        f"{NIC}[1].publicIpSku",
        CONFLICT,
    ),
    Bad(
        "nsg-no-group",
        f"{NIC0}.networkSecurityGroup",
        {"name": "n"},
        f"{NIC0_FIELD}.networkSecurityGroup.resourceGroupName",
        REQUIRED,
    ),
    Bad(
        "private-ip-nonsense",
        f"{NIC0}.privateIpAddresses",
        ["10.0.0.256"],
        f"{NIC0_FIELD}.privateIpAddresses[0]",
    ),
    Bad(
        "private-ip-twice",
        f"{NIC0}.privateIpAddresses",
        ["10.0.0.4", "10.0.0.4"],
        f"{NIC0_FIELD}.privateIpAddresses[1]",
        CONFLICT,
    ),
    Bad(
        "public-ip-twice",
        f"{NIC0}.publicIps",
        [{"name": "a", "resourceGroupName": "g"}] * 2,
        f"{NIC0_FIELD}.publicIps[1]",
        CONFLICT,
    ),
    Bad(
        "ip-configuration-twice",
        f"{NIC0}.additionalIpConfigurations",
        [{"name": "a"}, {"name": "a"}],
        f"{NIC0_FIELD}.additionalIpConfigurations[1].name",
        CONFLICT,
    ),
    Bad(
        "ip-version-alias",
        f"{NIC0}.additionalIpConfigurations",
        [{"name": "a", "privateIPAddressVersion": "IPv5"}],
        f"{NIC0_FIELD}.additionalIpConfigurations[0].privateIPAddressVersion",
    ),
    Bad(
        "balancer-type",
        f"{LS}.loadBalancersConfig.loadBalancers",
        [GATEWAY | {"type": "nlb"}],
        f"{LS}.loadBalancersConfig.loadBalancers[0].type",
    ),
    Bad(
        "balancer-sku",
        f"{LS}.loadBalancersConfig.loadBalancers",
        [GATEWAY | {"loadBalancerSku": "Basic"}],
        f"{LS}.loadBalancersConfig.loadBalancers[0].loadBalancerSku",
    ),
    Bad(
        "balancer-no-pool",
        f"{LS}.loadBalancersConfig.loadBalancers",
        [GATEWAY | {"backendPoolNames": []}],
        f"{LS}.loadBalancersConfig.loadBalancers[0].backendPoolNames",
        REQUIRED,
    ),
    Bad(
        "balancer-under-compute",
        "compute.loadBalancersConfig",
        {"loadBalancers": [GATEWAY | {"name": 1}]},
        "compute.loadBalancersConfig.loadBalancers[0].name",
        TYPE,
    ),
)
REST: Final = (
    Bad("tags-45", f"{LS}.tags", [{"tagKey": f"k{n}"} for n in range(45)], code=RANGE),
    Bad("tag-no-key", f"{LS}.tags", [{"tagValue": "v"}], f"{LS}.tags[0].tagKey", REQUIRED),
    Bad("tag-key-513", f"{LS}.tags", [{"tagKey": "k" * 513}], f"{LS}.tags[0].tagKey", RANGE),
    Bad(
        "tag-value-513",
        f"{LS}.tags",
        [{"tagKey": "k", "tagValue": "v" * 513}],
        f"{LS}.tags[0].tagValue",
        RANGE,
    ),
    Bad(
        "tag-key-twice",
        f"{LS}.tags",
        [{"tagKey": "Env"}, {"tagKey": "env"}],
        f"{LS}.tags[1].tagKey",
        CONFLICT,
    ),
    Bad("tag-key-characters", f"{LS}.tags", [{"tagKey": "a/b"}], f"{LS}.tags[0].tagKey"),
    Bad("tag-key-ours", f"{LS}.tags", [{"tagKey": "mooring-node"}], f"{LS}.tags[0].tagKey"),
    Bad(
        "identity-no-group",
        f"{LS}.managedServiceIdentities",
        [{"name": "i"}],
        f"{LS}.managedServiceIdentities[0].resourceGroupName",
        REQUIRED,
    ),
    Bad(
        "identity-subscription",
        f"{LS}.managedServiceIdentities",
        [{"name": "i", "resourceGroupName": "g", "subscriptionId": "mine"}],
        f"{LS}.managedServiceIdentities[0].subscriptionId",
    ),
    Bad(
        "extension-no-version",
        f"{LS}.extensions",
        [EXTENSION | {"apiVersion": None}],
        f"{LS}.extensions[0].apiVersion",
        REQUIRED,
    ),
    Bad(
        "extension-twice",
        f"{LS}.extensions",
        [EXTENSION, EXTENSION],
        f"{LS}.extensions[1].name",
        CONFLICT,
    ),
    Bad(
        "extension-settings-text",
        f"{LS}.extensions",
        [EXTENSION | {"publicSettings": "{}"}],
        f"{LS}.extensions[0].publicSettings",
        TYPE,
    ),
    Bad(
        "extension-protected-text",
        f"{LS}.extensions",
        [EXTENSION | {"protectedSettings": "x"}],
        f"{LS}.extensions[0].protectedSettings",
        TYPE,
    ),
    Bad(
        "extension-two-secrets",
        f"{LS}.extensions",
        [
            EXTENSION
            | {
                "protectedSettings": {"a": 1},
                "protectedSettingsFromKeyVault": {
                    "sourceVault": "v",
                    "secretUrl": "https://v.vault.azure.net/secrets/a",
                },
            }
        ],
        f"{LS}.extensions[0].protectedSettingsFromKeyVault",
        CONFLICT,
    ),
    Bad("os-disk-no-type", f"{LS}.osDisk", {"sizeGB": 30}, f"{LS}.osDisk.type", REQUIRED),
    Bad("os-disk-ultra", f"{LS}.osDisk", {"type": "UltraSSD_LRS"}, f"{LS}.osDisk.type"),
    Bad(
        "os-disk-1024",
        f"{LS}.osDisk",
        {"type": "Premium_LRS", "sizeGB": 1024},
        f"{LS}.osDisk.sizeGB",
        RANGE,
    ),
    Bad(
        "os-disk-zero",
        f"{LS}.osDisk",
        {"type": "Premium_LRS", "sizeGB": 0},
        f"{LS}.osDisk.sizeGB",
        RANGE,
    ),
    Bad(
        "os-disk-caching",
        f"{LS}.osDisk",
        {"type": "Premium_LRS", "caching": "Write"},
        f"{LS}.osDisk.caching",
    ),
    Bad("data-disks-5", f"{LS}.dataDisks", [DISK | {"lun": lun} for lun in range(5)], code=RANGE),
    Bad(
        "data-disk-no-size",
        f"{LS}.dataDisks",
        [{"lun": 0, "type": "Premium_LRS"}],
        f"{LS}.dataDisks[0].sizeGB",
        REQUIRED,
    ),
    Bad("data-disk-lun-twice", f"{LS}.dataDisks", [DISK, DISK], f"{LS}.dataDisks[1].lun", CONFLICT),
    Bad(
        "data-disk-lun-64", f"{LS}.dataDisks", [DISK | {"lun": 64}], f"{LS}.dataDisks[0].lun", RANGE
    ),
    Bad(
        "data-disk-ultra-cached",
        f"{LS}.dataDisks",
        [DISK | {"type": "UltraSSD_LRS", "caching": "ReadOnly"}],
        f"{LS}.dataDisks[0].caching",
        CONFLICT,
    ),
    Bad(
        "secret-store-linux",
        f"{LS}.secrets",
        [SECRETS | {"vaultCertificates": [STORED_CERTIFICATE]}],
        f"{LS}.secrets[0].vaultCertificates[0].certificateStore",
        CONFLICT,
    ),
    Bad(
        "secret-no-store-windows",
        f"{LS}.secrets",
        [SECRETS],
        f"{LS}.secrets[0].vaultCertificates[0].certificateStore",
        REQUIRED,
        "Windows",
    ),
    Bad(
        "secret-http",
        f"{LS}.secrets",
        [SECRETS | {"vaultCertificates": [{"certificateUrl": "http://v.net/a"}]}],
        f"{LS}.secrets[0].vaultCertificates[0].certificateUrl",
    ),
    Bad(
        "secret-no-certificate",
        f"{LS}.secrets",
        [SECRETS | {"vaultCertificates": []}],
        f"{LS}.secrets[0].vaultCertificates",
        REQUIRED,
    ),
    Bad(
        "diagnostics-unmanaged",
        f"{LS}.bootDiagnostics",
        {"isEnabled": True, "type": "unmanaged"},
        f"{LS}.bootDiagnostics.storageUri",
        REQUIRED,
    ),
    Bad(
        "diagnostics-managed",
        f"{LS}.bootDiagnostics",
        {"isEnabled": True, "type": "managed", "storageUrl": "https://x.blob.core.windows.net/"},
        f"{LS}.bootDiagnostics.storageUrl",
        CONFLICT,
    ),
    Bad(
        "diagnostics-two-addresses",
        f"{LS}.bootDiagnostics",
        {
            "isEnabled": True,
            "type": "unmanaged",
            "storageUri": "https://a.blob.core.windows.net/",
            "storageUrl": "https://b.blob.core.windows.net/",
        },
        f"{LS}.bootDiagnostics.storageUrl",
        CONFLICT,
    ),
    Bad("licence-of-the-other-os", f"{LS}.licenseType", "Windows_Server", code=CONFLICT),
    Bad("licence-nonsense", f"{LS}.licenseType", "SUSE"),
    Bad("security-type", f"{LS}.security.securityType", "Trusted"),
    Bad(
        "secure-boot-standard",
        f"{LS}.security",
        {"securityType": "Standard", "secureBootEnabled": True},
        f"{LS}.security.secureBootEnabled",
        CONFLICT,
    ),
    Bad("vtpm-without-type", f"{LS}.security.vTpmEnabled", True, code=CONFLICT),
    Bad(
        "vtpm-off-confidential",
        f"{LS}.security",
        {"securityType": "ConfidentialVM", "vTpmEnabled": False},
        f"{LS}.security.vTpmEnabled",
        CONFLICT,
        also=((SIZES, {"odSizes": ["standard_dc2as_v5"], "spotSizes": ["standard_ec2ads_v5"]}),),
    ),
    Bad(
        "confidential-disk-trusted",
        f"{LS}.security",
        {"securityType": "TrustedLaunch", "confidentialOsDiskEncryption": True},
        f"{LS}.security.confidentialOsDiskEncryption",
        CONFLICT,
    ),
    Bad(
        "confidential-size",
        f"{LS}.security.securityType",
        "ConfidentialVM",
        f"{SIZES}.spotSizes[0]",
        CONFLICT,
        also=((f"{SIZES}.odSizes", ["standard_dc2as_v5"]),),
    ),
    Bad(
        "placement-group-no-name",
        f"{LS}.proximityPlacementGroups",
        [{"resourceGroupName": "g"}],
        f"{LS}.proximityPlacementGroups[0].name",
        REQUIRED,
    ),
    Bad("task-type", "scheduling.tasks", [TASK | {"type": "stop"}], "scheduling.tasks[0].type"),
    Bad(
        "task-six-fields",
        "scheduling.tasks",
        [TASK | {"cronExpression": "0 0 19 * * 5"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-minute-60",
        "scheduling.tasks",
        [TASK | {"cronExpression": "60 1 * * *"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-weekday-7",
        "scheduling.tasks",
        [TASK | {"cronExpression": "0 1 * * 7"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-step-0",
        "scheduling.tasks",
        [TASK | {"cronExpression": "*/0 1 * * *"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-names",
        "scheduling.tasks",
        [TASK | {"cronExpression": "0 1 * JAN MON"}],
        "scheduling.tasks[0].cronExpression",
    ),
    Bad(
        "task-no-switch",
        "scheduling.tasks",
        [TASK | {"isEnabled": None}],
        "scheduling.tasks[0].isEnabled",
        REQUIRED,
    ),
    Bad("health-check-other", "health.healthCheckTypes", ["ping"], "health.healthCheckTypes[0]"),
    Bad(
        "healing-without-check",
        "health",
        {"autoHealing": True},
        "health.healthCheckTypes",
        REQUIRED,
    ),
    Bad(
        "gateway-check-without-gateway",
        "health.healthCheckTypes",
        ["applicationGateway"],
        "health.healthCheckTypes[0]",
        CONFLICT,
    ),
    Bad("grace-negative", "health.gracePeriod", -1, code=RANGE),
    Bad("unhealthy-119", "health.unhealthyDuration", 119, code=RANGE),
    Bad(
        "insights-rule",
        "integrations.insights",
        {"isEnabled": True, "dataCollectionRuleId": "rule"},
        "integrations.insights.dataCollectionRuleId",
    ),
    Bad(
        "insights-other-type",
        "integrations.insights",
        {
            "isEnabled": True,
            "dataCollectionRuleId": RULE.replace("dataCollectionRules", "components"),
        },
        "integrations.insights.dataCollectionRuleId",
    ),
)
TABLE: Final = (
    *BASICS,
    *STRATEGY,
    *PERSISTENCE,
    *COMPUTE,
    *IMAGE_AND_NAME,
    *SCRIPTS_AND_LOGIN,
    *NETWORK,
    *REST,
)
