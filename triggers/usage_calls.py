"""The calls about what nodes have used and cost."""

from collections.abc import Mapping
from typing import Final

from services.costs import Costs, parse_cost_query
from triggers.call import Call, Handler
from triggers.envelope import Found
from triggers.usage_routes import COST_KIND, SIZE_KIND


def _costs(call: Call) -> Costs:
    return Costs(call.services.nodes.stores, call.services.clock)


async def _total(call: Call) -> Found:
    query = parse_cost_query(call.request.params)
    return Found([await _costs(call).total(call.caller.account_id, query)], COST_KIND)


async def _daily(call: Call) -> Found:
    query = parse_cost_query(call.request.params)
    return Found(await _costs(call).daily(call.caller.account_id, query), COST_KIND)


async def _sizes(call: Call) -> Found:
    query = parse_cost_query(call.request.params)
    return Found(await _costs(call).sizes(call.caller.account_id, query), SIZE_KIND)


HANDLERS: Final[Mapping[str, Handler]] = {
    "azureGetAggregatedCosts": _total,
    "azureGetDailyAggregatedCosts": _daily,
    "azureGetDailyVmSizeUsage": _sizes,
}
