"""Secrets move from the encrypted file into the Key Vault, by the command, in any weather."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from pydantic import SecretStr

from local.credential import LocalCredential
from local.worlds.transport import InProcessTransport
from services.setup import main
from store.key_vault import vault_at
from store.memory import database, forget
from store.secrets import EncryptedFileSecrets, SecretStore, secrets_at
from store.spent import in_force, spend
from store.stores import Stores
from store.tokens import Role
from tests.api.harness import ACCOUNT, open_api
from tests.api.office import CREDENTIALS, GOOD, SECRET
from tests.store.vault import URL, Vault
from tests.store.worlds import NOON, HandClock
from tests.unit.model.documents import LS, node, put

NUMBERS = count(1)
VAULTS: list[Vault] = []
PASSWORD = "Marked-Password-1"  # noqa: S105 - of a node that nobody runs
SETTING = "Marked-Setting-2"
SPENT = "Marked-Spent-3"
SUBSCRIPTION = "0a1b2c3d-0000-4000-8000-000000000001"
EXTENSION = {
    "name": "script",
    "type": "CustomScript",
    "publisher": "Microsoft.Azure.Extensions",
    "apiVersion": "2.1",
    "minorVersionAutoUpgrade": True,
    "protectedSettings": {"commandToExecute": SETTING},
}


def fixed_clock() -> HandClock:
    return VAULTS[-1].clock


def way_to_vault() -> InProcessTransport:
    return VAULTS[-1].transport()


@dataclass
class Machine:
    """One machine with a folder of secrets, and a vault beside it."""

    folder: Path
    vault: Vault
    name: str = field(default_factory=lambda: f"move-{next(NUMBERS)}")

    @property
    def old(self) -> EncryptedFileSecrets:
        kept = secrets_at(str(self.folder))
        assert isinstance(kept, EncryptedFileSecrets)
        return kept

    @property
    def files(self) -> int:
        return len(list(self.folder.glob("**/*.secret")))

    def run(self, *words: str, **more: str) -> int:
        environment = {
            "MOORING_TABLES": f"memory:{self.name}",
            "MOORING_SECRETS_DIR": str(self.folder),
            "MOORING_KEY_VAULT": URL,
            "MOORING_CREDENTIAL": "local.credential:factory",
            "MOORING_CLOCK": f"{__name__}:fixed_clock",
            "MOORING_TRANSPORT": f"{__name__}:way_to_vault",
        }
        return main(("secrets", *words), environment | more)

    @asynccontextmanager
    async def the_vault(self) -> AsyncIterator[SecretStore]:
        """Open it as the app does."""
        kept = vault_at(URL, LocalCredential(), self.vault.clock, way_to_vault())
        yield kept
        await kept.close()

    async def fill(self) -> None:
        """Have the API keep each kind of secret; let one password be spent."""
        rows = database(self.name)
        stores = Stores(rows.table, self.vault.clock, self.old)
        api = await open_api(stores, self.vault.clock, Role.ADMIN)
        for number, password in enumerate((PASSWORD, SPENT)):
            login = {"userName": "mooring", "password": password}
            document = put(put(node(), f"{LS}.login", login), f"{LS}.extensions", [EXTENSION])
            document["name"] = f"web-{number}"
            await api.created({"statefulNode": document})
        sent = GOOD | {"subscriptionId": SUBSCRIPTION}
        assert (await api.call("POST", CREDENTIALS, sent)).status == 200
        account = await stores.accounts.get(ACCOUNT)
        assert account is not None
        assert account.credential is not None
        self.client_ref = account.credential.secret_ref
        self.spent_ref = await self._spend(stores)

    async def _spend(self, stores: Stores) -> str:
        for key in (await stores.nodes.after("", 10))[0]:
            record = await stores.nodes.get(key)
            assert record is not None
            name = str(record.document["compute"]["launchSpecification"]["login"]["passwordRef"])
            value = await stores.secrets.get(name)
            if value is not None and value.get_secret_value() == SPENT:
                await spend(stores.secrets, name)
                return name
        raise AssertionError(f"{SPENT} was not kept")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    VAULTS.append(Vault(HandClock(NOON)))
    made = Machine(tmp_path / "secrets", VAULTS[-1])
    asyncio.run(made.fill())
    yield made
    forget(made.name)
    VAULTS.pop()


def values(machine: Machine) -> str:
    return " ".join(machine.vault.values().values())


def test_every_kind_of_secret_moves_and_the_folder_is_left_empty(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert machine.files == 5  # two settings, a password, a digest, a client secret

    assert machine.run() == 0

    assert (
        "5 secrets were copied into the vault and read back, 5 removed" in capsys.readouterr().out
    )
    assert machine.files == 0
    for mark in (PASSWORD, SETTING, SECRET):
        assert mark in values(machine)
    assert SPENT not in values(machine)


def test_a_repeat_finds_nothing_to_do(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.run()
    before = machine.vault.values()
    capsys.readouterr()

    assert machine.run() == 0

    assert capsys.readouterr().out.startswith("0 secrets were copied")
    assert machine.vault.values() == before


def test_kept_secrets_serve_the_app_until_it_is_on_the_vault(machine: Machine) -> None:
    assert machine.run("--keep") == 0
    assert machine.files == 5

    assert machine.run() == 0

    assert machine.files == 0
    assert len(machine.vault.values()) == 5


@pytest.mark.parametrize("on_the_vault", [False, True])
def test_a_password_that_the_app_uses_up_between_two_calls_does_not_come_back(
    machine: Machine, *, on_the_vault: bool
) -> None:
    machine.run("--keep")
    (name,) = [one for one, value in machine.vault.values().items() if value == PASSWORD]

    async def use_up() -> None:
        if on_the_vault:
            async with machine.the_vault() as kept:
                await spend(kept, name)
        else:
            await spend(machine.old, name)

    asyncio.run(use_up())
    machine.vault.clock.moment = NOON.replace(hour=13)

    assert machine.run() == 0

    assert PASSWORD not in values(machine)
    assert f"{name}-spent" in machine.vault.values()
    assert machine.files == 0


def test_what_a_vault_does_not_take_stays_is_named_and_stops_nothing_else(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = f"{machine.spent_ref}-spent"
    asyncio.run(machine.old.put(machine.client_ref, SecretStr("x" * 25_001)))
    assert machine.run("--keep") == 1
    asyncio.run(machine.old.put(digest, SecretStr("another")))
    capsys.readouterr()

    assert machine.run() == 1

    told = capsys.readouterr().err
    assert f"{machine.client_ref}: secret {machine.client_ref} has more than 25000 bytes" in told
    assert f"the vault has another value for {digest}" in told
    assert "3 removed" in told
    assert machine.files == 2
    assert SECRET not in told


@pytest.mark.parametrize("fault", ["throttled", "broken"])
def test_a_vault_that_is_unwell_ends_the_move_and_a_repeat_ends_it_well(
    machine: Machine, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    setattr(machine.vault, fault, 100)

    assert machine.run() == 1
    assert machine.files == 5

    setattr(machine.vault, fault, 2)
    assert machine.run() == 0
    assert machine.files == 0
    assert PASSWORD not in capsys.readouterr().err


def test_a_vault_that_shows_something_else_keeps_the_secret_in_the_folder(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    machine.vault.misread = PASSWORD

    assert machine.run() == 1

    assert "has another value" in capsys.readouterr().err
    assert machine.files == 1


def test_without_a_vault_there_is_nowhere_to_move_to(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert machine.run(MOORING_KEY_VAULT="") == 1

    assert "MOORING_KEY_VAULT is not set" in capsys.readouterr().err
    assert machine.files == 5


def test_a_moved_digest_still_tells_the_password_from_another(machine: Machine) -> None:
    machine.run()

    async def tells() -> tuple[bool, bool]:
        async with machine.the_vault() as kept:
            first = await in_force(kept, machine.spent_ref, SPENT)
            return first, await in_force(kept, machine.spent_ref, PASSWORD)

    assert asyncio.run(tells()) == (True, False)
