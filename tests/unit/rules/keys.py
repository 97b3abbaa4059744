"""SSH public keys, whole and broken; made up, nobody holds their other halves."""

import base64


def line(kind: str, *fields: bytes, comment: str = "u@h") -> str:
    """Return a public key as authorized_keys has it."""
    whole = (kind.encode(), *fields)
    blob = b"".join(len(one).to_bytes(4) + one for one in whole)
    return f"{kind} {base64.b64encode(blob).decode()} {comment}".strip()


def rsa(bits: int) -> str:
    modulus = (1 << (bits - 1)) | 1
    return line("ssh-rsa", b"\x01\x00\x01", modulus.to_bytes(bits // 8 + 1))


ED25519 = line("ssh-ed25519", bytes(range(32)))
