"""The fleet list: once a minute, one call a subscription says which VMs are down.

It knows nothing of causes; it makes sure that an eviction of which no event came is found, and
that what people do by hand is seen.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from azure.core.exceptions import AzureError

from services.at_once import at_once
from services.evictions import Evictions
from services.operations import Operations, OperationStarter
from shared.model.run import Notice, NoticeKind, Status
from store.accounts import Account
from store.errors import StoreError
from store.stores import Stores
from store.summary import NodeSummary

DOWN: Final = frozenset({"deallocated", "stopped"})

ListPowers = Callable[[str, str], Awaitable[dict[str, str]]]
"""Power states of all VMs of a subscription by lower-case ARM id, as an account sees them: the
subscription's id, the account's. Raises AzureError."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sight:
    """What one look saw of an account."""

    nodes: Sequence[NodeSummary]
    """Those that have a VM."""
    powers: Mapping[str, str]
    """Power states by lower-case ARM id; a VM that is not there is in no list."""
    began: datetime
    """When Azure was asked: what came up since may not be in it."""


Watch = Callable[[Sight, OperationStarter], Awaitable[object]]
"""What else a look is good for."""


@dataclass(frozen=True)
class Fleet:
    """One look at all VMs."""

    stores: Stores
    operations: Operations
    evictions: Evictions
    list_powers: ListPowers
    watches: tuple[Watch, ...] = ()

    async def look(self, starter: OperationStarter) -> int:
        """Compare Azure's list with ours; return the number of differences heard.

        Safe to repeat. An account whose list fails is left for the next minute.
        """
        heard = 0
        for account in await self.stores.accounts.list():
            try:
                heard += await self._look(account, starter)
            except (AzureError, StoreError) as error:
                more = {"account": account.id, "why": f"{type(error).__name__}: {error}"}
                _log.warning("fleet.not_seen", extra=more)
            except Exception:  # noqa: BLE001 - one's failure is its own
                _log.exception("fleet.failed", extra={"account": account.id})
        return heard

    async def _look(self, account: Account, starter: OperationStarter) -> int:
        nodes = [one for one in await self.stores.nodes.list(account.id) if one.vm_resource_id]
        if not nodes:
            return 0
        began = self.operations.clock.now()
        powers = await self.list_powers(account.subscription_id, account.id)
        found = [
            _notice(node, kind, began, self.operations.clock.now())
            for node in nodes
            if (kind := difference(node, powers.get((node.vm_resource_id or "").lower())))
        ]
        heard = sum(await at_once([partial(self._hear, notice, starter) for notice in found]))
        for watch in self.watches:
            await self._watch(watch, Sight(nodes, powers, began), starter)
        return heard

    async def _watch(self, watch: Watch, sight: Sight, starter: OperationStarter) -> None:
        try:
            await watch(sight, starter)
        except Exception:  # noqa: BLE001 - one's failure is its own
            _log.exception("fleet.watch_failed")

    async def _hear(self, notice: Notice, starter: OperationStarter) -> bool:
        try:
            return await self.evictions.hear(notice, starter)
        except Exception:  # noqa: BLE001 - one's failure is its own
            _log.exception("fleet.unheard", extra={"vm": notice.vm_resource_id})
            return False


def difference(node: NodeSummary, power: str | None) -> NoticeKind | None:
    """Return what Azure's power state tells of a node that its status does not; None: nothing."""
    if node.status is Status.ACTIVE:
        if power is None:
            return NoticeKind.GONE
        return NoticeKind.DEALLOCATED if power in DOWN else None
    if node.status is Status.STOPPED:
        return NoticeKind.RUNNING if power == "running" else None
    return None


def _notice(node: NodeSummary, kind: NoticeKind, began: datetime, now: datetime) -> Notice:
    # Each look is a witness of its own moment: what came up in between and went down again
    # is down anew. A repeat of one look is one notice.
    return Notice(
        kind=kind,
        source="fleet_list",
        vm_resource_id=node.vm_resource_id or "",
        occurred_at=began,
        heard_at=now,
        event_id=f"{node.vm_resource_id}:{node.generation}:{kind}:{began.isoformat()}",
    )
