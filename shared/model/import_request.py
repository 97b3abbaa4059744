"""What a client sends to import a VM, and the node document that comes of it.

A node document may be partial here, and null, absent and {} all mean "not said": what is not said
comes from the VM itself. What persists is on the VM's own disks and NICs already, so that a client
cannot set it.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from pydantic import AfterValidator, Field, Strict, ValidationError, field_validator

from shared.model.fields import Also, Flag, Part, ResourceGroupName, Whole
from shared.model.merge import merge
from shared.model.node import NodeDocument
from shared.model.parse import body_root
from shared.model.problems import Code, Loc, Problem, Rejected
from shared.model.rules.facts import Limits, value_at
from shared.model.shape import Shaped, shape
from shared.model.validate import problem_of, validate
from shared.policy.edit_locks import LAUNCH, LOCKED_BY

ROOT: Final = "statefulNodeImport"
NODE: Final = "node"
DRAINING_DEFAULT_S: Final = 120
DRAINING_MAX_S: Final = 1_800
RETENTION_DEFAULT_H: Final = 96
RETENTION_MAX_H: Final = 731
"""Source of all four: the published API."""
_VM_NAME = re.compile(r"[^\s/\\?#%&<>:*\"|]{1,64}")
"""What can stand in an ARM id. Source: Azure docs, resource-name-rules, virtualMachines."""


def _vm_name(value: str) -> str:
    if _VM_NAME.fullmatch(value) is None:
        raise ValueError("must be the name of a virtual machine, at most 64 characters")
    return value


class ImportCall(Part):
    """Which VM becomes a node, and how."""

    read_only: ClassVar[frozenset[str]] = frozenset({"statefulImportId"})

    original_vm_name: Annotated[str, Strict(), AfterValidator(_vm_name)]
    resource_group_name: ResourceGroupName
    """Of the VM; the node's own may be another."""
    draining_timeout_s: Annotated[Whole, Field(ge=0, le=DRAINING_MAX_S)] = Field(
        default=DRAINING_DEFAULT_S, alias="drainingTimeout"
    )
    resources_retention_time_h: Annotated[
        Annotated[Whole, Field(ge=0, le=RETENTION_MAX_H)], Also("resourceRetentionTime")
    ] = Field(default=RETENTION_DEFAULT_H, alias="resourcesRetentionTime")
    convert_unmanaged_disks: Flag = False
    node: NodeDocument | None = None
    """As much of the node's document as the client cares to say."""


class _Head(ImportCall):
    """The call without its node, which is judged by itself."""

    node: Any = None

    @field_validator("node")
    @classmethod
    def _object(cls, value: Any) -> Any:
        if value is not None and not isinstance(value, dict):
            raise ValueError("must be an object")
        return value


@dataclass(frozen=True)
class ImportRequest:
    """A call whose own fields are in order; its node is not judged yet."""

    call: ImportCall
    shaped: Shaped
    node: dict[str, Any]
    """What the client said of the node, in the names of the stored document."""


def parse_import(body: object) -> ImportRequest:
    """Read the call, `{"statefulNodeImport": {...}}`. Raises `Rejected` with every problem."""
    shaped = shape(ImportCall, body_root(body, ROOT), ROOT)
    values = {name: value for name, value in shaped.value.items() if value is not None}
    problems = list(shaped.problems)
    try:
        head = _Head.model_validate(values)
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        raise _rejected(shaped, [*problems, *(problem_of(one) for one in details)]) from None
    if problems:
        raise _rejected(shaped, problems)
    call = ImportCall.model_validate({**values, NODE: None})
    return ImportRequest(call, shaped, _said(head.node or {}))


def _said(value: Any) -> Any:
    """Return a value without what says nothing: null, and objects of nothing."""
    if not isinstance(value, dict):
        return value
    said = {name: _said(one) for name, one in value.items()}
    return {name: one for name, one in said.items() if one is not None and one != {}}


@dataclass(frozen=True)
class Ground:
    """What an import's document stands on."""

    document: dict[str, Any]
    """What the VM itself amounts to."""
    image: dict[str, Any] | None
    """Its image, for a node whose OS disk does not persist."""
    attributes: dict[str, Any]
    """Those of its size."""


def import_document(request: ImportRequest, ground: Ground, limits: Limits) -> NodeDocument:
    """Return the node's whole document. Raises `Rejected` with every problem.

    Spot sizes that are not said are those with the attributes of the VM's own size.
    """
    said = request.node
    merged = merge(NodeDocument, copy.deepcopy(ground.document), said)
    if not _persists_os(merged) and value_at(merged, ".".join((*LAUNCH, "image"))) is None:
        launch = value_at(merged, ".".join(LAUNCH))
        if ground.image and isinstance(launch, dict):
            launch["image"] = ground.image
    sizes = value_at(merged, "compute.vmSizes")
    if isinstance(sizes, dict) and not (sizes.get("spotSizes") or sizes.get("spotSizeAttributes")):
        sizes["spotSizeAttributes"] = ground.attributes
    result, problems = validate(merged, limits, creating=False)
    found = [*_other_vm(said, ground), *_locked(said, merged, ground), *problems]
    if result is None or found:
        nested = [Problem((NODE, *one.loc), one.code, one.message) for one in found]
        raise _rejected(request.shaped, nested)
    return result


def _persists_os(document: dict[str, Any]) -> bool:
    return bool(value_at(document, "persistence.shouldPersistOsDisk"))


def _other_vm(said: dict[str, Any], ground: Ground) -> Iterator[Problem]:
    """Refuse what would make it another VM."""
    for path in ("region", "compute.os"):
        sent, known = value_at(said, path), value_at(ground.document, path)
        if isinstance(sent, str) and sent.casefold() != str(known).casefold():
            yield Problem(tuple(path.split(".")), Code.CONFLICT, f"must be {known}, as the VM's")
    name, group = f"{'.'.join(LAUNCH)}.vmName", "resourceGroupName"
    beside = value_at(said, group) or ground.document[group]
    wanted = value_at(said, name)
    if str(wanted).casefold() != str(ground.document["name"]).casefold():
        return
    if str(beside).casefold() == str(ground.document[group]).casefold():
        message = "is the name of the VM, which stays until its retention is over"
        yield Problem((*LAUNCH, "vmName"), Code.CONFLICT, message)


def _locked(said: dict[str, Any], merged: dict[str, Any], ground: Ground) -> Iterator[Problem]:
    """Refuse what the VM's own disks and NICs say, as edits of a node refuse it."""
    for switch, locs in LOCKED_BY.items():
        if not value_at(merged, f"persistence.{switch}"):
            continue
        for loc in locs:
            path = ".".join(str(step) for step in loc)
            sent = value_at(said, path)
            if sent in (None, "", [], {}) or sent == value_at(ground.document, path):
                continue
            yield Problem(loc, Code.LOCKED, f"comes with the VM while persistence.{switch} is true")


def _rejected(shaped: Shaped, problems: list[Problem]) -> Rejected:
    return Rejected(dict.fromkeys(shaped.error(one) for one in problems))


def import_field(name: str) -> str:
    """Return a field of the call as errors spell it."""
    loc: Loc = (name,)
    return Shaped(ROOT).path(loc)
