import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from services.clocks import WallClock, clock_named
from services.setup import main
from store.accounts import Account, ServicePrincipal
from store.stores import Stores
from store.tokens import Role, Token
from tests.store.worlds import NOON, SUBSCRIPTION, HandClock

NUMBERS = count(1)
Run = Callable[..., int]


def fixed_clock() -> HandClock:
    return HandClock(NOON)


@pytest.fixture
def account_id() -> str:
    return f"act-{next(NUMBERS):08x}"


@pytest.fixture
def run(azurite_connection: str) -> Run:
    clock = f"{__name__}:fixed_clock"
    return lambda *words: main(
        words, {"MOORING_TABLES": azurite_connection, "MOORING_CLOCK": clock}
    )


def connect(run: Run, account_id: str, name: str = "lab", *more: str) -> int:
    words = ["account", "--id", account_id, "--name", name, "--subscription", SUBSCRIPTION]
    return run(*words, *more)


def look(connection: str, account_id: str, secret: str) -> tuple[Account | None, Token | None]:
    async def inside() -> tuple[Account | None, Token | None]:
        async with Stores.open(connection, HandClock(NOON)) as stores:
            return await stores.accounts.get(account_id), await stores.tokens.find(secret)

    return asyncio.run(inside())


def minted(connection: str) -> set[str]:
    async def inside() -> set[str]:
        async with Stores.open(connection, HandClock(NOON)) as stores:
            return {one.id for one in await stores.tokens.list()}

    return asyncio.run(inside())


def test_an_account_can_be_connected_again_and_renamed(
    run: Run, azurite_connection: str, account_id: str
) -> None:
    assert connect(run, account_id, "first", "--default") == 0
    assert connect(run, account_id, "second") == 0

    account, _ = look(azurite_connection, account_id, "")

    assert account == Account(
        id=account_id,
        name="second",
        subscription_id=SUBSCRIPTION,
        is_default=True,
        created_at=NOON,
    )


def test_the_default_goes_to_the_account_that_was_named_last(
    run: Run, azurite_connection: str, account_id: str
) -> None:
    other = f"act-{next(NUMBERS):08x}"
    connect(run, account_id, "first", "--default")
    connect(run, other, "second")

    connect(run, other, "second", "--default")

    marked = [look(azurite_connection, one, "")[0] for one in (account_id, other)]
    assert [one.is_default for one in marked if one] == [False, True]


def test_an_account_does_not_move_to_another_subscription(
    run: Run, account_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(run, account_id)

    other = "0a1b2c3d-0000-4000-8000-00000000d0d0"
    code = run("account", "--id", account_id, "--name", "x", "--subscription", other)

    assert code == 1
    assert f"connected to subscription {SUBSCRIPTION}" in capsys.readouterr().err


def test_a_token_is_printed_once_and_works(
    run: Run, azurite_connection: str, account_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(run, account_id)
    capsys.readouterr()

    code = run("token", "--account", account_id, "--role", "admin", "--name", "laptop")

    printed = capsys.readouterr().out.split()
    _, token = look(azurite_connection, account_id, printed[0])
    assert (code, len(printed)) == (0, 1)
    assert token
    assert (token.name, token.roles) == ("laptop", {account_id: Role.ADMIN})


def test_a_token_may_have_a_role_of_its_own_in_each_account_an_owner_and_an_end(
    run: Run, azurite_connection: str, account_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """S97."""
    other = f"act-{next(NUMBERS):08x}"
    for one in (account_id, other):
        connect(run, one)
    capsys.readouterr()
    grants = ("--grant", f"{account_id}=admin", "--grant", f"{other}=viewer")

    code = run("token", *grants, "--name", "x", "--owner", "me", "--expires", "2027-01-31")

    _, token = look(azurite_connection, account_id, capsys.readouterr().out.split()[0])
    assert code == 0
    assert token
    assert token.roles == {account_id: Role.ADMIN, other: Role.VIEWER}
    assert token.owner == "me"
    assert token.expires_at == datetime(2027, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize("expires", ["2020-01-01", NOON.isoformat()])
def test_a_token_that_would_be_over_already_is_not_made(
    run: Run,
    azurite_connection: str,
    account_id: str,
    expires: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    connect(run, account_id)
    before = minted(azurite_connection)
    capsys.readouterr()

    code = run("token", "--grant", f"{account_id}=admin", "--name", "x", "--expires", expires)

    told = capsys.readouterr()
    assert (code, told.out) == (1, "")
    assert "must be in the future" in told.err
    assert minted(azurite_connection) == before


@pytest.mark.parametrize("words", [[], ["--account", "act-00000001"]])
def test_a_token_that_would_open_nothing_is_not_made(
    run: Run, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("token", "--name", "x", *words) == 1

    assert "--role" in capsys.readouterr().err


def test_connecting_an_account_again_keeps_who_speaks_for_it(
    run: Run, azurite_connection: str, account_id: str
) -> None:
    connect(run, account_id)
    named = {"client_id": "c", "tenant_id": "t", "secret_ref": "s"}
    principal = ServicePrincipal(**named, set_at=NOON)

    async def name_principal() -> None:
        async with Stores.open(azurite_connection, HandClock(NOON)) as stores:
            await stores.accounts.change(
                account_id, lambda one: one.model_copy(update={"credential": principal})
            )

    asyncio.run(name_principal())
    connect(run, account_id, "renamed")

    account, _ = look(azurite_connection, account_id, "")
    assert account
    assert (account.name, account.credential) == ("renamed", principal)


def test_a_token_for_an_unknown_account_is_refused(
    run: Run, account_id: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = run("token", "--account", account_id, "--role", "viewer", "--name", "x")

    assert code == 1
    assert "is not connected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "MOORING_TABLES is not set"),
        ({"MOORING_TABLES": "nonsense"}, "MOORING_TABLES: "),
    ],
)
def test_a_bad_connection_is_named_and_never_shown(
    environment: dict[str, str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(
        ["token", "--account", "act-00000001", "--role", "viewer", "--name", "x"], environment
    )

    error = capsys.readouterr().err
    assert code == 1
    assert said in error
    assert "nonsense" not in error


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["account", "--id", "production", "--name", "x", "--subscription", SUBSCRIPTION],
        ["account", "--id", "act-00000001", "--name", "x", "--subscription", "mine"],
        ["token", "--account", "act-00000001", "--role", "king", "--name", "x"],
        ["token", "--grant", "act-00000001=king", "--name", "x"],
        ["token", "--grant", "act-1=admin", "--name", "x"],
        ["token", "--grant", "act-00000001=admin", "--name", "x", "--expires", "soon"],
    ],
)
def test_bad_words_are_refused_before_anything_is_touched(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words, {})

    assert ended.value.code == 2


def test_a_clock_is_the_wall_or_made_by_name() -> None:
    assert isinstance(clock_named("wall"), WallClock)
    assert clock_named(f"{__name__}:fixed_clock").now() == NOON
    with pytest.raises(ValueError, match="module:factory"):
        clock_named("sundial")


async def test_the_wall_clock_tells_utc_and_moves_on() -> None:
    clock = WallClock()
    before = clock.now()

    await clock.sleep(0.001)

    assert before.utcoffset() == timedelta(0)
    assert clock.now() - before >= timedelta(milliseconds=1)
