"""How a VM is, as Azure tells it: its guest agent, by one read."""

from collections.abc import Mapping
from typing import Any, Final

from activities.azure.clients import Azure
from activities.vm_read import get_vm, power_of
from shared.clock import Clock
from shared.model.run import Vm
from shared.model.seen import VmHealth
from shared.names import same_id
from shared.policy.health import VM_AGENT, VM_STATE, vm_state

READY: Final = "provisioningstate/succeeded"
"""The agent's status while it reports. When it is silent: `ProvisioningState/Unavailable`, shown as
Not Ready. Source: recorded replies of both."""


async def read_health(azure: Azure, vm: Vm, clock: Clock) -> Mapping[str, VmHealth]:
    """Return what one read of a VM says, by check; empty if another VM has its name by now.

    A VM that is gone has no state and no agent. Raises AzureError.
    """
    there = await get_vm(azure, vm.id, clock)
    properties: Any = there.properties if there else None
    if properties and vm.vm_id and not same_id(str(properties.vm_id), vm.vm_id):
        return {}
    power = power_of(there) if there else None
    return {VM_STATE: vm_state(power), VM_AGENT: agent_state(properties)}


def agent_state(properties: Any) -> VmHealth:
    """Return what a VM's instance view says of its agent; UNKNOWN where it says nothing."""
    view = properties.instance_view if properties else None
    agent = view.vm_agent if view else None
    codes = [str(status.code or "").lower() for status in (agent.statuses if agent else None) or ()]
    if not codes:
        return VmHealth.UNKNOWN
    return VmHealth.HEALTHY if all(code == READY for code in codes) else VmHealth.UNHEALTHY
