"""What clients ask of Terraform code: a node as code, code as a node."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from services.refusals import UnknownNode
from services.terraform.reading import read
from services.terraform.writing import Present, write
from shared.model.ids import NodeKey
from shared.model.merge import merge
from shared.model.node import NodeDocument
from shared.model.problems import Code, FieldError, Rejected
from shared.model.rules.facts import Limits
from shared.model.shape import shape
from shared.model.validate import problem_of
from shared.model.wire import from_stored
from store.nodes import Nodes

WAYS: Final = ("node", "hcl")
WITH_HCL: Final = ("variables", "resource")
_NODE_ID: Final = re.compile(r"ssn-[0-9a-f]{8}")


@dataclass(frozen=True)
class TerraformCode:
    """Node documents as Terraform code and back. Nothing is stored."""

    nodes: Nodes
    limits: Limits = field(default_factory=Limits)

    async def of_node(self, key: NodeKey) -> dict[str, Any]:
        """Return the code of a node that exists. Raises `UnknownNode`."""
        record = await self.nodes.get(key)
        if record is None:
            raise UnknownNode(key.node_id)
        disk = record.run.os_disk
        present = Present(key.node_id, disk.size_gib if disk else None)
        return _code(from_stored(record.document), present)

    def convert(self, body: object) -> dict[str, Any]:
        """Turn `{"node": {...}}` into code, or `{"hcl": "..."}` into a node document.

        With `hcl`, `variables` gives values of Terraform variables, and `resource` names the
        resource to read where there are several. Secrets are not repeated. Raises `Rejected`.
        """
        asked = _asked(body)
        if "node" in asked:
            node = _an_object(asked, "node")
            return _code(_draft(node), _present(node.get("id")))
        return self._node(asked)

    def _node(self, asked: dict[str, Any]) -> dict[str, Any]:
        code, wanted = asked["hcl"], asked.get("resource") or ""
        for name, value in (("hcl", code), ("resource", wanted)):
            if not isinstance(value, str):
                raise Rejected([FieldError(Code.TYPE, "must be a text", name)])
        variables = _an_object(asked, "variables") if asked.get("variables") else {}
        reading = read(code, variables, wanted, self.limits)
        return {"node": reading.node, "warnings": [one.view() for one in reading.warnings]}


def _present(node_id: object) -> Present | None:
    """Take a document with an id for that of a node that exists."""
    known = isinstance(node_id, str) and _NODE_ID.fullmatch(node_id)
    return Present(str(node_id)) if known else None


def _code(document: NodeDocument, present: Present | None) -> dict[str, Any]:
    written = write(document, present)
    return {"hcl": written.hcl, "warnings": [one.view() for one in written.warnings]}


def _asked(body: object) -> dict[str, Any]:
    if not isinstance(body, dict):
        message = 'must be an object: {"node": {...}} or {"hcl": "..."}'
        raise Rejected([FieldError(Code.TYPE, message, "body")])
    ways = [name for name in WAYS if body.get(name) is not None]
    if len(ways) != 1:
        code = Code.CONFLICT if ways else Code.REQUIRED
        raise Rejected([FieldError(code, "exactly one of node and hcl is required", "node")])
    known = (*WAYS, *WITH_HCL) if ways == ["hcl"] else WAYS
    strange = [
        FieldError(Code.UNKNOWN, "is not a known field", str(name)[:100])
        for name in body
        if name not in known
    ]
    if strange:
        raise Rejected(strange)
    return {name: value for name, value in body.items() if value is not None}


def _an_object(asked: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = asked[name]
    if not isinstance(value, dict):
        raise Rejected([FieldError(Code.TYPE, "must be an object", name)])
    return value


def _draft(node: dict[str, Any]) -> NodeDocument:
    """Return a draft: its fields are judged, not what they mean together."""
    shaped = shape(NodeDocument, node, "node")
    errors = [shaped.error(one) for one in shaped.problems]
    try:
        document = NodeDocument.model_validate(merge(NodeDocument, {}, shaped.value))
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        errors += [shaped.error(problem_of(one)) for one in details]
        raise Rejected(dict.fromkeys(errors)) from None
    if errors:
        raise Rejected(errors)
    return document
