"""Logins that Azure would not take, refused before it is asked."""

from typing import Any

import pytest

from shared.model.parse import parse_create
from shared.model.problems import Rejected
from shared.model.rules.login import KNOWN_PASSWORDS, RESERVED_USER_NAMES
from tests.unit.model.documents import LS, PASSWORD, body, node, put, windows
from tests.unit.rules.keys import ED25519, line, rsa

LOGIN = f"{LS}.login"


def problems(document: dict[str, Any]) -> list[str]:
    """Return field and message of each problem, below the login."""
    try:
        parse_create(body(document))
    except Rejected as refused:
        at = f"statefulNode.{LOGIN}."
        return [f"{one.field.removeprefix(at)}: {one.message}" for one in refused.errors]
    return []


def linux(**login: Any) -> dict[str, Any]:
    return put(node(), LOGIN, {"userName": "ada", "sshPublicKey": ED25519, **login})


@pytest.mark.parametrize("name", sorted(RESERVED_USER_NAMES))
def test_azures_reserved_names_are_refused_on_both_systems(name: str) -> None:
    """R49."""
    told = "userName: is a name that Azure reserves"

    assert told in problems(linux(userName=name))
    assert told in problems(put(windows(), f"{LOGIN}.userName", name.upper()))


def test_a_group_of_each_distribution_is_reserved_on_linux_alone() -> None:
    assert problems(linux(userName="video")) == ["userName: is a name that Azure reserves"]
    assert problems(put(windows(), f"{LOGIN}.userName", "video")) == []


@pytest.mark.parametrize("name", ["a#b", "a(b", "a!b", "$ada", "-ada", "a b", "a@b", "a:b"])
def test_what_azure_does_not_take_in_a_linux_name_is_refused(name: str) -> None:
    assert problems(linux(userName=name)) == [
        "userName: has characters that Azure does not take in a user name"
    ]


@pytest.mark.parametrize("name", ["a#b", "$ada", "a(b)"])
def test_windows_takes_more_characters(name: str) -> None:
    assert problems(put(windows(), f"{LOGIN}.userName", name)) == []


@pytest.mark.parametrize(("os", "most"), [("Linux", 64), ("Windows", 20)])
def test_a_name_is_as_long_as_azure_allows(os: str, most: int) -> None:
    document = windows() if os == "Windows" else linux()

    assert problems(put(document, f"{LOGIN}.userName", "x" * most)) == []
    assert problems(put(document, f"{LOGIN}.userName", "x" * (most + 1))) == [
        f"userName: must have at most {most} characters on {os}"
    ]


def test_windows_needs_a_password_and_takes_no_key() -> None:
    """R50, R51."""
    assert problems(put(windows(), LOGIN, {"userName": "ada"})) == [
        "password: is required on Windows"
    ]
    assert problems(put(windows(), f"{LOGIN}.sshPublicKey", ED25519)) == [
        "sshPublicKey: is for Linux only"
    ]


def test_linux_takes_a_key_or_a_password_or_both() -> None:
    """R50."""
    assert problems(linux()) == []
    assert problems(linux(sshPublicKey=None, password=PASSWORD)) == []
    assert problems(linux(password=PASSWORD)) == []
    assert problems(linux(sshPublicKey=None)) == ["sshPublicKey: or password is required on Linux"]


@pytest.mark.parametrize("password", sorted(KNOWN_PASSWORDS))
def test_well_known_passwords_are_refused(password: str) -> None:
    told = "password: is a password that Azure refuses for being well known"

    assert told in problems(linux(password=password))
    assert told in problems(put(windows(), f"{LOGIN}.password", password))


@pytest.mark.parametrize(
    ("os", "password"),
    [
        ("Windows", "Aa1!" * 2 + "Aa1"),
        ("Windows", "Aa1!" * 31),
        ("Linux", "Aa1!b"),
        ("Linux", "Aa1!" * 18 + "A"),
        ("Linux", "alllowercase"),
        ("Windows", "ONLYUPPER123"),
        ("Linux", "with\tTab1234"),
    ],
)
def test_a_password_is_as_long_and_varied_as_azure_asks(os: str, password: str) -> None:
    """R51."""
    document = windows() if os == "Windows" else linux()
    told = problems(put(document, f"{LOGIN}.password", password))

    assert told
    assert all(one.startswith("password: must have") or "must not" in one for one in told)
    assert password not in str(told)


@pytest.mark.parametrize(
    "key",
    [ED25519, rsa(2048), rsa(4096), f"  {ED25519}\n", line("ssh-ed25519", b"x" * 32, comment="")],
)
def test_whole_keys_of_the_two_kinds_are_taken(key: str) -> None:
    assert problems(linux(sshPublicKey=key)) == []


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("AAAA", "must be one line"),
        (f"{ED25519}\n{ED25519}", "must be one line"),
        (line("ecdsa-sha2-nistp256", b"nistp256", b"x" * 65), "must be an RSA or an Ed25519 key"),
        (line("ssh-dss", b"x" * 128), "must be an RSA or an Ed25519 key"),
        ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH4x", "is not a whole key"),
        ("ssh-rsa not*base64", "is not a whole key"),
        (ED25519.replace("ssh-ed25519", "ssh-rsa", 1), "is not a whole key of its type"),
        (line("ssh-ed25519", b"x" * 31), "is not a whole key"),
        (line("ssh-rsa", b"\x01\x00\x01"), "is not a whole key"),
        (rsa(1024), "must have at least 2048 bits, not 1024"),
    ],
)
def test_what_is_no_key_that_azure_takes_is_refused(key: str, told: str) -> None:
    (problem,) = problems(linux(sshPublicKey=key))

    assert problem.startswith(f"sshPublicKey: {told}")
