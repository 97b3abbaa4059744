"""Settings: read once at start; a bad value stops the program and names its variable."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Factory = Annotated[str, StringConstraints(pattern=r"^(wall|default|[\w.]+:\w+)$")]
OptionalFactory = Annotated[str, StringConstraints(pattern=r"^([\w.]+:\w+)?$")]
HttpUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s/]+(/[^\s]*)?$")]

OptionalVault = Annotated[str, StringConstraints(pattern=r"^(https://[^\s/]+/?)?$")]

PREFIX = "MOORING_"


class Settings(BaseModel):
    """What differs between deployments. No secret is ever a setting, save the emulator's key."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: str
    """Connection string of the storage account, or its table endpoint (then the managed identity
    signs in); `memory:NAME` keeps them in this process, for simulations. No default: without state
    there is no product."""

    arm_endpoint: HttpUrl = "https://management.azure.com"
    """Azure Resource Manager. Another cloud or the local simulator has its own."""

    authority: HttpUrl = "https://login.microsoftonline.com"
    """Where service principals of accounts sign in: Microsoft Entra ID. Another cloud or the local
    simulator has its own."""

    prices_endpoint: HttpUrl = "https://prices.azure.com"
    """Retail Prices API; public, no sign-in."""

    credential: Factory = "default"
    """`default` is azure-identity's DefaultAzureCredential; `module:factory` names a callable that
    returns another async credential."""

    transport: OptionalFactory = ""
    """How the SDK's clients reach Azure: empty is their own HTTP; `module:factory` names a callable
    that returns another azure-core `AsyncHttpTransport`, for a proxy or a simulation."""

    clock: Factory = "wall"
    """`wall`, or `module:factory` of a clock with `now()` and `sleep(seconds)`."""

    secrets_dir: str = ".local/secrets"
    """Folder of the encrypted secrets file and its key; `memory:NAME` keeps them with the tables of
    that name. Not used where there is a Key Vault."""

    key_vault: OptionalVault = ""
    """Key Vault of the secrets, `https://NAME.vault.azure.net`, for deployments; the identity needs
    the role Key Vault Secrets Officer there. Empty: the encrypted file, for one machine."""

    snapshot_hours: Annotated[int, Field(ge=0, le=168)] = 6
    """Hours between two snapshots of the disks of a node in several zones, while its VM runs. 0:
    none are taken, and if a zone goes down with the disks in it, nothing is left to go on from."""

    client_id: str = ""
    """Application id that our own calls carry: an event about a call of ours is told by it. Empty:
    our calls are told by their request ids alone."""


class BadSetting(Exception):  # noqa: N818 - it is what the operator must read, not a bug
    """A variable is missing or has a value that cannot be used; the text names it."""


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read `MOORING_*`; BadSetting names every variable that is wrong."""
    known = set(Settings.model_fields)
    values = {
        name: environment[PREFIX + name.upper()]
        for name in known
        if environment.get(PREFIX + name.upper())
    }
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        lines = [f"{PREFIX}{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()]
        raise BadSetting("; ".join(lines)) from error
