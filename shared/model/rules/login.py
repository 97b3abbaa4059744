"""Rules of the login: names and passwords that Azure will not take."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from pydantic import SecretStr

from shared.model.problems import Code, Problem
from shared.model.rules.facts import Facts, conflict, place, required
from shared.model.rules.public_key import wrong_with

LOGIN: Final = "compute.launchSpecification.login"
RESERVED_USER_NAMES: Final = frozenset(
    """
    1 123 a actuser adm admin admin1 admin2 administrator aspnet backup console david guest john
    owner root server sql support support_388945a0 sys test test1 test2 test3 user user1 user2
    user3 user4 user5
    """.split()  # noqa: SIM905 - words read best as words
)
"""Source: Azure docs, compute REST API, OSProfile.adminUsername, disallowed values."""
RESERVED_ON_LINUX: Final = frozenset({"video"})
"""Besides: a group of each distribution. Source: Azure docs, Linux virtual machine FAQ."""
KNOWN_PASSWORDS: Final = frozenset(
    """
    abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1 Password22
    iloveyou!
    """.split()  # noqa: SIM905 - as above
)
"""Source: Azure docs, compute REST API, OSProfile.adminPassword, disallowed values."""
PASSWORD_CHARACTERS: Final = {"Windows": (12, 123), "Linux": (6, 72)}
"""Least and most. Source: Azure docs, virtual machine FAQ (Windows); OSProfile (Linux)."""
PASSWORD_CLASSES: Final = 3
"""Of lower case, upper case, digit, special. Source: as above."""
USER_NAME_CHARACTERS: Final = {"Windows": 20, "Linux": 64}
_CLASSES: Final = ("[a-z]", "[A-Z]", r"\d", r"[\W_]")
_NAME_FORBIDS = re.compile(r"[\\/\"\[\]:|<>+=;,?*@\s\x00-\x1f]")
"""Source: Azure docs, virtual machine FAQ, user name requirements."""
_LINUX_FORBIDS = re.compile(r"[\\/\"\[\]:|<>+=;,?*@#()!\s\x00-\x1f]|^\$")
"""Source: azure-cli, the rules by which it names a Linux administrator; capital letters, which it
refuses besides, are Azure's to judge."""


def user_name(facts: Facts) -> Iterator[Problem]:
    """Names that Azure reserves or cannot make."""
    name, os = facts.at(f"{LOGIN}.userName"), facts.at("compute.os")
    if not name:
        return
    at = place(f"{LOGIN}.userName")
    reserved = RESERVED_USER_NAMES | (RESERVED_ON_LINUX if os == "Linux" else frozenset())
    if name.lower() in reserved:
        yield Problem(at, Code.VALUE, "is a name that Azure reserves")
    forbidden = _LINUX_FORBIDS if os == "Linux" else _NAME_FORBIDS
    if forbidden.search(name) or name.startswith("-"):
        yield Problem(at, Code.VALUE, "has characters that Azure does not take in a user name")
    if name.endswith(".") and os == "Windows":
        yield Problem(at, Code.VALUE, "must not end with a period")
    if os and len(name) > USER_NAME_CHARACTERS[os]:
        message = f"must have at most {USER_NAME_CHARACTERS[os]} characters on {os}"
        yield Problem(at, Code.RANGE, message)


def credentials(facts: Facts) -> Iterator[Problem]:
    """Linux takes a key or a password, Windows a password only."""
    login, os = facts.at(LOGIN), facts.at("compute.os")
    if not login or not os:
        return
    key = login.get("sshPublicKey")
    password = login.get("password") or login.get("passwordRef")
    if os == "Windows" and not password:
        yield required(f"{LOGIN}.password", "is required on Windows")
    if os == "Windows" and key:
        yield conflict(f"{LOGIN}.sshPublicKey", "is for Linux only")
    if os == "Linux" and not key and not password:
        yield required(f"{LOGIN}.sshPublicKey", "or password is required on Linux")
    if key is not None and (wrong := wrong_with(key)):
        yield Problem(place(f"{LOGIN}.sshPublicKey"), Code.VALUE, wrong)


def password(facts: Facts) -> Iterator[Problem]:
    """Long and varied enough for Azure; the message never repeats it."""
    given, os = facts.at(f"{LOGIN}.password"), facts.at("compute.os")
    if given is None or not os:
        return
    text = given.get_secret_value() if isinstance(given, SecretStr) else str(given)
    at = place(f"{LOGIN}.password")
    least, most = PASSWORD_CHARACTERS[os]
    if not least <= len(text) <= most:
        yield Problem(at, Code.RANGE, f"must have {least} to {most} characters on {os}")
    if sum(bool(re.search(one, text)) for one in _CLASSES) < PASSWORD_CLASSES:
        message = "must have three of: lower case, upper case, digit, special character"
        yield Problem(at, Code.VALUE, message)
    if any(unicodedata.category(one) == "Cc" for one in text):
        yield Problem(at, Code.VALUE, "must not have control characters")
    if text in KNOWN_PASSWORDS:
        yield Problem(at, Code.VALUE, "is a password that Azure refuses for being well known")
