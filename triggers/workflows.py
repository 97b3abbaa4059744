"""Which runbook and which activity serves which name."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import azure.durable_functions as df

from activities import (
    backends,
    data_disk,
    deletion,
    disk,
    disk_fit,
    extension,
    insights,
    nic,
    node,
    os_disk_swap,
)
from activities.let_go import let_go
from activities.masks import hushed
from activities.ports import Ports
from activities.signals import await_signal
from activities.snapshots import take_snapshots
from activities.source_adopt import adopt_source, end_import
from activities.source_handover import free_nics, give_back_nics
from activities.source_nic import hold_addresses, join_pools, leave_pools
from activities.source_secure import secure_source
from activities.source_vm import convert_source, release_source, start_source, stop_source
from activities.stock import take_stock
from activities.unused import delete_unused
from activities.vm_delete import delete_vm
from activities.vm_launch import create_vm
from activities.vm_start import start_vm
from activities.vm_stop import deallocate_vm, look_at_vm
from activities.vm_wait import await_down
from orchestrators.attach_disk import AttachDisk, attach_disk
from orchestrators.create import create
from orchestrators.deallocate import deallocate
from orchestrators.delete import DeleteNode, delete
from orchestrators.detach_disk import DetachDisk, detach_disk
from orchestrators.import_vm import ImportVm, import_vm
from orchestrators.pause import pause
from orchestrators.recycle import recycle
from orchestrators.replace import ReplaceNode, replace
from orchestrators.resume import resume
from orchestrators.snapshot_disks import snapshot_disks
from orchestrators.start import start
from orchestrators.stop import stop
from orchestrators.swap_os_disk import SwapOsDisk, swap_os_disk
from shared.contracts import backend as backend_contracts
from shared.contracts import disk as disk_contracts
from shared.contracts import disk_fit as disk_fit_contracts
from shared.contracts import disks_change as change_contracts
from shared.contracts import insights as insights_contracts
from shared.contracts import market as market_contracts
from shared.contracts import nic as nic_contracts
from shared.contracts import node as node_contracts
from shared.contracts import signal as signal_contracts
from shared.contracts import snapshots as snapshot_contracts
from shared.contracts import source as source_contracts
from shared.contracts import stock as stock_contracts
from shared.contracts import vm as vm_contracts
from shared.contracts.base import OperationInput
from shared.durable import Activity, Context, Durable, serve
from triggers.durable import Handler, add_activity, add_orchestrator

RUNBOOKS: Final[tuple[tuple[Any, type[OperationInput]], ...]] = (
    (create, OperationInput),
    (replace, ReplaceNode),
    (delete, DeleteNode),
    (deallocate, OperationInput),
    (attach_disk, AttachDisk),
    (detach_disk, DetachDisk),
    (swap_os_disk, SwapOsDisk),
    (pause, OperationInput),
    (resume, OperationInput),
    (recycle, OperationInput),
    (stop, OperationInput),
    (start, OperationInput),
    (snapshot_disks, OperationInput),
    (import_vm, ImportVm),
)
ACTIVITIES: Final[tuple[tuple[Activity[Any, Any], Any], ...]] = (
    (node_contracts.CLAIM, node.claim_operation),
    (node_contracts.SETTLE, node.settle_operation),
    (node_contracts.FAIL_OPERATION, node.fail_operation),
    (vm_contracts.AWAIT_DOWN, await_down),
    (vm_contracts.CREATE_VM, create_vm),
    (vm_contracts.START_VM, start_vm),
    (vm_contracts.DELETE_VM, delete_vm),
    (vm_contracts.DEALLOCATE_VM, deallocate_vm),
    (vm_contracts.LOOK_AT_VM, look_at_vm),
    (vm_contracts.INSTALL_EXTENSIONS, extension.install_extensions),
    (disk_fit_contracts.FIT_DISKS, disk_fit.fit_disks),
    (insights_contracts.ASSOCIATE_RULE, insights.associate_rule),
    (disk_contracts.COPY_DISKS, disk.copy_disks),
    (disk_contracts.DELETE_RESOURCES, deletion.delete_resources),
    (disk_contracts.DELETE_UNUSED, delete_unused),
    (disk_contracts.LET_GO, let_go),
    (change_contracts.MAKE_DATA_DISK, data_disk.make_data_disk),
    (change_contracts.ATTACH_DATA_DISK, data_disk.attach_data_disk),
    (change_contracts.DETACH_DATA_DISK, data_disk.detach_data_disk),
    (change_contracts.ADOPT_OS_DISK, os_disk_swap.adopt_os_disk),
    (change_contracts.EXCHANGE_OS_DISK, os_disk_swap.exchange_os_disk),
    (nic_contracts.ENSURE_NICS, nic.ensure_nics),
    (backend_contracts.REGISTER_BACKENDS, backends.register_backends),
    (backend_contracts.DEREGISTER_BACKENDS, backends.deregister_backends),
    (signal_contracts.AWAIT_SIGNAL, await_signal),
    (snapshot_contracts.TAKE_SNAPSHOTS, take_snapshots),
    (stock_contracts.TAKE_STOCK, take_stock),
    (source_contracts.SECURE_SOURCE, secure_source),
    (source_contracts.HOLD_ADDRESSES, hold_addresses),
    (source_contracts.LEAVE_POOLS, leave_pools),
    (source_contracts.JOIN_POOLS, join_pools),
    (source_contracts.STOP_SOURCE, stop_source),
    (source_contracts.CONVERT_SOURCE, convert_source),
    (source_contracts.FREE_NICS, free_nics),
    (source_contracts.GIVE_BACK_NICS, give_back_nics),
    (source_contracts.START_SOURCE, start_source),
    (source_contracts.RELEASE_SOURCE, release_source),
    (source_contracts.ADOPT_SOURCE, adopt_source),
    (source_contracts.END_IMPORT, end_import),
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
        given = await ports()
        return await hushed(handler, request, given.stores, ports=given)

    return run


def fail(context: Context, request: OperationInput, reason: str) -> Durable[object]:
    """End an operation that something escaped from."""
    failed = node_contracts.FailOperation(
        key=request.key, operation_id=request.operation_id, reason=reason
    )
    return (yield from node_contracts.FAIL_OPERATION(context, failed))
