"""First steps of an installation, from a shell: connect a subscription, mint an API token.

    python -m services.setup account --id act-0a1b2c3d --name production --subscription GUID
    python -m services.setup token --account act-0a1b2c3d --role admin --name laptop
    python -m services.setup token --grant act-0a1b2c3d=admin --grant act-0a1b2c3e=viewer --name ci

The tables are found by MOORING_TABLES, a storage connection string. A service principal that is to
speak for an account is set through the API: its secret then goes where the app keeps secrets.
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

from services.clocks import clock_named
from services.tokens import moment
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
    token.add_argument("--account", type=_account_id, action="append", default=[])
    token.add_argument("--role", type=Role, choices=list(Role), help="in each --account")
    token.add_argument(
        "--grant", type=_grant, action="append", default=[], help="ACCOUNT=ROLE, may be repeated"
    )
    token.add_argument("--name", required=True)
    token.add_argument("--owner", default="", help="whose tokens can be ended together")
    token.add_argument("--expires", type=_moment, help="ISO 8601 date; default: never")
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
    account = (
        earlier or Account(id=chosen.id, name=chosen.name, subscription_id=chosen.subscription)
    ).model_copy(
        update={
            "name": chosen.name,
            "is_default": chosen.default or bool(earlier and earlier.is_default),
        }
    )
    await stores.accounts.put(account)
    return f"{account.id} is connected to subscription {account.subscription_id}"


async def _mint_token(stores: Stores, chosen: argparse.Namespace) -> str:
    roles: dict[str, Role] = dict(chosen.grant)
    if chosen.account and chosen.role is None:
        raise SetupError("--account needs --role: what the token may do there")
    roles |= dict.fromkeys(chosen.account, chosen.role)
    if not roles:
        raise SetupError("say what the token opens: --account and --role, or --grant")
    for account_id in roles:
        if await stores.accounts.get(account_id) is None:
            raise SetupError(f"{account_id} is not connected: run the step `account` first")
    made = await stores.tokens.mint(
        roles, chosen.name, owner=chosen.owner, expires_at=chosen.expires
    )
    return made.secret.get_secret_value()


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
