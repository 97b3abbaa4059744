"""Decide where a node goes next, and keep the decision with everything it was made from."""

from typing import Final

from azure.core.exceptions import (
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseError,
)

from activities.azure.errors import THROTTLE_WAIT_S, Transient, arm_error
from activities.catalogue import Catalogue
from activities.facts import DiskGoneError, Sources, gather
from activities.ports import Ports
from activities.prices import RetailPrices
from shared.contracts.base import Throttled
from shared.contracts.market import Decide, Decided, Nowhere
from shared.failures import Kind
from shared.model.facts import Decision, DecisionInputs
from shared.model.run import LogEntry
from shared.policy.decide import decide
from shared.policy.shun import next_ask
from shared.policy.words import story, why_nowhere
from store.node_rows import NodeRecord

DECISION_ID_DIGITS: Final = 16
"""Hex digits of the inputs' digest that name a decision in the log."""


async def decide_move(
    request: Decide,
    *,
    ports: Ports,
    prices: RetailPrices,
    catalogue: Catalogue | None = None,
) -> Decided | Nowhere | Throttled:
    """Gather the facts, rank the markets by every possible rung, keep the decision in the log.

    Reads only, but for the line in the log: a repeat decides again from newer facts.
    `catalogue` keeps sizes and quotas between decisions; without one they are asked for each time.
    Raises Transient where Azure could not be asked and nothing is known from before.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Nowhere(reason="the node was deleted", until=ports.clock.now())
    sources = Sources(ports, prices, catalogue or Catalogue(ports.clock))
    try:
        inputs = await gather(request, record, sources)
    except DiskGoneError as gone:
        return _nowhere(str(gone), record, ports)
    except (ServiceRequestError, ServiceResponseError) as error:
        raise Transient(str(error)) from error
    except HttpResponseError as error:
        return _refused(error, record, ports)
    decision = decide(inputs)
    await ports.stores.log.write(request.work.key, [_entry(request, inputs, decision)])
    if decision.next_ask_at is not None:
        return Nowhere(reason=why_nowhere(decision), until=decision.next_ask_at)
    return Decided(moves=decision.moves, decision_id=decision.inputs_digest[:DECISION_ID_DIGITS])


def _refused(error: HttpResponseError, record: NodeRecord, ports: Ports) -> Nowhere | Throttled:
    problem = arm_error(error)
    rule = problem.rule
    if rule.kind is Kind.TRANSIENT:
        raise Transient(str(problem)) from error
    if rule.kind in (Kind.THROTTLED, Kind.CONFLICT):
        return Throttled(retry_after_s=problem.retry_after_s or rule.wait_s or THROTTLE_WAIT_S)
    return _nowhere(f"{problem.code}: {problem.message}", record, ports)


def _nowhere(reason: str, record: NodeRecord, ports: Ports) -> Nowhere:
    waiting = record.run.waiting
    attempt = waiting.attempt if waiting else 0
    return Nowhere(reason=reason, until=next_ask(ports.clock.now(), attempt))


def _entry(request: Decide, inputs: DecisionInputs, decision: Decision) -> LogEntry:
    return LogEntry(
        at=inputs.now,
        message=f"{request.why}: {story(decision)}",
        severity="INFO" if decision.moves else "WARN",
        data={
            "decision": decision.model_dump(mode="json", exclude_defaults=True),
            "inputs": inputs.model_dump(mode="json", exclude_defaults=True),
        },
    )
