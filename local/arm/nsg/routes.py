"""Paths of network security groups and their rules."""

from local.arm.network import children, crud
from local.arm.network.kind import Kind
from local.arm.nsg import state

GROUP = crud.serve(
    Kind(
        segment="networkSecurityGroups",
        noun="NetworkSecurityGroup",
        lists=("securityRules", "defaultSecurityRules"),
        accept=state.accept,
        links=state.links,
        retry_after_s=3,
        refuse_delete=state.refuse_delete,
    )
)
children.serve(children.Children(GROUP, "securityRules", "SecurityRule"))
children.serve(children.Children(GROUP, "defaultSecurityRules"))
