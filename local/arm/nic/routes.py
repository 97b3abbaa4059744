"""Paths of network interfaces."""

from local.arm.network import children, crud
from local.arm.network.kind import Kind
from local.arm.nic import state, wire

NIC = crud.serve(
    Kind(
        segment="networkInterfaces",
        noun="NetworkInterface",
        lists=("ipConfigurations",),
        accept=state.accept,
        links=state.links,
        retry_after_s=0,
        latency="nic",
        instant=True,
        kept=state.kept,
        refuse_delete=state.refuse_delete,
        dropped=state.dropped,
        dress=wire.dress,
    )
)
children.serve(children.Children(NIC, "ipConfigurations"))
