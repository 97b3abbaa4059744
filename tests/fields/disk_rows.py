"""Disks and security."""

from tests.fields.places import STORAGE, within
from tests.fields.row import ABSENT, Json, Row, in_vm, on_disk
from tests.unit.model.documents import LS

OS_DISK, DATA = f"{STORAGE}/osDisk", f"{STORAGE}/dataDisks"
DISK: Json = {"lun": 0, "sizeGB": 32, "type": "Premium_LRS"}
TRUSTED: Json = {"securityType": "TrustedLaunch"}
CONFIDENTIAL_SIZES: Json = {"odSizes": ["standard_dc2as_v5"], "spotSizes": ["standard_ec2as_v5"]}

DISKS: tuple[Row, ...] = (
    in_vm(
        f"{LS}.osDisk.type",
        f"{OS_DISK}/managedDisk/storageAccountType",
        ("Premium_LRS", "StandardSSD_ZRS"),
    ),
    in_vm(
        f"{LS}.osDisk.sizeGB",
        f"{OS_DISK}/diskSizeGB",
        (64, 128),
        given=within("osDisk", {"type": "Premium_LRS"}),
    ),
    in_vm(
        f"{LS}.osDisk.caching",
        f"{OS_DISK}/caching",
        ("None", "ReadOnly"),
        given=within("osDisk", {"type": "Premium_LRS"}),
    ),
    on_disk(
        f"{LS}.osDisk.caching",
        f"{OS_DISK}/caching",
        ("None", "ReadOnly"),
        given=within("osDisk", {"type": "Premium_LRS"}),
    ),
    in_vm(
        f"{LS}.dataDisks[].sizeGB",
        f"{DATA}/0/diskSizeGB",
        (8, 16),
        given=within("dataDisks", [DISK]),
    ),
    in_vm(f"{LS}.dataDisks[].lun", f"{DATA}/0/lun", (3, 7), given=within("dataDisks", [DISK])),
    in_vm(
        f"{LS}.dataDisks[].type",
        f"{DATA}/0/managedDisk/storageAccountType",
        ("Premium_LRS", "PremiumV2_LRS"),
        given=within("dataDisks", [DISK]),
    ),
    in_vm(
        f"{LS}.dataDisks[].type",
        "properties/additionalCapabilities/ultraSSDEnabled",
        ("UltraSSD_LRS", "Premium_LRS"),
        (True, ABSENT),
        given=within("dataDisks", [DISK]),
    ),
    in_vm(
        f"{LS}.dataDisks[].caching",
        f"{DATA}/0/caching",
        ("None", "ReadOnly"),
        given=within("dataDisks", [DISK]),
    ),
)
SECURITY: tuple[Row, ...] = (
    in_vm(
        f"{LS}.security.securityType",
        "properties/securityProfile/securityType",
        ("TrustedLaunch", "Standard"),
        ("TrustedLaunch", ABSENT),
    ),
    *(
        in_vm(
            f"{LS}.security.{name}",
            f"properties/securityProfile/uefiSettings/{name}",
            (True, ABSENT),
            (True, False),
            given=within("security", TRUSTED),
        )
        for name in ("secureBootEnabled", "vTpmEnabled")
    ),
    in_vm(
        f"{LS}.security.encryptionAtHost",
        "properties/securityProfile/encryptionAtHost",
        (True, False),
        (True, ABSENT),
    ),
    on_disk(
        f"{LS}.security.encryptionAtHost",
        "properties/securityProfile/encryptionAtHost",
        (True, ABSENT),
    ),
    in_vm(
        f"{LS}.security.confidentialOsDiskEncryption",
        f"{OS_DISK}/managedDisk/securityProfile/securityEncryptionType",
        (True, ABSENT),
        ("DiskWithVMGuestState", "VMGuestStateOnly"),
        given=within("security", {"securityType": "ConfidentialVM"})
        | {"compute.vmSizes": CONFIDENTIAL_SIZES},
    ),
)
