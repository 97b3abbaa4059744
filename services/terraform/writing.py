"""From a node document to Terraform code."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.terraform.canonical import (
    Assigned,
    Comment,
    Part,
    Reference,
    Section,
    Value,
    printed,
)
from services.terraform.schema import NODE, RESOURCE
from services.terraform.terms import Attribute, Block, Kind
from services.terraform.unsayable import UNSAYABLE, Told
from shared.model.node import NodeDocument

FROM_OS_DISK: Final = ("image", "login", "custom_data", "shutdown_script")
"""Fixed by a persisted OS disk: the API refuses to change them."""
FROM_NETWORK: Final = ("network",)
NEUTRAL: Final[Mapping[Kind, Value]] = {Kind.FLAG: False, Kind.TEXTS: ()}
"""What a required attribute says where the document is silent: it means the same."""
VALUE_SHOWN: Final = 200
"""Characters of a value that a comment repeats."""
DESTROY: Final[Mapping[str, Value]] = {
    "should_terminate_vm": True,
    "network_should_deallocate": False,
    "network_ttl_in_hours": 96,
    "disk_should_deallocate": False,
    "disk_ttl_in_hours": 96,
    "snapshot_should_deallocate": False,
    "snapshot_ttl_in_hours": 96,
    "public_ip_should_deallocate": False,
    "public_ip_ttl_in_hours": 96,
}
"""The VM goes and all else stays in Azure. The times stand there because the provider sends 0
hours for one that does not."""
_NOT_A_NAME: Final = re.compile(r"[^A-Za-z0-9_]+")


@dataclass(frozen=True)
class Present:
    """What is known of a node that exists already."""

    node_id: str
    os_disk_gib: int | None = None


@dataclass(frozen=True)
class Written:
    """The code, and what it could not take over."""

    hcl: str
    warnings: tuple[Told, ...]


def write(document: NodeDocument, present: Present | None = None) -> Written:
    """Return the code of a node; of one that exists, without what can no longer change in it."""
    body = document.model_dump(mode="json", by_alias=True, exclude_none=True)
    return _Writer(body, present).run()


def label(name: str) -> str:
    """Return a name that Terraform takes for a resource or a variable."""
    plain = _NOT_A_NAME.sub("_", name).strip("_").lower()
    return plain if plain and not plain[0].isdigit() else f"node_{plain}".rstrip("_")


@dataclass
class _Writer:
    body: dict[str, Any]
    present: Present | None
    warnings: list[Told] = field(default_factory=list)
    variables: list[Section] = field(default_factory=list)

    def run(self) -> Written:
        self.name = label(self.body["name"])
        node = Section("resource", (RESOURCE, self.name), self._parts(NODE, self.body, "", ""))
        node.note = self._heading()
        delete = Section(
            "delete", note="What `terraform destroy` does; a time left out is 0 hours."
        )
        delete.parts += [Assigned(name, value) for name, value in DESTROY.items()]
        node.parts.append(delete)
        return Written(printed(Section(parts=[node, *self.variables])), tuple(self.warnings))

    def _heading(self) -> str:
        if self.present is None:
            return ""
        address = f"{RESOURCE}.{self.name}"
        return f"Take the node over: terraform import {address} {self.present.node_id}"

    def _parts(
        self, block: Block, holder: Mapping[str, Any], pattern: str, place: str
    ) -> list[Part]:
        """Return what stands in a block: its attributes and blocks, then what cannot be said."""
        parts: list[Part] = []
        for part in block.parts:
            value = _at(holder, part.json)
            if self._is_fixed(part, block) and value not in (None, []):
                parts.append(self._fixed(part, place))
            elif isinstance(part, Attribute):
                parts += self._attribute(part, holder, value, place)
            else:
                inside = f"{pattern}.{part.json}".lstrip(".")
                at = f"{place}.{part.json}".lstrip(".")
                parts += self._blocks(part, value, (inside, at))
        return parts + self._unsaid(holder, pattern, place)

    def _blocks(self, block: Block, value: Any, where: tuple[str, str]) -> list[Part]:
        pattern, place = where
        if not block.many:
            inside = self._parts(block, value, pattern, place) if value else []
            return [Section(block.name, (), inside)] if inside else []
        return [
            Section(block.name, (), self._parts(block, one, f"{pattern}[]", f"{place}[{index}]"))
            for index, one in enumerate(value or ())
        ]

    def _attribute(
        self, part: Attribute, holder: Mapping[str, Any], value: Any, place: str
    ) -> list[Part]:
        at = f"{place}.{part.json}".lstrip(".")
        if part.secret:
            return self._secret(part, holder, value, at)
        if part.name == "shutdown_script" and value and self.present:
            self._tell(at, "is written once and not shown again: it is a variable here")
            return [Assigned(part.name, self._variable(part.name, "string"))]
        if part.kind is Kind.SETTINGS and value:
            value = {key: one for key, one in value.items() if isinstance(one, str)}
        if _is_unsayable(at, value):
            return []
        if part.name == "size_gb" and value is None:
            return self._os_disk_size(at)
        if value in (None, "", [], {}):
            return self._required(part, at)
        return [Assigned(part.name, value)]

    def _required(self, part: Attribute, at: str) -> list[Part]:
        if not part.required or part.kind not in NEUTRAL:
            return []
        self._tell(at, "is not set; the resource requires it, so it says the same explicitly")
        return [Assigned(part.name, NEUTRAL[part.kind])]

    def _secret(
        self, part: Attribute, holder: Mapping[str, Any], value: Any, at: str
    ) -> list[Part]:
        if value is None and holder.get(f"{part.json}Ref") is None:
            return []
        if part.kind is Kind.SETTINGS:
            name = f"{label(str(holder['name']))}_{part.name}"
            self._tell(at, "is a secret: it is a variable here, and can hold texts only")
            return [Assigned(part.name, self._variable(name, "map(string)"))]
        self._tell(at, "is a secret: it is a variable here")
        return [Assigned(part.name, self._variable(part.name, "string"))]

    def _variable(self, name: str, kind: str) -> Reference:
        full = f"{self.name}_{name}"
        taken = {section.labels[0] for section in self.variables}
        while full in taken:  # two extensions whose names differ in signs only
            full = f"{full}_"
        declared: list[Part] = [
            Assigned("type", Reference(kind)),
            Assigned("sensitive", value=True),
        ]
        self.variables.append(Section("variable", (full,), declared))
        return Reference(f"var.{full}")

    def _os_disk_size(self, at: str) -> list[Part]:
        size_gib = self.present.os_disk_gib if self.present else None
        if size_gib is None:
            self._tell(at, "is not set: every plan will show a change until it says the size")
            return []
        self._tell(
            at,
            f"is not set; {size_gib}, the disk's size, is written, for without it every"
            " plan shows a change",
        )
        return [Assigned("size_gb", size_gib)]

    def _is_fixed(self, part: Attribute | Block, block: Block) -> bool:
        if self.present is None or block is not NODE:
            return False
        kept = self.body["persistence"]
        return (part.name in FROM_OS_DISK and kept["shouldPersistOsDisk"]) or (
            part.name in FROM_NETWORK and kept["shouldPersistNetwork"]
        )

    def _fixed(self, part: Attribute | Block, place: str) -> Comment:
        by = "network" if part.name in FROM_NETWORK else "OS disk"
        at = f"{place}.{part.json}".lstrip(".")
        self._tell(at, f"is left out: the persisted {by} fixes it")
        return Comment(f"{part.name} is left out: the persisted {by} fixes it.")

    def _unsaid(self, holder: Mapping[str, Any], pattern: str, place: str) -> list[Part]:
        comments: list[Part] = []
        for one in UNSAYABLE:
            if one.home != pattern:
                continue
            for name, value in one.found(holder):
                at = f"{place}.{name}".lstrip(".")
                self._tell(at, one.why)
                shown = json.dumps(value)[:VALUE_SHOWN]
                comments.append(Comment(f"{name} {one.why}: {shown}"))
        return comments

    def _tell(self, at: str, message: str) -> None:
        self.warnings.append(Told(at, message))


def _at(holder: Mapping[str, Any], path: str) -> Any:
    value: Any = holder
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _is_unsayable(at: str, value: Any) -> bool:
    return any(one.path == at and value is not None and one.applies(value) for one in UNSAYABLE)
