"""Rows of the table of fields: how a test shows that a field of the document does something."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from activities.extension import extension_body
from activities.vm_body import Blueprint, vm_body
from shared.contracts.base import Work
from shared.contracts.vm import CreateVm
from shared.model.ids import OperationId, node_key
from shared.model.market import Market
from shared.model.node import NodeDocument
from shared.model.parse import parse_create
from shared.model.run import DiskRef, Lifecycle
from shared.model.wire import from_stored
from tests.unit.model.documents import body, node, put

ABSENT: Final = object()
"""The field is left out; or nothing is there."""
KEY = node_key("act-0000beef", "ssn-0000cafe")
SUBSCRIPTION: Final = "5b5c0000-0000-4000-8000-000000000001"
WORK = Work(
    key=KEY,
    operation_id=OperationId("op-1"),
    subscription_id=SUBSCRIPTION,
    region="eastus",
    resource_group="fleet",
)
MARKET = Market(size="Standard_D2s_v5", zone="1", lifecycle=Lifecycle.SPOT)
OS_DISK = DiskRef(id="/subscriptions/s/os", name="os", security_type="Standard")
Json = dict[str, Any]


@dataclass(frozen=True)
class Shown:
    """A field that takes two values in turn, and what is seen of each."""

    path: str
    values: tuple[Any, Any]
    gives: tuple[Any, Any]
    look: Callable[[Json], Any]
    """What is seen of a document as a client sends it."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """What the document needs besides: dotted path and value."""

    def document(self, value: Any) -> Json:
        """Return the document with the field at a value."""
        document = node()
        for path, needed in self.given.items():
            put(document, path, needed)
        if value is not ABSENT:
            put(document, self.path.replace("[]", ".0"), value)
        return document

    def seen(self, index: int) -> Any:
        """Return what is seen of the field's first or second value."""
        return self.look(self.document(self.values[index]))


@dataclass(frozen=True)
class Elsewhere:
    """A field whose effect another test shows, by a scene of its own."""

    path: str
    test: str
    """`tests/file.py::test_name`"""


Row = Shown | Elsewhere


def parsed(document: Json) -> NodeDocument:
    """Return a document as a create accepts it."""
    return parse_create(body(document))


def vm_of(document: Json, os_disk: DiskRef | None = None, **more: Any) -> Json:
    """Return the body of the PUT that makes a node's VM."""
    request = CreateVm(
        work=WORK, name="web-g1", generation=1, market=MARKET, os_disk=os_disk, **more
    )
    whole = vm_body(Blueprint(request, parsed(document), None, SUBSCRIPTION))
    made: Json = whole.as_dict()
    return made


def extension_of(document: Json) -> Json:
    """Return the body of the PUT that installs the first extension."""
    launch = from_stored(document).compute.launch_specification
    assert launch.extensions
    made: Json = extension_body(launch.extensions[0], WORK, None).as_dict()
    return made


def dug(holder: Any, path: str) -> Any:
    """Return what is at a path of keys and indexes, ABSENT if nothing is."""
    for step in path.split("/"):
        if isinstance(holder, list) and step.isdigit():
            holder = holder[int(step)] if int(step) < len(holder) else None
        else:
            holder = holder.get(step) if isinstance(holder, dict) else None
    return ABSENT if holder is None else holder


def in_vm(
    path: str,
    at: str,
    values: tuple[Any, Any],
    gives: tuple[Any, Any] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Shown:
    """Return a row of a field that is seen at a place of the VM's body; as it is, or as told."""
    return Shown(path, values, gives or values, _look(vm_of, at), given or {})


def on_disk(
    path: str,
    at: str,
    values: tuple[Any, Any],
    gives: tuple[Any, Any] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Shown:
    """Return the same for a VM on an OS disk that exists."""
    look = _look(lambda document: vm_of(document, OS_DISK), at)
    return Shown(path, values, gives or values, look, given or {})


def in_extension(
    path: str,
    at: str,
    values: tuple[Any, Any],
    gives: tuple[Any, Any] | None = None,
    given: Mapping[str, Any] | None = None,
) -> Shown:
    """Return the same for an extension's body."""
    return Shown(path, values, gives or values, _look(extension_of, at), given or {})


def _look(made: Callable[[Json], Json], at: str) -> Callable[[Json], Any]:
    return lambda document: dug(made(document), at)
