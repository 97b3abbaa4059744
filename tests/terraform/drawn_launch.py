"""Draws what each VM is launched with."""

from typing import Final

from tests.terraform.dice import TRICKY, Dice, Json

SUBSCRIPTION: Final = "0a1b2c3d-0000-4000-8000-00000000cafe"
PASSWORD: Final = "An0ther-of-15.!"  # noqa: S105 - of a node that nobody runs
CONTROLLED: Final = ("UltraSSD_LRS", "PremiumV2_LRS")
GATEWAYS: Final = ("Standard_Small", "Standard_v2", "WAF_Medium", "WAF_v2")
OS_DISKS: Final = (
    *("Standard_LRS", "Premium_LRS", "StandardSSD_LRS"),
    *("StandardSSD_ZRS", "Premium_ZRS"),
)
KEY: Final = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN7rHgfepE0hOZED+DUu0NWHDKxahAEdiacGIbzU5Hxs u@h"


class LaunchDraw(Dice):
    """Draws launch specifications."""

    sku: str = "Standard"
    """Of all public addresses of the node, and so of its load balancers; zones take no other."""

    def launch(self, *, confidential: bool) -> Json:
        name = self.of("web-1", "db2")
        names: Json = self.of({}, {"vmName": name}, {"vmNamePrefix": name})
        of_windows = ("Windows_Server", "Windows_Client")
        licences = of_windows if self.windows else ("RHEL_BYOS", "SLES_BYOS")
        return {
            "image": self.image(),
            "purchasePlan": self.maybe(
                lambda: {one: self.of("a", "B-2") for one in ("publisher", "product", "name")}, 0.2
            ),
            **names,
            "customData": self.maybe(self.base64),
            "userData": self.maybe(self.base64),
            "shutdownScript": self.maybe(self.base64),
            "login": self.login(),
            "network": self.network(),
            "loadBalancersConfig": self.maybe(self.balancers),
            "tags": self.maybe(lambda: self.by_name(self.tag, "tagKey")),
            "managedServiceIdentities": self.maybe(lambda: self.many(self.identity)),
            "extensions": self.maybe(lambda: self.by_name(self.extension, "name")),
            "osDisk": self.maybe(self.os_disk),
            "dataDisks": self.maybe(
                lambda: [self.data_disk(lun) for lun in range(self.dice.randint(0, 4))]
            ),
            "secrets": self.maybe(lambda: self.many(self.vault)),
            "bootDiagnostics": self.maybe(self.diagnostics),
            "licenseType": self.maybe(lambda: self.of(*licences)),
            "security": self.maybe(lambda: self.security(confidential=confidential)),
            "proximityPlacementGroups": self.maybe(lambda: self.many(self.named, 1)),
        }

    def image(self) -> Json:
        words = ("publisher", "offer", "sku", "version")
        gallery = self.named() | {"spotAccountId": self.of(None, "act-0000beef", "act-0000f00d")}
        return self.of(
            {"marketplace": {word: self.of("latest", "Canonical", "22_04-lts") for word in words}},
            {"custom": self.named()},
            {
                "gallery": {
                    "resourceGroupName": gallery["resourceGroupName"],
                    "galleryName": self.of("gallery", "Other.gallery"),
                    "imageName": gallery["name"],
                    "versionName": self.of("latest", "1.2.3"),
                    "spotAccountId": gallery["spotAccountId"],
                }
            },
        )

    def login(self) -> Json:
        user = self.of("mooring", "Ada.L")
        by_key: Json = {"userName": user, "sshPublicKey": self.of(KEY, f"{KEY}2")}
        by_password: Json = {"userName": user, "password": self.of("Str0ng-enough!", PASSWORD)}
        return by_password if self.windows else self.of(by_key, by_password, by_key | by_password)

    def network(self) -> Json:
        count, sku = self.dice.randint(1, 3), self.sku
        primary = self.dice.randrange(count)
        nics = [self.nic(index, sku) | {"isPrimary": index == primary} for index in range(count)]
        vnet = self.of("vnet", "Vnet_2")
        group = {"resourceGroupName": self.group(), "virtualNetworkName": vnet}
        return group | {"networkInterfaces": nics}

    def nic(self, index: int, sku: str) -> Json:
        public = self.maybe_flag()
        private = [f"10.{index}.0.4", f"10.{index}.0.5"]
        group = self.group()
        ips = [{"name": f"ip{index}{one}", "resourceGroupName": group} for one in range(2)]
        more = [
            {"name": f"c{one}", "privateIpAddressVersion": self.of("IPv4", "IPv6")}
            for one in range(self.dice.randint(0, 2))
        ]
        return {
            "subnetName": self.of("default", "back"),
            "assignPublicIp": public,
            "publicIpSku": sku if public or self.flag() else None,
            "networkSecurityGroup": self.maybe(self.named),
            "applicationSecurityGroups": self.maybe(lambda: self.many(self.named)),
            "enableIpForwarding": self.maybe_flag(),
            "privateIpAddresses": self.maybe(lambda: private[: self.dice.randint(0, 2)]),
            "publicIps": self.maybe(lambda: ips[: self.dice.randint(0, 2)]),
            "additionalIpConfigurations": self.maybe(lambda: more),
        }

    def balancers(self) -> Json:
        found = []
        for index in range(self.dice.randint(0, 2)):
            kind = self.of("loadBalancer", "applicationGateway")
            sku = self.sku if kind == "loadBalancer" else self.of(*GATEWAYS)
            one: Json = {"type": kind, "resourceGroupName": self.group(), "name": f"lb{index}"}
            pools = self.some(("a", "b"))
            found.append(one | {"backendPoolNames": pools, "loadBalancerSku": self.of(None, sku)})
        return {"loadBalancers": found}

    def tag(self) -> Json:
        key = self.of("Creator", "ключ", "${k}", 'a "b"', "cost center")
        return {"tagKey": key, "tagValue": self.of(None, "", *TRICKY)}

    def identity(self) -> Json:
        other = SUBSCRIPTION.replace("cafe", "beef")
        return self.named() | {"subscriptionId": self.of(None, SUBSCRIPTION, other)}

    def extension(self) -> Json:
        name = self.of("script", "a-b", "a_b", "Über")
        public = {"commandToExecute": self.of(*TRICKY), "in": "x", 'k "q" ${y}': "z", "ü": "ü"}
        rest: Json = self.of(
            {"protectedSettings": {"script": self.of("c2VjcmV0", "bW9yZQ==")}},
            {
                "protectedSettingsFromKeyVault": {
                    "sourceVault": self.named(),
                    "secretUrl": self.secret_url(),
                }
            },
            {},
        )
        return {
            "name": name,
            "type": self.of("CustomScript", "Other"),
            "publisher": self.of("Microsoft.Azure.Extensions", "Some.Body"),
            "apiVersion": self.of("2.1", "1.10"),
            "minorVersionAutoUpgrade": self.flag(),
            "publicSettings": self.of(None, public, public | {"deep": {"a": [1, None]}, "n": 1}),
            "enableAutomaticUpgrade": self.maybe_flag(),
            **rest,
        }

    def os_disk(self) -> Json:
        caching = self.of(None, "None", "ReadOnly", "ReadWrite")
        kind = self.of(*OS_DISKS)
        return {"type": kind, "sizeGB": self.of(None, 30, 1_023), "caching": caching}

    def data_disk(self, lun: int) -> Json:
        kind = self.of(*OS_DISKS, *CONTROLLED)
        cached = () if kind in CONTROLLED else ("ReadOnly", "ReadWrite")
        caching = self.of(None, "None", *cached)
        return {"sizeGB": self.of(1, 1_023), "lun": lun, "type": kind, "caching": caching}

    def secret_url(self) -> str:
        return f"https://vault.vault.azure.net/secrets/{self.of('a', 'B')}/1"

    def vault(self) -> Json:
        certificate = {
            "certificateUrl": self.secret_url(),
            "certificateStore": self.of("My", "Root") if self.windows else None,
        }
        return {"sourceVault": self.named(), "vaultCertificates": [certificate]}

    def diagnostics(self) -> Json:
        managed: Json = {"isEnabled": self.flag(), "type": "managed"}
        uri = f"https://{self.of('logs', 'more')}.blob.core.windows.net/"
        return self.of(managed, managed | {"type": "unmanaged", "storageUri": uri})

    def security(self, *, confidential: bool) -> Json:
        kinds = (None, "Standard", "TrustedLaunch", *(("ConfidentialVM",) if confidential else ()))
        kind = self.of(*kinds)
        guarded = kind in ("TrustedLaunch", "ConfidentialVM")
        own = kind == "ConfidentialVM"
        sealed = self.maybe_flag() if own else self.of(None, False)
        boots = (None, True) if sealed else (None, True, False) if guarded else (None, False)
        return {
            "securityType": kind,
            "secureBootEnabled": self.of(*boots),
            "vTpmEnabled": self.of(None, True) if own else self.maybe_flag() if guarded else None,
            "encryptionAtHost": self.maybe_flag(),
            "confidentialOsDiskEncryption": sealed,
        }
