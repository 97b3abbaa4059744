"""The call by which a VM speaks."""

from collections.abc import Mapping
from typing import Final

from services.signals import VmSignals
from shared.model.ids import AccountId
from triggers.body import read_json
from triggers.call import Call, Handler
from triggers.envelope import Found


async def _signal(call: Call) -> Found:
    signals = VmSignals(call.services.nodes.stores, call.services.clock)
    await signals.say(AccountId(call.caller.account_id), read_json(call.request))
    return Found()


HANDLERS: Final[Mapping[str, Handler]] = {"elastigroupAzureSpotVmsCreateVMSignal": _signal}
