"""What the shell does to an installation: connects subscriptions, mints tokens, moves secrets."""

from argparse import Namespace

from services.places import Places
from services.secret_move import Moved, SecretMove
from store.accounts import Account
from store.stores import Stores
from store.tokens import Role


class SetupError(Exception):
    """What the person at the shell has to put right."""


async def put_account(stores: Stores, chosen: Namespace) -> str:
    """Connect a subscription, or rename the account that is connected to it. Safe to repeat."""
    there = await stores.accounts.get(chosen.id)
    if there is None:
        made = Account(id=chosen.id, name=chosen.name, subscription_id=chosen.subscription)
        await stores.accounts.put(made.model_copy(update={"is_default": chosen.default}))
    elif there.subscription_id != chosen.subscription:
        raise SetupError(
            f"{chosen.id} is connected to subscription {there.subscription_id}; its nodes are "
            "there. Connect another subscription under another id"
        )
    else:
        await _rename(stores, chosen)
    return f"{chosen.id} is connected to subscription {chosen.subscription}"


async def _rename(stores: Stores, chosen: Namespace) -> None:
    """Change an account as it is now: who speaks for it may be set by the API meanwhile."""
    changes = {"name": chosen.name} | ({"is_default": True} if chosen.default else {})
    await stores.accounts.change(chosen.id, lambda one: one.model_copy(update=changes))
    if chosen.default:
        for other in await stores.accounts.list():
            if other.is_default and other.id != chosen.id:
                await stores.accounts.change(other.id, _no_default)


def _no_default(account: Account) -> Account:
    return account.model_copy(update={"is_default": False})


async def mint_token(stores: Stores, chosen: Namespace) -> str:
    """Return a new token: nobody can read it again."""
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


async def move_secrets(places: Places, *, keep: bool) -> str:
    """Move the secrets of the folder into the Key Vault; return what a person is told.

    Raises SetupError if some could not be moved: they stay where they are.
    """
    if not places.settings.key_vault:
        raise SetupError("MOORING_KEY_VAULT is not set: the vault that the secrets move into")
    old = places.folder()
    async with places.vault() as vault, places.stores() as stores:
        moved = await SecretMove(stores, old, vault, places.clock).run(keep=keep)
    if moved.failed:
        lines = [f"{name}: {why}" for name, why in moved.failed.items()]
        raise SetupError("\n".join([_told(moved), "not moved:", *lines]))
    return _told(moved)


def _told(moved: Moved) -> str:
    return (
        f"{len(moved.copied)} secrets were copied into the vault and read back, "
        f"{len(moved.removed)} removed from the folder"
    )
