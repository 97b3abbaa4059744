"""The call that asks a node to change its state."""

from collections.abc import Mapping
from typing import Final

from services.actions import NodeActions
from triggers.body import read_json
from triggers.call import Call, Handler
from triggers.envelope import Found


async def _change_state(call: Call) -> Found:
    nodes = call.services.nodes
    actions = NodeActions(nodes.stores, nodes.operations, nodes.images)
    await actions.change_state(call.key, read_json(call.request), call.starter)
    return Found()


HANDLERS: Final[Mapping[str, Handler]] = {"azureStatefulNodeChangeState": _change_state}
