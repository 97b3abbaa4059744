"""The fleet list: once a minute, one call a subscription says which VMs are down.

It knows nothing of causes; it makes sure that an eviction of which no event came is found, and
that what people do by hand is seen.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.evictions import Evictions
from services.operations import Operations, OperationStarter
from shared.model.run import Notice, NoticeKind, Status
from store.accounts import Account
from store.stores import Stores
from store.summary import NodeSummary

DOWN: Final = frozenset({"deallocated", "stopped"})

ListPowers = Callable[[str], Awaitable[dict[str, str]]]
"""Power states of a subscription's VMs by lower-case ARM id."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fleet:
    """One look at all VMs."""

    stores: Stores
    operations: Operations
    evictions: Evictions
    list_powers: ListPowers

    async def look(self, starter: OperationStarter) -> int:
        """Compare Azure's list with ours; return the number of differences heard."""
        heard = 0
        for account in await self.stores.accounts.list():
            try:
                heard += await self._look(account, starter)
            except Exception:  # noqa: BLE001 - one's failure is its own
                _log.exception("fleet.failed", extra={"account": account.id})
        return heard

    async def _look(self, account: Account, starter: OperationStarter) -> int:
        nodes = [one for one in await self.stores.nodes.list(account.id) if one.vm_resource_id]
        if not nodes:
            return 0
        began = self.operations.clock.now()
        powers = await self.list_powers(account.subscription_id)
        heard = 0
        for node in nodes:
            kind = difference(node, powers.get((node.vm_resource_id or "").lower()))
            if kind:
                notice = _notice(node, kind, began, self.operations.clock.now())
                heard += await self.evictions.hear(notice, starter)
        return heard


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
    # One notice for one state of one VM: the same finding a minute later is not news.
    return Notice(
        kind=kind,
        source="fleet_list",
        vm_resource_id=node.vm_resource_id or "",
        occurred_at=began,
        heard_at=now,
        event_id=f"{node.vm_resource_id}:{node.generation}:{kind}:{node.updated_at}",
    )
