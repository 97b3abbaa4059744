"""A node as Terraform code, and Terraform code as a node."""

from collections.abc import Mapping
from typing import Final

from services.terraform.conversion import TerraformCode
from triggers.body import read_json
from triggers.call import Call, Handler
from triggers.envelope import Found
from triggers.terraform_routes import KIND


def _code(call: Call) -> TerraformCode:
    nodes = call.services.nodes
    return TerraformCode(nodes.stores.nodes, nodes.limits)


async def _of_node(call: Call) -> Found:
    return Found([await _code(call).of_node(call.key)], KIND)


async def _convert(call: Call) -> Found:
    return Found([_code(call).convert(read_json(call.request))], KIND)


HANDLERS: Final[Mapping[str, Handler]] = {
    "mooringStatefulNodeAsTerraform": _of_node,
    "mooringStatefulNodeConvertTerraform": _convert,
}
