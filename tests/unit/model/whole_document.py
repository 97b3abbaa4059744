"""A document in which every field is set."""

import base64
from typing import Any

from tests.unit.model.documents import LS, node, put

RULE = (
    "/subscriptions/0a1b2c3d-0000-4000-8000-00000000cafe/resourcegroups/fleet"
    "/providers/microsoft.insights/dataCollectionRules/rule"
)
WHOLE: dict[str, Any] = {
    "description": "all there is",
    "strategy": {
        "fallbackToOd": False,
        "preferredLifecycle": "od",
        "drainingTimeout": 300,
        "revertToSpot": {"performAt": "timeWindow"},
        "optimizationWindows": ["Sun:23:00-Mon:02:30"],
        "odWindows": ["Mon:09:00-Fri:20:00"],
        "signals": [{"type": "vmReadyToShutdown", "timeout": 60}],
        "availabilityVsCost": 0,
        "capacityReservation": {
            "shouldUtilize": True,
            "utilizationStrategy": "utilizeOverSpot",
            "capacityReservationGroups": [
                {"name": "crg", "resourceGroupName": "fleet", "shouldPrioritize": True}
            ],
        },
        "vmAdmins": [],
        "interruptionToleration": {
            "isEnabled": True,
            "threshold": 3,
            "evaluationPeriod": 1440,
            "cooldown": 10080,
        },
        "shouldUtilizeCommitments": False,
    },
    "scheduling": {
        "tasks": [{"isEnabled": True, "type": "recycle", "cronExpression": "*/5 0-6,22 1 1-12/2 *"}]
    },
    "health": {
        "healthCheckTypes": ["vmState", "applicationGateway", "vmAgent"],
        "gracePeriod": 0,
        "autoHealing": True,
        "unhealthyDuration": 120,
    },
    "integrations": {"insights": {"isEnabled": True, "dataCollectionRuleId": RULE}},
}
LAUNCH: dict[str, Any] = {
    "purchasePlan": {"publisher": "a", "product": "B", "name": "c"},
    "vmNamePrefix": "web",
    "customData": base64.b64encode(b"x" * 65_535).decode(),
    "userData": "aGVsbG8=",
    "loadBalancersConfig": {
        "loadBalancers": [
            {
                "type": "applicationGateway",
                "resourceGroupName": "fleet",
                "name": "gateway",
                "backendPoolNames": ["a", "b"],
                "loadBalancerSku": "WAF_v2",
            }
        ]
    },
    "tags": [{"tagKey": f"k{number}", "tagValue": "v"} for number in range(44)],
    "managedServiceIdentities": [
        {
            "name": "id",
            "resourceGroupName": "fleet",
            "subscriptionId": "0a1b2c3d-0000-4000-8000-00000000cafe",
        }
    ],
    "extensions": [
        {
            "name": "script",
            "type": "CustomScript",
            "publisher": "Microsoft.Azure.Extensions",
            "apiVersion": "2.1",
            "minorVersionAutoUpgrade": True,
            "publicSettings": {"nested": {"list": [1, None]}},
            "enableAutomaticUpgrade": False,
            "protectedSettingsFromKeyVault": {
                "sourceVault": {"name": "vault", "resourceGroupName": "fleet"},
                "secretUrl": "https://vault.vault.azure.net/secrets/a/1",
            },
        }
    ],
    "osDisk": {"type": "Premium_ZRS", "sizeGB": 1023, "caching": "ReadWrite"},
    "dataDisks": [
        {"lun": lun, "sizeGB": 1, "type": "PremiumV2_LRS", "caching": "None"} for lun in range(4)
    ],
    "secrets": [
        {
            "sourceVault": {"name": "vault", "resourceGroupName": "fleet"},
            "vaultCertificates": [{"certificateUrl": "https://vault.vault.azure.net/secrets/a/1"}],
        }
    ],
    "bootDiagnostics": {"isEnabled": True, "type": "managed"},
    "licenseType": "RHEL_BYOS",
    "security": {
        "securityType": "TrustedLaunch",
        "secureBootEnabled": True,
        "vTpmEnabled": True,
        "encryptionAtHost": True,
        "confidentialOsDiskEncryption": False,
    },
    "proximityPlacementGroups": [{"name": "ppg", "resourceGroupName": "fleet"}],
}


def whole() -> dict[str, Any]:
    document = node() | WHOLE
    document["compute"]["launchSpecification"] |= LAUNCH
    put(document, "compute.zones", ["2", "1"])
    put(document, "compute.preferredZone", "1")
    nic = {
        "isPrimary": True,
        "subnetName": "default",
        "assignPublicIp": True,
        "publicIpSku": "Standard",
        "networkSecurityGroup": {"name": "nsg", "resourceGroupName": "fleet"},
        "applicationSecurityGroups": [{"name": "asg", "resourceGroupName": "fleet"}],
        "enableIpForwarding": True,
        "privateIpAddresses": ["10.0.0.4", "fd00::1"],
        "publicIps": [{"name": "ip", "resourceGroupName": "fleet"}],
        "additionalIpConfigurations": [{"name": "six", "privateIpAddressVersion": "IPv6"}],
    }
    return put(document, f"{LS}.network.networkInterfaces", [nic])
