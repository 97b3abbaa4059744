"""The credential of the local stack: one fixed token, which the simulator takes for our own."""

from types import TracebackType
from typing import Any, Final, Self

from azure.core.credentials import AccessToken

TOKEN: Final = "mooring-local"  # noqa: S105 - opens nothing but the simulator
EXPIRES_ON: Final = 4_102_444_800
"""2100-01-01 as Unix seconds: clients never ask for another."""


class LocalCredential:
    """An async credential, as the management clients want it."""

    async def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        """Return the fixed token, whatever it is asked for."""
        return AccessToken(TOKEN, EXPIRES_ON)

    async def close(self) -> None:
        """Hold nothing, so let nothing go."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.close()


def factory() -> LocalCredential:
    """Return the credential that `MOORING_CREDENTIAL=local.credential:factory` names."""
    return LocalCredential()
