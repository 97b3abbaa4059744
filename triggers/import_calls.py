"""What each call about imports does."""

from collections.abc import Mapping
from typing import Final

from triggers.body import read_json
from triggers.call import Call, Handler
from triggers.envelope import Found
from triggers.route import KIND

IMPORT_KIND: Final = "spotinst:azure:stateful:import:node"
STATE_KIND: Final = "spotinst:stateful:import:node"


async def _configuration(call: Call) -> Found:
    group, name = (
        call.found.parameters[one] for one in ("resourceGroupName", "virtualMachineName")
    )
    node = await call.services.imports.configuration(call.caller.account_id, group, name)
    return Found([node], KIND)


async def _import(call: Call) -> Found:
    body, account_id = read_json(call.request), call.caller.account_id
    return Found([await call.services.imports.begin(account_id, body, call.starter)], IMPORT_KIND)


async def _state(call: Call) -> Found:
    account_id, asked_id = call.caller.account_id, call.found.parameters["importId"]
    return Found([await call.services.imports.status(account_id, asked_id)], STATE_KIND)


HANDLERS: Final[Mapping[str, Handler]] = {
    "azureStatefulNodeGetImportConfiguration": _configuration,
    "azureStatefulNodeImportVm": _import,
    "azureStatefulNodeGetImportStatus": _state,
}
