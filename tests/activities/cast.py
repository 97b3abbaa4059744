"""The cast: which function plays which contract, as the deployed app registers them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from activities import (
    backends,
    data_disk,
    deletion,
    disk,
    disk_fit,
    extension,
    insights,
    market,
    nic,
    node,
    os_disk_swap,
    source_adopt,
    source_handover,
    source_nic,
    source_secure,
    source_vm,
    stock,
)
from activities.let_go import let_go
from activities.signals import await_signal
from activities.snapshots import take_snapshots
from activities.unused import delete_unused
from activities.vm_delete import delete_vm
from activities.vm_launch import create_vm
from activities.vm_start import start_vm
from activities.vm_stop import deallocate_vm, look_at_vm
from activities.vm_wait import await_down
from shared.contracts import backend as backend_contracts
from shared.contracts import disk as disks
from shared.contracts import disk_fit as disk_fits
from shared.contracts import disks_change as disk_changes
from shared.contracts import insights as insights_contracts
from shared.contracts import market as markets
from shared.contracts import nic as nics
from shared.contracts import node as nodes
from shared.contracts import signal as signals
from shared.contracts import snapshots
from shared.contracts import source as sources
from shared.contracts import stock as stocks
from shared.contracts import vm as vms
from shared.durable import Activity

Handler = Callable[..., Awaitable[Any]]

HANDLERS: Mapping[str, Handler] = {
    "claim_operation": node.claim_operation,
    "settle_operation": node.settle_operation,
    "fail_operation": node.fail_operation,
    "await_down": await_down,
    "create_vm": create_vm,
    "start_vm": start_vm,
    "delete_vm": delete_vm,
    "deallocate_vm": deallocate_vm,
    "look_at_vm": look_at_vm,
    "install_extensions": extension.install_extensions,
    "copy_disks": disk.copy_disks,
    "delete_resources": deletion.delete_resources,
    "delete_unused": delete_unused,
    "let_go": let_go,
    "make_data_disk": data_disk.make_data_disk,
    "attach_data_disk": data_disk.attach_data_disk,
    "detach_data_disk": data_disk.detach_data_disk,
    "adopt_os_disk": os_disk_swap.adopt_os_disk,
    "exchange_os_disk": os_disk_swap.exchange_os_disk,
    "ensure_nics": nic.ensure_nics,
    "register_backends": backends.register_backends,
    "deregister_backends": backends.deregister_backends,
    "await_signal": await_signal,
    "take_snapshots": take_snapshots,
    "fit_disks": disk_fit.fit_disks,
    "associate_rule": insights.associate_rule,
    "secure_source": source_secure.secure_source,
    "hold_addresses": source_nic.hold_addresses,
    "leave_pools": source_nic.leave_pools,
    "join_pools": source_nic.join_pools,
    "stop_source": source_vm.stop_source,
    "convert_source": source_vm.convert_source,
    "free_nics": source_handover.free_nics,
    "give_back_nics": source_handover.give_back_nics,
    "start_source": source_vm.start_source,
    "release_source": source_vm.release_source,
    "adopt_source": source_adopt.adopt_source,
    "end_import": source_adopt.end_import,
    "take_stock": stock.take_stock,
    "decide": market.decide_move,
}


CONTRACTS: Mapping[str, Activity[Any, Any]] = {
    one.name: one
    for module in (
        *(backend_contracts, disk_changes, disk_fits, disks, insights_contracts, markets),
        *(nics, nodes, signals, snapshots, sources, stocks, vms),
    )
    for one in vars(module).values()
    if isinstance(one, Activity)
}
"""Every contract of the package, by name."""
