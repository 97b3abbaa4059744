"""Paths of application security groups."""

from local.arm.asg import state
from local.arm.network import crud
from local.arm.network.kind import Kind

GROUP = crud.serve(
    Kind(
        segment="applicationSecurityGroups",
        noun="ApplicationSecurityGroup",
        lists=(),
        accept=state.accept,
        links=state.links,
        retry_after_s=10,
        refuse_delete=state.refuse_delete,
    )
)
