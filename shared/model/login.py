"""Who may log in to the first VM."""

from typing import Annotated

from pydantic import Field, SecretStr

from shared.model.fields import Internal, Part, Text, Word


class Login(Part):
    """The user that Azure makes inside a VM built from a generalized image."""

    user_name: Word
    ssh_public_key: Text | None = Field(default=None, alias="sshPublicKey")
    password: SecretStr | None = None
    """Present between the client's request and the secret store; never stored, never shown."""
    password_ref: Annotated[Text | None, Internal()] = None
    """Name under which the secret store holds the password."""
