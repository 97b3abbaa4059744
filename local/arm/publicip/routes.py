"""Paths of public IP addresses."""

from local.arm.network import crud
from local.arm.network.kind import Kind
from local.arm.publicip import state, wire

ADDRESS = crud.serve(
    Kind(
        segment="publicIPAddresses",
        noun="PublicIpAddress",
        lists=(),
        accept=state.accept,
        links=state.links,
        retry_after_s=1,
        settled=state.settled,
        refuse_delete=state.refuse_delete,
        dress=wire.dress,
    )
)
