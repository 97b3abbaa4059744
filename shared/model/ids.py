"""Identities: which node, under whose account."""

from typing import NewType

from pydantic import BaseModel, ConfigDict

AccountId = NewType("AccountId", str)
"""`act-` and 8 hex digits: one connected Azure subscription."""
NodeId = NewType("NodeId", str)
"""`ssn-` and 8 hex digits: one node, for its whole life."""
OperationId = NewType("OperationId", str)
"""Id of one operation, and of the orchestration that runs it."""


class NodeKey(BaseModel):
    """Where one node's rows are: its account and its id."""

    model_config = ConfigDict(frozen=True)

    account_id: AccountId
    node_id: NodeId

    @property
    def partition(self) -> str:
        """The partition key of the node's rows in the nodes table."""
        return f"{self.account_id}.{self.node_id}"


def node_key(account_id: str, node_id: str) -> NodeKey:
    """Make a key from plain texts."""
    return NodeKey(account_id=AccountId(account_id), node_id=NodeId(node_id))
