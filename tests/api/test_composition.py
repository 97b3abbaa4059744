"""What the environment makes of the app: where secrets go, and who signs in."""

import importlib.util
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from shared.settings import BadSetting, read_settings
from store.key_vault import KeyVaultSecrets
from store.memory import MemorySecrets, forget
from tests.store.vault import URL

NUMBERS = count(1)
APP = Path(__file__).resolve().parents[2] / "function_app.py"


@pytest.fixture
async def composed(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """Return what makes an app; the module composes one of its own as it is loaded."""
    name, made = f"composition-{next(NUMBERS)}", list[Any]()
    monkeypatch.setenv("MOORING_TABLES", f"memory:{name}")
    # By its file: tests of hosts load other apps under the name `function_app`.
    spec = importlib.util.spec_from_file_location("composed_app", APP)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)

    def make(**more: str) -> Any:
        environment = {
            "MOORING_TABLES": f"memory:{name}",
            "MOORING_SECRETS_DIR": f"memory:{name}",
            "MOORING_CREDENTIAL": "local.credential:factory",
        }
        made.append(module.compose(environment | more))
        return made[-1]

    yield make
    for one in made:
        await one.close()
    forget(name)


async def test_without_a_vault_secrets_go_where_the_folder_setting_says(composed: Any) -> None:
    built = await composed().get()

    assert isinstance(built.ports.stores.secrets, MemorySecrets)


async def test_a_vault_takes_all_secrets_and_is_closed_with_the_app(composed: Any) -> None:
    built = await composed(MOORING_KEY_VAULT=URL).get()

    secrets = built.ports.stores.secrets
    assert isinstance(secrets, KeyVaultSecrets)
    assert built.api.account_commands.kept.secrets is secrets
    assert URL in repr(secrets)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KEY_VAULT", "http://mooring.vault.azure.net"),
        ("KEY_VAULT", "https://mooring.vault.azure.net/secrets/x"),
        ("KEY_VAULT", "mooring"),
        ("AUTHORITY", "login.microsoftonline.com"),
    ],
)
def test_an_address_that_cannot_be_one_stops_the_start_and_names_its_variable(
    name: str, value: str
) -> None:
    with pytest.raises(BadSetting, match=f"MOORING_{name}"):
        read_settings({"MOORING_TABLES": "memory:x", f"MOORING_{name}": value})
