"""Usage is kept true by the look at the fleet: what a crash left uncounted, days, prices.

What changes what runs says so itself (settle, verdicts). The look comes after: it closes each day,
tells prices as soon as they are known, and makes up for what was lost. It writes nothing for a node
of which all is known.
"""

import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from azure.core.exceptions import AzureError

from services.at_once import at_once
from services.fleet import Sight
from services.operations import OperationStarter
from shared.clock import Clock
from shared.model.facts import Price
from shared.model.ids import NodeKey
from shared.model.run import Lifecycle
from shared.model.usage import Rates, Running
from shared.policy.usage import running_of
from store.errors import StoreError
from store.node_rows import NodeRecord
from store.stores import Stores
from store.summary import NodeSummary

FRESH: Final = timedelta(minutes=5)
"""How long a node is looked at each minute after its state has changed."""
ROUND_MIN: Final = 60
"""Minutes in which every node is looked at once: each minute a sixtieth of the fleet."""

PricesOf = Callable[[str, str], Awaitable[tuple[Price, ...]]]
"""Prices of a region for an OS. Raises AzureError."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class UsageWatch:
    """What a look at the fleet does for usage."""

    stores: Stores
    clock: Clock
    prices: PricesOf

    async def watch(self, sight: Sight, _starter: OperationStarter) -> None:
        """Look at the nodes whose turn it is. Safe to repeat; one's failure is its own."""
        now = self.clock.now()
        turn = [one.key for one in sight.nodes if _is_fresh(one, now) or _is_due(one.key, now)]
        await at_once([partial(self._look, key) for key in turn])

    async def _look(self, key: NodeKey) -> None:
        try:
            record = await self.stores.nodes.get(key)
            if record is None or (record.operation and not record.operation.finished_at):
                return  # whoever holds the node says itself what it changes
            running, now, rates = running_of(record.run), self.clock.now(), None
            if running and await self.stores.usage.wants_rates(key, running, now):
                rates = await self._rates(record, running)
            await self.stores.usage.mark(key, running, now, rates)
        except StoreError as error:
            _log.warning("usage.not_looked_at", extra={"node": key.node_id, "why": str(error)})

    async def _rates(self, record: NodeRecord, running: Running) -> Rates | None:
        """Return what the VM costs; None where nobody knows."""
        os = str((record.document.get("compute") or {}).get("os"))
        try:
            prices = await self.prices(str(record.document["region"]), os)
        except AzureError as error:
            _log.warning("usage.no_prices", extra={"why": f"{type(error).__name__}: {error}"})
            return None
        return rates_of(prices, running)


def rates_of(prices: tuple[Price, ...], running: Running) -> Rates | None:
    """Return the rates of a VM out of a region's prices: both, or none."""
    size = running.size.casefold()
    found = {one.lifecycle: one.usd_per_hour for one in prices if one.size.casefold() == size}
    od, own = found.get(Lifecycle.OD), found.get(running.lifecycle)
    return None if od is None or own is None else Rates(usd_per_hour=own, od_usd_per_hour=od)


def _is_fresh(one: NodeSummary, now: datetime) -> bool:
    return one.updated_at is not None and now - one.updated_at <= FRESH


def _is_due(key: NodeKey, now: datetime) -> bool:
    digest = hashlib.sha256(key.node_id.encode()).digest()
    return int.from_bytes(digest[:4], "big") % ROUND_MIN == now.minute
