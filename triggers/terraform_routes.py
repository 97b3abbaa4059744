"""The routes of Terraform code: what they take and what they give."""

from typing import Any, Final

from store.tokens import Role
from triggers.openapi_examples import CREATE
from triggers.route import NODE, Body, Items, Route
from triggers.shapes import thing

KIND: Final = "spotinst:azure:statefulNode:terraform"
_HCL: Final = """\
resource "spotinst_stateful_node_azure" "worker" {
  name                = "dev-eu1-worker"
  region              = "eastus"
  resource_group_name = "mooring-demo"

  strategy {
    fallback_to_on_demand = true
    vm_admins             = []
  }

  os = "Linux"

  vm_sizes {
    od_sizes   = ["standard_d2s_v5"]
    spot_sizes = ["standard_d2s_v5", "standard_d4s_v5"]
  }

  should_persist_os_disk    = true
  should_persist_data_disks = true
  should_persist_network    = true
}
"""
_WARNING: Final = thing("field message", line={"type": "integer"})
_WARNINGS: Final[dict[str, Any]] = {"type": "array", "items": _WARNING}
_VARIABLES: Final = {"type": ["object", "null"]}
_CONVERT: Final = thing("", "node hcl resource variables", node=_VARIABLES, variables=_VARIABLES)
_TOLD: Final = {
    "field": "strategy.vm_admins",
    "message": "is not sent by the provider: it counts as unset",
    "line": 8,
}
CODE_ITEM: Final = Items(
    "TerraformCode",
    thing("hcl warnings", warnings=_WARNINGS),
    {"hcl": _HCL, "warnings": []},
)
CONVERTED_ITEM: Final = Items(
    "TerraformConverted",
    thing("warnings", "hcl node", warnings=_WARNINGS, node={"type": "object"}),
    {"node": {"name": CREATE["statefulNode"]["name"]}, "warnings": [_TOLD]},
)

TERRAFORM_ROUTES: Final = (
    Route(
        "mooringStatefulNodeAsTerraform",
        "GET",
        f"{NODE}/{{id}}/terraform",
        Role.VIEWER,
        "Read a node as Terraform code",
        gives=CODE_ITEM,
        ours=True,
        about="What the code cannot say is a comment in it and a warning beside it.",
    ),
    Route(
        "mooringStatefulNodeConvertTerraform",
        "POST",
        f"{NODE}/terraform",
        Role.VIEWER,
        "Turn a node document into Terraform code, or code into a document",
        takes=Body("ConvertTerraform", _CONVERT, {"hcl": _HCL}),
        gives=CONVERTED_ITEM,
        ours=True,
        about="Exactly one of node and hcl. With hcl, variables gives the values of Terraform "
        "variables and resource names the one to read. Nothing is stored; secrets are not "
        "repeated.",
    ),
)
