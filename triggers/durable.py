"""Registers runbooks as orchestrators and activities under their contracts' names."""

from collections.abc import Awaitable, Callable
from typing import Any

import azure.durable_functions as df

from shared.durable import Activity, Context, Durable

Handler = Callable[[Any], Awaitable[Any]]
"""A model in, a model out."""


def add_activity(blueprint: df.Blueprint, contract: Activity[Any, Any], handler: Handler) -> None:
    """Serve a contract: JSON in, models inside, JSON out."""

    async def run(payload: dict[str, Any]) -> Any:
        answer = await handler(contract.request.model_validate(payload))
        return answer.model_dump(mode="json")

    run.__name__ = contract.name
    triggered = blueprint.activity_trigger(input_name="payload")(run)
    blueprint.function_name(contract.name)(triggered)


def add_orchestrator(
    blueprint: df.Blueprint, body: Callable[[Context], Durable[dict[str, Any]]]
) -> None:
    """Register an orchestrator under its runbook's name."""
    triggered = blueprint.orchestration_trigger(context_name="context")(body)
    blueprint.function_name(body.__name__)(triggered)
