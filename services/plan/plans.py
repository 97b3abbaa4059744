"""Plans: what a call would do, and the call done as it was planned.

A plan is not kept. Its id holds a seed and a digest: whoever runs it rehearses the call again with
the same seed, and only if the same writes come out of the same facts is it done.
"""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any, Final

from azure.core.exceptions import AzureError

from services.operations import Operations
from services.plan.rehearsal import House, Played, Rehearsal, rehearsal
from services.plan.telling import DIGEST_DIGITS, Told, digest_of, plan_view
from services.refusals import AzureSilent, NotNow
from services.usage import PricesOf, rates_of
from shared.model.ids import NodeKey, node_key
from shared.model.problems import Code, FieldError, Rejected
from shared.model.run import DueItem, DueKind, LogEntry
from shared.policy.usage import running_of
from store.codec import model_of
from store.node_rows import NodeRecord

ACTIONS: Final = (
    "create",
    "update",
    "delete",
    "pause",
    "resume",
    "recycle",
    "stop",
    "start",
    "swap",
    "attach",
    "detach",
    "import",
)
WITHOUT_NODE: Final = frozenset({"create", "import"})
"""Actions that make a node."""
LOG_LINES: Final = 200
PLAN_S: Final = 90.0
"""A client waits for the answer: some ten reads, each of some tenths of a second."""
CHANGED: Final = "what the plan rests on has changed since: ask for the plan anew, and run that"
_NODE_ID: Final = re.compile(r"ssn-[0-9a-f]{8}")
_PLAN_ID: Final = re.compile(rf"pln-([0-9a-f]{{8}})-([0-9a-f]{{{DIGEST_DIGITS}}})")


class FactsChanged(NotNow):
    """The plan would be another one now."""


@dataclass(frozen=True)
class Asked:
    """What is to be planned, or run as planned."""

    action: str
    node_id: str
    body: dict[str, Any]
    """What the call itself takes."""
    plan_id: str = ""

    @property
    def seed(self) -> str:
        """The seed of the plan that is to be run; empty: there is none yet."""
        found = _PLAN_ID.fullmatch(self.plan_id)
        return found[1] if found else ""


def parse_plan(body: object) -> Asked:
    """Return what the body of a plan call asks for. Raises `Rejected`."""
    if not isinstance(body, dict):
        raise Rejected([FieldError(Code.TYPE, 'must be an object: {"action": ...}', "body")])
    rest = dict(body)
    action, node_id, plan_id = (rest.pop(name, None) for name in ("action", "nodeId", "planId"))
    errors: list[FieldError] = []
    if action not in ACTIONS:
        errors.append(FieldError(Code.VALUE, f"must be one of {', '.join(ACTIONS)}", "action"))
    elif action in WITHOUT_NODE and node_id is not None:
        errors.append(FieldError(Code.CONFLICT, f"{action} makes a node: leave it out", "nodeId"))
    elif action not in WITHOUT_NODE and not _matches(_NODE_ID, node_id):
        errors.append(FieldError(Code.REQUIRED, "must be the id of a node: ssn-...", "nodeId"))
    if plan_id is not None and not _matches(_PLAN_ID, plan_id):
        errors.append(FieldError(Code.VALUE, "must be the id of a plan: pln-...", "planId"))
    if errors:
        raise Rejected(errors)
    return Asked(str(action), str(node_id or ""), rest, str(plan_id or ""))


def _matches(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def seeded(seed: str) -> Callable[[], str]:
    """Return what makes ids: always the same ones for the same seed."""
    numbers = count()
    return lambda: hashlib.sha256(f"{seed}-{next(numbers)}".encode()).hexdigest()[:8]


Perform = Callable[[Rehearsal, Operations, str], Awaitable[object]]
"""Does a call (by the word of its action) on a rehearsal's tables, with operations of its own."""


@dataclass(frozen=True)
class Plans:
    """Makes plans."""

    house: House
    prices: PricesOf
    new_id: Callable[[], str]

    async def make(self, account_id: str, asked: Asked, perform: Perform) -> dict[str, Any]:
        """Return the plan of a call; where a plan's id is given, only if it is still that plan.

        Raises what the call itself would, `AzureSilent`, and `FactsChanged` for another plan.
        """
        seed = asked.seed or self.new_id()
        try:
            async with asyncio.timeout(PLAN_S):
                told = await self._told(account_id, asked, perform, seed)
        except NotNow as refused:
            if not asked.plan_id:
                raise
            raise FactsChanged(f"{CHANGED} ({refused})") from refused
        except TimeoutError:
            text = f"Azure did not tell within {PLAN_S:.0f} s what a plan must know"
            raise AzureSilent(text) from None
        plan_id = f"pln-{seed}-{digest_of(told)[:DIGEST_DIGITS]}"
        if asked.plan_id and plan_id != asked.plan_id:
            raise FactsChanged(CHANGED)
        return plan_view(told, plan_id)

    async def _told(self, account_id: str, asked: Asked, perform: Perform, seed: str) -> Told:
        async with rehearsal(self.house) as stage:
            key = node_key(account_id, asked.node_id) if asked.node_id else None
            before = await self.house.stores.nodes.get(key) if key else None
            operations = Operations(stage.stores.due, stage.clock, seeded(seed))
            part = _Part(stage)
            await perform(stage, operations, asked.action)
            made = stage.started[0][0] if stage.started else None
            key = key or made
            played = await stage.play()
            after = await stage.stores.nodes.get(key) if key else None
            told = await self._part(part, asked, key, played, (before, after))
            if asked.action != "update" or key is None:
                return told
            return await self._with_recycling(told, stage, operations, (asked, key, perform))

    async def _with_recycling(
        self,
        told: Told,
        stage: Rehearsal,
        operations: Operations,
        what: tuple[Asked, NodeKey, Perform],
    ) -> Told:
        """Add what a recycle would do after an update: that is when most of it takes effect."""
        asked, key, perform = what
        part = _Part(stage)
        try:
            await perform(stage, operations, "recycle")
        except NotNow:
            return told
        played = await stage.play()
        after = await stage.stores.nodes.get(key)
        then = await self._part(part, asked, key, played, (told.before, after))
        notes = ("an update takes effect at the node's next launch: see whenRecycled",)
        return replace(told, when_recycled=then, notes=notes)

    async def _part(
        self,
        part: "_Part",
        asked: Asked,
        key: NodeKey | None,
        played: list[Played],
        records: tuple[NodeRecord | None, NodeRecord | None],
    ) -> Told:
        before, after = records
        stage = part.stage
        return Told(
            action=asked.action,
            asked=asked.body,
            writes=stage.transport.writes[part.first :],
            played=played,
            before=before,
            after=after,
            elapsed_s=stage.clock.elapsed_s - part.elapsed_s,
            log=await _log(stage, key, part.began),
            later=await _tries(stage),
            usd_per_hour=(await self._usd(before), await self._usd(after)),
        )

    async def _usd(self, record: NodeRecord | None) -> float | None:
        """Return what a node's VM costs an hour; 0 without one, None where nobody knows."""
        running = running_of(record.run) if record else None
        if record is None or running is None:
            return 0.0
        os = str((record.document.get("compute") or {}).get("os"))
        try:
            prices = await self.prices(str(record.document["region"]), os)
        except AzureError:
            return None
        rates = rates_of(prices, running)
        return rates.usd_per_hour if rates else None


class _Part:
    """Where a part of a rehearsal begins."""

    def __init__(self, stage: Rehearsal) -> None:
        self.stage = stage
        self.first = len(stage.transport.writes)
        self.elapsed_s = stage.clock.elapsed_s
        self.began: datetime = stage.clock.now()


async def _log(stage: Rehearsal, key: NodeKey | None, began: datetime) -> list[LogEntry]:
    if key is None:
        return []
    lines = await stage.stores.log.read(key, began, stage.clock.now(), LOG_LINES)
    return lines[::-1]


async def _tries(stage: Rehearsal) -> list[DueItem]:
    rows = await stage.overlay.written("due")
    items = [model_of(row.values, "item", DueItem) for row in rows if "item" in row.values]
    return [one for one in items if one.kind == DueKind.CAPACITY_RETRY]
