"""MOORING_TABLES as an endpoint: an identity signs in, no key is anywhere."""

import asyncio
from collections.abc import Iterator

import pytest

from services.setup import main
from shared.settings import read_settings
from store.errors import BadConnection, StoreError
from store.tables import ROLE, Endpoint, service_client
from tests.api.test_composition import composed
from tests.identity_endpoint import identity_endpoint
from tests.store import sealed_azurite
from tests.store.sealed_azurite import ASKED, Managed, token_for
from tests.store.worlds import SUBSCRIPTION

__all__ = ["composed"]

ACCOUNT = "act-0000beef"
CONNECT = ("account", "--id", ACCOUNT, "--name", "lab", "--subscription", SUBSCRIPTION)
Environment = dict[str, str]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with sealed_azurite.sealed_azurite(tmp_path_factory.mktemp("sealed")) as started:
        yield started


@pytest.fixture
def environment(endpoint: str) -> Environment:
    return {
        "MOORING_TABLES": endpoint,
        "MOORING_CREDENTIAL": f"{sealed_azurite.__name__}:managed",
        "MOORING_TRANSPORT": f"{sealed_azurite.__name__}:transport",
        "MOORING_SECRETS_DIR": "memory:by-identity",
    }


def test_shell_and_app_find_the_same_rows_by_an_endpoint_and_an_identity(
    environment: Environment, composed: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(CONNECT, environment) == 0
    assert main(("token", "--grant", f"{ACCOUNT}=admin", "--name", "x"), environment) == 0
    secret = capsys.readouterr().out.split()[-1]

    async def look() -> tuple[str, list[str]]:
        built = await composed(**environment).get()  # type: ignore[operator]
        stores = built.ports.stores
        token = await stores.tokens.find(secret)
        return token.name, [one.name for one in await stores.accounts.list()]

    assert asyncio.run(look()) == ("x", ["lab"])
    assert set(ASKED) == {"https://storage.azure.com/.default"}


def test_the_managed_identity_of_a_deployment_opens_the_tables(
    environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is set but the endpoint: the identity is the one that Functions gives the app."""
    environment["MOORING_CREDENTIAL"] = "default"
    with identity_endpoint(token_for) as given:
        for name, value in given.environment.items():
            monkeypatch.setenv(name, value)

        assert main(CONNECT, environment) == 0

    assert set(given.asked) == {"https://storage.azure.com"}


def test_an_identity_that_the_store_does_not_let_in_is_told_which_role_it_needs(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment["MOORING_CREDENTIAL"] = f"{sealed_azurite.__name__}:stranger"

    code = main(CONNECT, environment)

    assert code == 1
    assert ROLE in capsys.readouterr().err


def test_whoever_cannot_sign_in_is_told_so(
    environment: Environment, capsys: pytest.CaptureFixture[str]
) -> None:
    environment["MOORING_CREDENTIAL"] = f"{sealed_azurite.__name__}:nobody"

    code = main(CONNECT, environment)

    assert code == 1
    assert "no managed identity endpoint found" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url",
    [
        "http://x.table.core.windows.net",
        "https://x.table.core.windows.net/?sv=2022-11-02&sig=of-somebody",
    ],
)
async def test_an_endpoint_is_https_and_carries_no_signature(url: str) -> None:
    with pytest.raises(BadConnection) as refused:
        service_client(Endpoint(url, Managed()))

    assert "sig=" not in str(refused.value)


def test_a_setting_that_is_an_endpoint_is_not_taken_for_a_connection_string(
    capsys: pytest.CaptureFixture[str],
) -> None:
    environment = {
        "MOORING_TABLES": "http://127.0.0.1:1/devstoreaccount1",
        "MOORING_CREDENTIAL": "local.credential:factory",
    }

    assert main(CONNECT, environment) == 1

    assert "an https endpoint with an identity" in capsys.readouterr().err
    assert read_settings(environment).tables == environment["MOORING_TABLES"]
    assert issubclass(BadConnection, StoreError)
