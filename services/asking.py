"""Asking Azure what a VM does right now: a read before a verdict, because notices may be stale."""

from collections.abc import Awaitable, Callable

from activities.azure.clients import Azure, AzureClients
from activities.vm_read import get_vm, power_of
from shared.clock import Clock
from shared.model.ids import NodeKey
from shared.model.run import Vm
from shared.names import same_id


async def power_now(azure: Azure, vm: Vm, clock: Clock) -> str:
    """Return `running`, `deallocated` ...; empty if the VM is gone or another has its name.

    One read. Raises AzureError when Azure does not answer, or refuses.
    """
    there = await get_vm(azure, vm.id, clock)
    if there is None:
        return ""
    is_other = vm.vm_id and not same_id(str(there.properties.vm_id), vm.vm_id)  # type: ignore[union-attr]
    return "" if is_other else power_of(there)


def asker(azure: AzureClients, clock: Clock) -> Callable[[NodeKey, Vm], Awaitable[str]]:
    """Return what asks for the power of a node's VM, as the node's own account signs in."""

    async def ask(key: NodeKey, vm: Vm) -> str:
        return await power_now(await azure.of(subscription_of(vm), key.account_id), vm, clock)

    return ask


def subscription_of(vm: Vm) -> str:
    """Return the subscription in a VM's ARM id."""
    return vm.id.strip("/").split("/")[1]
