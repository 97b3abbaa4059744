"""The runbooks and activities that the process serves, for rehearsals."""

from collections.abc import Awaitable, Callable
from typing import Any

from activities.ports import Ports
from services.plan.rehearsal import Handler, Works
from shared.contracts.market import DECIDE
from shared.durable import serve
from triggers.workflows import ACTIVITIES, RUNBOOKS, fail

Decision = Callable[[Any, Ports], Awaitable[Any]]
"""Serves DECIDE on the ports that it is given."""


def works(decide: Decision) -> Works:
    """Return what is registered for the durable host, by the same names."""
    runbooks = {body.__name__: serve(body, request, fail) for body, request in RUNBOOKS}
    activities = {contract.name: (contract, _on(handler)) for contract, handler in ACTIVITIES}
    return Works(runbooks, activities | {DECIDE.name: (DECIDE, decide)})


def _on(handler: Any) -> Handler:
    async def run(request: object, ports: Ports) -> object:
        return await handler(request, ports=ports)

    return run
