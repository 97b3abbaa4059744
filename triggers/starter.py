"""Starts orchestrations through the durable client of a call."""

import json

from azure.durable_functions import DurableOrchestrationClient

from services.refusals import StartLost
from shared.model.ids import NodeKey
from shared.model.run import Operation

ENDED = frozenset({"Completed", "Failed", "Terminated", "Canceled"})


class DurableStarter:
    """An `OperationStarter` over the durable client."""

    def __init__(self, client: DurableOrchestrationClient) -> None:
        self._client = client

    async def start(self, key: NodeKey, operation: Operation) -> None:
        """Start under the operation's id.

        Of two starts the second replaces or is refused; either way the orchestration's claim lets
        the operation run once.
        """
        try:
            await self._client.start_new(
                operation.orchestrator,
                instance_id=operation.id,
                client_input=json.loads(operation.input),
            )
        except Exception as error:
            raise StartLost(f"{type(error).__name__} for node {key.node_id}") from error

    async def is_over(self, operation_id: str) -> bool:
        """Tell whether the orchestration ended, in whatever way, or was never there."""
        status = await self._client.get_status(operation_id)
        state = getattr(status, "runtime_status", None)
        return state is None or str(getattr(state, "value", state)) in ENDED
