"""An Azurite behind TLS that lets identities in: as a storage account does without its keys.

It looks at a token's issuer, audience and life and not at its signature, and knows no roles.
"""

import base64
import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import AioHttpTransport
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from local.credential import EXPIRES_ON, LocalCredential
from tests.azurite import PROGRAM, free_port, wait_until_it_listens

TRUSTED: dict[str, str] = {}
"""The certificate that `transport` trusts."""
ASKED: list[str] = []
"""Scopes that tokens were asked for."""
SINCE: Final = datetime(2020, 1, 1, tzinfo=UTC)
UNTIL: Final = datetime(2100, 1, 1, tzinfo=UTC)


def token_for(audience: str) -> str:
    """Return a token as Entra ID makes them, but for the signature, which nobody looks at."""
    claims = {
        "aud": audience,
        "iss": "https://sts.windows.net/7e4a4000-0000-4000-8000-000000000000/",
        "iat": int(SINCE.timestamp()),
        "nbf": int(SINCE.timestamp()),
        "exp": int(UNTIL.timestamp()),
    }
    parts: tuple[Mapping[str, object], ...] = ({"alg": "none", "typ": "JWT"}, claims, {})
    return ".".join(_part(one) for one in parts)


class Managed(LocalCredential):
    """A credential whose token is one for storage."""

    audience = "https://storage.azure.com/"

    async def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        ASKED.extend(scopes)
        return AccessToken(token_for(self.audience), EXPIRES_ON)


class Stranger(Managed):
    """A credential whose token is one for something else."""

    audience = "https://management.azure.com/"


class Nobody(LocalCredential):
    """A credential that has no identity to sign in as."""

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        raise ClientAuthenticationError("no managed identity endpoint found")


def nobody() -> Nobody:
    return Nobody()


def managed() -> Managed:
    return Managed()


def stranger() -> Stranger:
    return Stranger()


def transport() -> AioHttpTransport:
    """Return what `MOORING_TRANSPORT` names: connections that trust the certificate."""
    return AioHttpTransport(connection_verify=TRUSTED["certificate"])


@contextmanager
def sealed_azurite(folder: Path) -> Iterator[str]:
    """Run it; give its table endpoint."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    _certify(certificate, key)
    port = free_port()
    options = ["--silent", "--disableTelemetry", "--inMemoryPersistence", "--oauth", "basic"]
    options += ["--cert", str(certificate), "--key", str(key), "--tablePort", str(port)]
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            ["node", str(PROGRAM), *options], cwd=folder, stdout=output, stderr=output
        )
    try:
        wait_until_it_listens(process, port)
        TRUSTED["certificate"] = str(certificate)
        yield f"https://127.0.0.1:{port}/devstoreaccount1"
    finally:
        TRUSTED.clear()
        ASKED.clear()
        process.terminate()
        process.wait(10)


def _part(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def _certify(certificate: Path, key: Path) -> None:
    """Write a certificate that signs itself, for this machine's own address."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(SINCE)
        .not_valid_after(UNTIL)
        .add_extension(alternative, critical=False)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
