"""Decide where a node goes next, and keep the decision with everything it was made from."""

from typing import Any, Final

from azure.core.exceptions import HttpResponseError
from pydantic import BaseModel

from activities.azure.errors import Refusal, answering, arm_error
from activities.catalogue import Catalogue
from activities.facts import DiskGoneError, GoingDownError, Sources, gather, present_vm
from activities.ports import Ports
from activities.prices import RetailPrices
from shared.contracts.base import Refused, StillRunning
from shared.contracts.market import Decide, Decided, Nowhere
from shared.contracts.vm import VmFacts
from shared.failures import Kind
from shared.model.facts import Decision, DecisionInputs
from shared.model.run import LogEntry
from shared.policy.decide import decide
from shared.policy.rungs import runs_already
from shared.policy.shun import next_ask
from shared.policy.words import story, why_nowhere
from store.errors import TooLarge
from store.node_rows import NodeRecord

DECISION_ID_DIGITS: Final = 16
"""Hex digits of the inputs' digest that name a decision in the log."""
MESSAGE_MAX: Final = 2_000
"""Characters of a line that a person reads."""
REFUSALS: Final = range(400, 500)
"""HTTP statuses by which somebody said no."""


@answering
async def decide_move(
    request: Decide,
    *,
    ports: Ports,
    prices: RetailPrices,
    catalogue: Catalogue | None = None,
) -> Decided | Nowhere | Refusal | StillRunning:
    """Gather the facts, rank the markets by every possible rung, keep the decision in the log.

    Reads only, but for the line in the log: a repeat decides again from newer facts. A VM that
    runs after all is the only move. Refused: a persisted disk is gone, so no market can help.
    `catalogue` keeps sizes and quotas between decisions; without one they are asked for each time.
    Raises Transient where Azure could not be asked and nothing is known from before.
    """
    record = await ports.stores.nodes.get(request.work.key)
    if record is None:
        return Nowhere(reason="the node was deleted", until=ports.clock.now())
    sources = Sources(ports, prices, catalogue or Catalogue(ports.clock))
    try:
        vm = await present_vm(request, ports)
        return await _decided(request, vm, record, sources)
    except GoingDownError:
        return StillRunning(token="")
    except DiskGoneError as gone:
        return Refused(code="DiskGone", message=str(gone))
    except HttpResponseError as error:
        return _unreadable(error, record, ports)


async def _decided(
    request: Decide, vm: VmFacts | None, record: NodeRecord, sources: Sources
) -> Decided | Nowhere:
    ports, anew = sources.ports, vm if request.look_at else None
    if move := runs_already(vm, record.run):
        line = LogEntry(at=ports.clock.now(), message=f"{request.why}: the VM runs again")
        await ports.stores.log.write(request.work.key, [line])
        return Decided(moves=(move,), vm=anew)
    inputs = await gather(request, vm, record, sources)
    decision = decide(inputs)
    await _keep(request, inputs, decision, ports)
    if decision.next_ask_at is not None:
        return Nowhere(reason=why_nowhere(decision), until=decision.next_ask_at, vm=anew)
    return Decided(
        moves=decision.moves,
        decision_id=decision.inputs_digest[:DECISION_ID_DIGITS],
        vm=anew,
        os_disk=inputs.os_disk,
        data_disks=inputs.data_disks,
        image_luns=inputs.os.data_luns,
    )


def _unreadable(error: HttpResponseError, record: NodeRecord, ports: Ports) -> Nowhere:
    """Wait where somebody must first let us read; raise what a repeat may mend."""
    problem = arm_error(error)
    if problem.status not in REFUSALS or problem.rule.kind not in (Kind.PERMANENT, Kind.GONE):
        raise error
    waiting = record.run.waiting
    until = next_ask(ports.clock.now(), waiting.attempt if waiting else 0)
    return Nowhere(reason=f"{problem.code}: {problem.message}", until=until)


async def _keep(request: Decide, inputs: DecisionInputs, decision: Decision, ports: Ports) -> None:
    """Write the decision to the log: with all it was made from, or as much as a row holds."""
    whole = {"decision": _json(decision), "inputs": _json(inputs)}
    bare = decision.model_copy(update={"scores": (), "exclusions": ()})
    shorter = ({"decision": _json(decision)}, {"decision": _json(bare)})
    for data in (whole, *({**one, "shortened": True} for one in shorter)):
        line = LogEntry(
            at=inputs.now,
            message=f"{request.why}: {story(decision)}"[:MESSAGE_MAX],
            severity="INFO" if decision.moves else "WARN",
            data=data,
        )
        try:
            await ports.stores.log.write(request.work.key, [line])
        except TooLarge:
            continue
        return
    raise AssertionError("at most MARKETS_MAX moves are larger than a row")


def _json(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_defaults=True)
