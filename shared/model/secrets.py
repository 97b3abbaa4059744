"""Secrets of a document: told apart, kept elsewhere, never shown.

A document that was just parsed holds them as pydantic `Secret` values, whose repr and JSON show
stars. Before anything is stored they are split off: the document keeps a reference, the secret
store the value. References are names that a Key Vault accepts (letters, digits, hyphens).
"""

import hashlib
import json
from typing import Any

from shared.model.launch import Extension
from shared.model.login import Login
from shared.model.node import NodeDocument

EXTENSION_DIGITS = 12
"""Hex digits of the digest that stands for an extension's name in a reference."""


def split_secrets(document: NodeDocument, prefix: str) -> tuple[NodeDocument, dict[str, str]]:
    """Return the document with references for secrets, and the secrets by reference.

    `prefix` begins each reference and is new for each version of a document: an update that
    is lost after its secrets were put must not have overwritten those of the version in force.
    """
    secrets: dict[str, str] = {}
    launch = document.compute.launch_specification
    login = _split_login(launch.login, prefix, secrets)
    extensions = None
    if launch.extensions is not None:
        extensions = tuple(_split_extension(one, prefix, secrets) for one in launch.extensions)
    launch = launch.model_copy(update={"login": login, "extensions": extensions})
    compute = document.compute.model_copy(update={"launch_specification": launch})
    return document.model_copy(update={"compute": compute}), secrets


def references(document: NodeDocument) -> frozenset[str]:
    """Return the names of all secrets that the document refers to."""
    launch = document.compute.launch_specification
    found = [one.protected_settings_ref for one in launch.extensions or ()]
    found.append(launch.login.password_ref if launch.login else None)
    return frozenset(ref for ref in found if ref)


def _split_login(login: Login | None, prefix: str, secrets: dict[str, str]) -> Login | None:
    if login is None or login.password is None:
        return login
    ref = f"{prefix}-login"
    secrets[ref] = login.password.get_secret_value()
    return login.model_copy(update={"password": None, "password_ref": ref})


def _split_extension(one: Extension, prefix: str, secrets: dict[str, str]) -> Extension:
    if one.protected_settings is None:
        return one
    ref = f"{prefix}-ext-{hashlib.sha256(one.name.encode()).hexdigest()[:EXTENSION_DIGITS]}"
    secrets[ref] = json.dumps(one.protected_settings.get_secret_value(), sort_keys=True)
    return one.model_copy(update={"protected_settings": None, "protected_settings_ref": ref})


def from_secret(text: str) -> dict[str, Any]:
    """Return protected settings from what the secret store kept."""
    settings: dict[str, Any] = json.loads(text)
    return settings
