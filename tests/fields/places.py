"""Words that the rows of the launch specification share."""

from typing import Any, Final

from tests.fields.row import SUBSCRIPTION, Json
from tests.unit.model.documents import LS

STORAGE: Final = "properties/storageProfile"
OS: Final = "properties/osProfile"
BASE: Final = f"/subscriptions/{SUBSCRIPTION}/resourceGroups"
COMPUTE: Final = "providers/Microsoft.Compute"
VAULTS: Final = "providers/Microsoft.KeyVault/vaults"


def within(name: str, value: Json | list[Json]) -> dict[str, Any]:
    """Return what a document needs below its launch specification."""
    return {f"{LS}.{name}": value}
