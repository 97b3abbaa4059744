"""`osProfile`: what a generalized image is told at its first boot.

Source: recorded replies; Azure docs, virtual-machines faq (names, passwords) and custom-data.
"""

import base64
import binascii
import re

from local.arm.vm import errors
from local.arm.wire import Json

CUSTOM_DATA_LIMIT_BYTES = 65_535
LINUX_NAME_LIMIT = 64
WINDOWS_NAME_LIMIT = 15
PASSWORD_CLASSES = (r"[A-Z]", r"[a-z]", r"[0-9]", r"[^A-Za-z0-9]")
PASSWORD_CLASSES_NEEDED = 3
BAD_NAME = re.compile(r"[`~!@#$%^&*()=+_\[\]{}\\|;:.'\",<>/?]")
PUBLIC_KEY = re.compile(r"ssh-(rsa|ed25519) [A-Za-z0-9+/]+={0,2}( .*)?")
"""Azure takes RSA and Ed25519 alone. Source: Azure docs, mac-create-ssh-keys."""
KNOWN_PASSWORDS = frozenset(
    (
        *("abc@123", "P@$$w0rd", "P@ssw0rd", "P@ssword123", "Pa$$word", "pass@word1", "Password!"),
        *("Password1", "Password22", "iloveyou!"),
    )
)
FORBIDDEN_USERS = frozenset(
    (
        *("1", "123", "a", "actuser", "adm", "admin", "admin1", "admin2", "administrator"),
        *("aspnet", "backup", "console", "david", "guest", "john", "owner", "root", "server"),
        *("sql", "support", "support_388945a0", "sys", "test", "test1", "test2", "test3"),
        *("user", "user1", "user2", "user3", "user4", "user5", "video"),
    )
)


def check(profile: Json, os_type: str, vm_name: str) -> None:
    """Raise Azure's refusal of an osProfile for a new VM."""
    windows = os_type.lower() == "windows"
    user = profile.get("adminUsername")
    if not user:
        raise errors.missing("adminUsername")
    if user.lower() in FORBIDDEN_USERS:
        raise errors.invalid(
            "adminUsername",
            "The Admin Username specified is not allowed. For more information about disallowed "
            "usernames, see https://aka.ms/vmosprofile",
        )
    _check_name(profile.get("computerName") or vm_name, windows=windows)
    _check_password(profile, windows=windows)
    if profile.get("customData"):
        check_base64(profile["customData"], "customData", "Custom data in OSProfile")


def check_base64(text: str, parameter: str, called: str) -> None:
    """Raise unless the text is base64 of at most 65,535 bytes."""
    try:
        size_bytes = len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        size_bytes = CUSTOM_DATA_LIMIT_BYTES + 1
    if size_bytes > CUSTOM_DATA_LIMIT_BYTES:
        raise errors.invalid(
            parameter,
            f"{called} must be in Base64 encoding and with a maximum length of 87380 characters.",
        )


def _check_name(name: str, *, windows: bool) -> None:
    if windows and (len(name) > WINDOWS_NAME_LIMIT or name.isdigit() or BAD_NAME.search(name)):
        raise errors.invalid(
            "computerName",
            "Windows computer name cannot be more than 15 characters long, be entirely numeric, "
            "or contain the following characters: ` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : "
            ". ' \" , < > / ?.",
        )
    if not windows and (len(name) > LINUX_NAME_LIMIT or BAD_NAME.search(name.replace(".", ""))):
        raise errors.invalid(
            "computerName",
            "Linux host name cannot exceed 64 characters in length or contain the following "
            "characters: ` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : ' \" , < > / ?.",
        )


def _check_password(profile: Json, *, windows: bool) -> None:
    password = profile.get("adminPassword")
    linux = profile.get("linuxConfiguration") or {}
    keys = (linux.get("ssh") or {}).get("publicKeys") or []
    for key in keys:
        if not PUBLIC_KEY.fullmatch(str(key.get("keyData") or "").strip()):
            raise errors.invalid(
                "linuxConfiguration.ssh.publicKeys.keyData",
                "The value of parameter linuxConfiguration.ssh.publicKeys.keyData is invalid.",
            )
    if not password:
        if not windows and keys:
            return
        raise errors.missing("adminPassword")
    if password in KNOWN_PASSWORDS:
        raise errors.invalid("adminPassword", "The supplied password is not allowed.")
    least, most = (8, 123) if windows else (6, 72)
    classes = sum(bool(re.search(one, password)) for one in PASSWORD_CLASSES)
    if not least <= len(password) <= most or classes < PASSWORD_CLASSES_NEEDED:
        raise errors.invalid(
            "adminPassword",
            f"The supplied password must be between {least}-{most} characters long and must "
            "satisfy at least 3 of password complexity requirements from the following:\r\n1) "
            "Contains an uppercase character\r\n2) Contains a lowercase character\r\n3) Contains "
            "a numeric digit\r\n4) Contains a special character\r\n5) Control characters are not "
            "allowed",
        )


def render(profile: Json, os_type: str, vm_name: str) -> Json:
    """Return the profile as GET tells it: without password and customData."""
    shown: Json = {
        "computerName": profile.get("computerName") or vm_name,
        "adminUsername": profile["adminUsername"],
    }
    if os_type.lower() == "windows":
        shown["windowsConfiguration"] = {
            "provisionVMAgent": True,
            "enableAutomaticUpdates": True,
            "patchSettings": {"patchMode": "AutomaticByOS", "assessmentMode": "ImageDefault"},
            **(profile.get("windowsConfiguration") or {}),
        }
    else:
        shown["linuxConfiguration"] = {
            "disablePasswordAuthentication": False,
            "provisionVMAgent": True,
            "patchSettings": {"patchMode": "ImageDefault", "assessmentMode": "ImageDefault"},
            **(profile.get("linuxConfiguration") or {}),
        }
    shown["secrets"] = profile.get("secrets") or []
    shown["allowExtensionOperations"] = profile.get("allowExtensionOperations", True)
    shown["requireGuestProvisionSignal"] = profile.get("requireGuestProvisionSignal", True)
    return shown


def differs(known: Json, wanted: Json) -> bool:
    """Tell whether a later PUT or PATCH wants what the first boot has settled otherwise."""
    for name in ("computerName", "adminUsername"):
        if wanted.get(name) is not None and wanted[name] != known.get(name):
            return True
    return bool(wanted.get("adminPassword") or wanted.get("customData"))
