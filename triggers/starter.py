"""Starts orchestrations through the durable client of a call."""

from azure.durable_functions import DurableOrchestrationClient

from services.refusals import StartLost
from shared.model.ids import NodeKey
from shared.model.run import Operation


class DurableStarter:
    """An `OperationStarter` over the durable client."""

    def __init__(self, client: DurableOrchestrationClient) -> None:
        self._client = client

    async def start(self, key: NodeKey, operation: Operation) -> None:
        """Start under the operation's id: a second start of an id that runs is refused there."""
        try:
            await self._client.start_new(
                operation.orchestrator, instance_id=operation.id, client_input=operation.input
            )
        except Exception as error:
            raise StartLost(f"{type(error).__name__} for node {key.node_id}") from error
