"""First steps of an installation, from a shell: connect a subscription, mint a token, move secrets.

    python -m services.setup account --id act-0a1b2c3d --name production --subscription GUID
    python -m services.setup token --account act-0a1b2c3d --role admin --name laptop
    python -m services.setup token --grant act-0a1b2c3d=admin --grant act-0a1b2c3e=viewer --name ci
    python -m services.setup secrets --keep

It reads the app's own variables: MOORING_TABLES above all, a connection string, or an endpoint for
which whoever runs this signs in. A service principal that is to speak for an account is set through
the API: its secret then goes where the app keeps secrets. `secrets` moves those that are in
MOORING_SECRETS_DIR into MOORING_KEY_VAULT.
"""

import argparse
import asyncio
import os
import re
import sys
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from activities.azure.identity import Identity
from services.clocks import clock_named
from services.first_steps import SetupError, mint_token, move_secrets, put_account
from services.places import Places
from services.tokens import moment
from shared.clock import Clock
from shared.model.ids import AccountId
from shared.settings import BadSetting, Settings, read_settings
from store.errors import BadConnection, StoreError
from store.tokens import Role

_ACCOUNT_ID: Final = re.compile(r"act-[0-9a-f]{8}")


def main(words: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what the words say; return the exit code: 0, or 1 with the reason on stderr."""
    try:
        sys.stdout.write(f"{asyncio.run(run(words, environment))}\n")
    except (SetupError, StoreError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def run(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Do what the words say, on the loop that runs; return what a person at the shell is told.

    Raises SetupError and StoreError; argparse ends the program for words that it does not know.
    """
    return await _run(_parser().parse_args(words), environment)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.setup")
    steps = parser.add_subparsers(dest="step", required=True)
    account = steps.add_parser("account", help="connect an Azure subscription; safe to repeat")
    account.add_argument("--id", required=True, type=_account_id, help="act- and 8 hex digits")
    account.add_argument("--name", required=True)
    account.add_argument("--subscription", required=True, type=_guid)
    account.add_argument("--default", action="store_true", help="for requests that name none")
    token = steps.add_parser("token", help="mint an API token; its secret is printed this once")
    token.add_argument("--account", type=_account_id, action="append", default=[])
    token.add_argument("--role", type=Role, choices=list(Role), help="in each --account")
    token.add_argument(
        "--grant", type=_grant, action="append", default=[], help="ACCOUNT=ROLE, may be repeated"
    )
    token.add_argument("--name", required=True)
    token.add_argument("--owner", default="", help="whose tokens can be ended together")
    token.add_argument("--expires", type=_moment, help="ISO 8601 date; default: never")
    secrets = steps.add_parser("secrets", help="move secrets into the Key Vault; safe to repeat")
    secrets.add_argument("--keep", action="store_true", help="copy them, remove none yet")
    return parser


async def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> str:
    if not environment.get("MOORING_TABLES"):
        raise SetupError("MOORING_TABLES is not set: where the tables are")
    try:
        settings = read_settings(environment)
        clock = _clock(settings)
        identity = Identity(settings)
        try:
            return await _step(chosen, Places(settings, identity.credential, clock))
        finally:
            await identity.close()
    except BadSetting as error:
        raise SetupError(str(error)) from error
    except BadConnection as error:
        raise SetupError(f"MOORING_TABLES: {error}") from error


async def _step(chosen: argparse.Namespace, places: Places) -> str:
    if chosen.step == "secrets":
        return await move_secrets(places, keep=chosen.keep)
    if chosen.step == "token" and chosen.expires and chosen.expires <= places.clock.now():
        raise SetupError("--expires must be in the future")
    async with places.stores() as stores:
        return await (put_account if chosen.step == "account" else mint_token)(stores, chosen)


def _clock(settings: Settings) -> Clock:
    try:
        return clock_named(settings.clock)
    except (ValueError, ImportError, AttributeError) as error:
        raise SetupError(f"MOORING_CLOCK: {error}") from error


def _grant(text: str) -> tuple[AccountId, Role]:
    account_id, _, role = text.partition("=")
    try:
        return _account_id(account_id), Role(role)
    except ValueError as error:
        names = ", ".join(Role)
        raise argparse.ArgumentTypeError(f"{role!r} is none of the roles {names}") from error


def _moment(text: str) -> datetime:
    try:
        return moment(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _account_id(text: str) -> AccountId:
    if not _ACCOUNT_ID.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not act- and 8 hex digits")
    return AccountId(text)


def _guid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a GUID") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
