"""First steps of an installation, from a shell: connect a subscription, mint an API token.

    python -m services.setup account --id act-0a1b2c3d --name production --subscription GUID
    python -m services.setup token --account act-0a1b2c3d --role admin --name laptop

The tables are found by MOORING_TABLES, a storage connection string.
"""

import argparse
import asyncio
import os
import re
import sys
import uuid
from collections.abc import Mapping, Sequence
from typing import Final

from services.clocks import clock_named
from shared.clock import Clock
from shared.model.ids import AccountId
from store.accounts import Account
from store.errors import BadConnection, StoreError
from store.stores import Stores
from store.tokens import Role

_ACCOUNT_ID: Final = re.compile(r"act-[0-9a-f]{8}")


class SetupError(Exception):
    """What the person at the shell has to put right."""


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
    token.add_argument("--account", required=True, type=_account_id, action="append")
    token.add_argument("--role", required=True, type=Role, choices=list(Role))
    token.add_argument("--name", required=True)
    return parser


async def _run(chosen: argparse.Namespace, environment: Mapping[str, str]) -> str:
    connection = environment.get("MOORING_TABLES")
    if not connection:
        raise SetupError("MOORING_TABLES is not set: the connection string of the tables")
    step = _put_account if chosen.step == "account" else _mint_token
    try:
        async with Stores.open(connection, _clock(environment)) as stores:
            return await step(stores, chosen)
    except BadConnection as error:
        raise SetupError(f"MOORING_TABLES: {error}") from error


def _clock(environment: Mapping[str, str]) -> Clock:
    try:
        return clock_named(environment.get("MOORING_CLOCK", "wall"))
    except (ValueError, ImportError, AttributeError) as error:
        raise SetupError(f"MOORING_CLOCK: {error}") from error


async def _put_account(stores: Stores, chosen: argparse.Namespace) -> str:
    earlier = await stores.accounts.get(chosen.id)
    if earlier and earlier.subscription_id != chosen.subscription:
        raise SetupError(
            f"{chosen.id} is connected to subscription {earlier.subscription_id}; its nodes are "
            "there. Connect another subscription under another id"
        )
    account = Account(
        id=chosen.id,
        name=chosen.name,
        subscription_id=chosen.subscription,
        is_default=chosen.default or bool(earlier and earlier.is_default),
    )
    await stores.accounts.put(account)
    return f"{account.id} is connected to subscription {account.subscription_id}"


async def _mint_token(stores: Stores, chosen: argparse.Namespace) -> str:
    for account_id in chosen.account:
        if await stores.accounts.get(account_id) is None:
            raise SetupError(f"{account_id} is not connected: run the step `account` first")
    secret = await stores.tokens.mint(chosen.account, chosen.role, chosen.name)
    return secret.get_secret_value()


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
