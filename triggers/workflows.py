"""Which runbook and which activity serves which name."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import azure.durable_functions as df

from activities import deletion, disk, extension, nic, node
from activities.ports import Ports
from activities.vm_delete import delete_vm
from activities.vm_launch import create_vm
from activities.vm_start import start_vm
from activities.vm_wait import await_down
from orchestrators.create import create
from orchestrators.delete import DeleteNode, delete
from orchestrators.replace import ReplaceNode, replace
from shared.contracts import disk as disk_contracts
from shared.contracts import market as market_contracts
from shared.contracts import nic as nic_contracts
from shared.contracts import node as node_contracts
from shared.contracts import vm as vm_contracts
from shared.contracts.base import OperationInput
from shared.durable import Activity, Context, Durable, serve
from triggers.durable import Handler, add_activity, add_orchestrator

RUNBOOKS: Final[tuple[tuple[Any, type[OperationInput]], ...]] = (
    (create, OperationInput),
    (replace, ReplaceNode),
    (delete, DeleteNode),
)
ACTIVITIES: Final[tuple[tuple[Activity[Any, Any], Any], ...]] = (
    (node_contracts.CLAIM, node.claim_operation),
    (node_contracts.SETTLE, node.settle_operation),
    (node_contracts.FAIL_OPERATION, node.fail_operation),
    (vm_contracts.AWAIT_DOWN, await_down),
    (vm_contracts.CREATE_VM, create_vm),
    (vm_contracts.START_VM, start_vm),
    (vm_contracts.DELETE_VM, delete_vm),
    (vm_contracts.INSTALL_EXTENSIONS, extension.install_extensions),
    (disk_contracts.COPY_DISKS, disk.copy_disks),
    (disk_contracts.DELETE_RESOURCES, deletion.delete_resources),
    (nic_contracts.ENSURE_NICS, nic.ensure_nics),
)
"""Those that work with ports alone; DECIDE has sources of its own."""

FindPorts = Callable[[], Awaitable[Ports]]


def workflows(ports: FindPorts, decide: Handler) -> df.Blueprint:
    """Return the blueprint with every orchestrator and activity.

    `ports` is awaited at each activity: it should cache. `decide` serves DECIDE.
    """
    blueprint = df.Blueprint()
    for runbook, request in RUNBOOKS:
        add_orchestrator(blueprint, serve(runbook, request, fail))
    add_activity(blueprint, market_contracts.DECIDE, decide)
    for contract, handler in ACTIVITIES:
        add_activity(blueprint, contract, _on_ports(handler, ports))
    return blueprint


def _on_ports(handler: Any, ports: FindPorts) -> Handler:
    async def run(request: object) -> object:
        return await handler(request, ports=await ports())

    return run


def fail(context: Context, request: OperationInput, reason: str) -> Durable[object]:
    """End an operation that something escaped from."""
    failed = node_contracts.FailOperation(
        key=request.key, operation_id=request.operation_id, reason=reason
    )
    return (yield from node_contracts.FAIL_OPERATION(context, failed))
