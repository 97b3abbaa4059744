"""What each call about nodes does: read the request, ask the use-case, say what was found."""

from collections.abc import Mapping
from typing import Final

from services.node_log import parse_log_query
from services.node_views import NodeView
from triggers.body import read_json
from triggers.call import Call, Handler
from triggers.envelope import Found
from triggers.routes import KIND


async def _create(call: Call) -> Found:
    body = read_json(call.request)
    return _one(await call.services.nodes.create(call.caller.account_id, body, call.starter))


def _one(node: NodeView) -> Found:
    """Answer one node, with what is to be said of its document."""
    return Found([node], KIND, node.remarks)


async def _list(call: Call) -> Found:
    name, region = (call.request.params.get(one) or None for one in ("name", "region"))
    nodes = call.services.nodes.list_nodes(call.caller.account_id, name, region)
    return Found([node async for node in nodes], KIND)


async def _get(call: Call) -> Found:
    return _one(await call.services.nodes.get(call.key))


async def _update(call: Call) -> Found:
    return _one(await call.services.nodes.update(call.key, read_json(call.request)))


async def _delete(call: Call) -> Found:
    await call.services.nodes.delete(call.key, read_json(call.request), call.starter)
    return Found()


async def _status(call: Call) -> Found:
    return Found([await call.services.nodes.status(call.key)], f"{KIND}:status")


async def _statuses(call: Call) -> Found:
    statuses = await call.services.nodes.statuses(call.caller.account_id)
    return Found(statuses, f"{KIND}:status")


async def _log(call: Call) -> Found:
    query = parse_log_query(call.request.params, call.key.node_id)
    return Found(await call.services.nodes.log(call.key, query), f"{KIND}:logs")


HANDLERS: Final[Mapping[str, Handler]] = {
    "azureStatefulNodeCreate": _create,
    "azureStatefulNodeGetAll": _list,
    "azureStatefulNodeGet": _get,
    "azureStatefulNodeUpdate": _update,
    "azureStatefulNodeDelete": _delete,
    "azureStatefulNodeGetStatus": _status,
    "azureStatefulNodeGetAllStatus": _statuses,
    "azureStatefulNodeLogs": _log,
}
