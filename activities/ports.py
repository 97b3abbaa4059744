"""What activities work with, and how each write to Azure is recorded around."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from activities.azure.clients import Azure, AzureClients
from activities.masks import masks_of
from shared.clock import Clock
from shared.contracts.base import Work
from shared.model.run import Intent, Progress
from shared.names import TAG_NODE, TAG_OPERATION, request_id
from store.stores import Stores


@dataclass(frozen=True)
class Ports:
    """The outside: our records, Azure, the time."""

    stores: Stores
    azure: AzureClients
    clock: Clock

    async def azure_of(self, work: Work) -> Azure:
        """Return the clients of the node's subscription, as its account signs in."""
        return await self.azure.of(work.subscription_id, work.key.account_id)


@asynccontextmanager
async def journalled(
    ports: Ports, work: Work, action: str, target: str, **detail: str
) -> AsyncIterator[None]:
    """Write down what is about to be done to Azure, then how it ended.

    The intent is on disk before the first byte goes to Azure; a repeat of the step keeps the first
    intent. An outcome that is missing means: killed in between, look at Azure. Azure's words in it
    are masked.
    """
    step = f"{work.step}/{action}"
    now = ports.clock.now()
    intent = Intent(
        operation_id=work.operation_id,
        step=step,
        action=action,
        target=target,
        detail=detail,
        intended_at=now,
    )
    progress = Progress(percent=work.percent, step=work.step)
    await asyncio.gather(
        ports.stores.journal.intend(work.key, intent),
        ports.stores.nodes.merge_progress(work.key, progress),
    )
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except asyncio.CancelledError:
        outcome = "cut short"
        raise
    except Exception as error:
        told = (await masks_of(ports.stores, work.key)).hide(str(error))
        outcome = f"{type(error).__name__}: {told}"[:500]
        raise
    finally:
        await ports.stores.journal.outcome(
            work.key, work.operation_id, step, outcome, ports.clock.now()
        )


async def first_intended(ports: Ports, work: Work, action: str) -> datetime:
    """Return when this step first set out to do `action`; now, if it never did.

    A repeat that finds the thing done learns here since when it may have been.
    """
    return await earlier_intent(ports, work, action) or ports.clock.now()


async def earlier_intent(ports: Ports, work: Work, action: str) -> datetime | None:
    """Return when this step first set out to do `action`; None: it never did."""
    step = f"{work.step}/{action}"
    intents = await ports.stores.journal.of_operation(work.key, work.operation_id)
    return min((one.intended_at for one in intents if one.step == step), default=None)


def headers(work: Work) -> dict[str, str]:
    """Return the headers of our writes: Azure's events repeat the request id, and so tell ours."""
    return {"x-ms-client-request-id": request_id(work.operation_id, work.step)}


def owner_tags(work: Work) -> dict[str, str]:
    """Return the tags that say whose a resource is and which operation made it."""
    return {TAG_NODE: work.key.node_id, TAG_OPERATION: work.operation_id}


def is_ours(tags: dict[str, str] | None, work: Work) -> bool:
    """Tell whether a resource carries the node's own tag."""
    return (tags or {}).get(TAG_NODE) == work.key.node_id
