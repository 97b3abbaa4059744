"""What clients ask of a node's disks: attach a new one, detach one, swap the OS disk."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, Field, Strict, ValidationError

from shared.model.deallocation import TTL_DEFAULT_H
from shared.model.disks import Caching, DataDiskType, DiskGib
from shared.model.fields import Also, EmptyIsNull, Flag, Part, ResourceGroupName, Whole
from shared.model.merge import merge
from shared.model.problems import Code, FieldError, Problem, Rejected
from shared.model.rules.facts import Limits
from shared.model.shape import shape
from shared.model.validate import problem_of

KEEP_MAX_H: Final = 8_760
"""A year. Ours: the published API names no bound here, and a slip of the hand should not keep a
disk for good."""
LUN_MAX: Final = 63
"""Source: Azure docs, at most 64 data disks a VM."""
UNCACHED: Final = frozenset({"UltraSSD_LRS", "PremiumV2_LRS"})
"""Types without a host cache, and only in a zone. Source: Azure docs, disks-types."""

NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,78}[A-Za-z0-9_])?")
"""Source: Azure docs, resource name rules, Microsoft.Compute/disks."""


def _name(value: str) -> str:
    if NAME.fullmatch(value) is None:
        raise ValueError(
            "must be a disk name: 1 to 80 letters, digits, _ . -, beginning with a letter or "
            "digit and not ending in . or -"
        )
    return value


DiskName = Annotated[str, Strict(), AfterValidator(_name)]
Hours = Annotated[Whole, Field(ge=0, le=KEEP_MAX_H)]
Asked = TypeVar("Asked", bound=Part)


class AttachDataDisk(Part):
    """A new data disk."""

    data_disk_name: DiskName
    data_disk_resource_group_name: ResourceGroupName
    size_gib: DiskGib = Field(alias="sizeGB")
    storage_account_type: DataDiskType
    lun: Annotated[Whole, Field(ge=0, le=LUN_MAX)] | None = None
    """None: the next that is free."""
    zone: Annotated[Literal["1", "2", "3"] | None, EmptyIsNull()] = None
    """None: regional, or redundant over zones where the type is."""
    caching: Annotated[Caching | None, EmptyIsNull()] = None


class DetachDataDisk(Part):
    """A data disk that leaves."""

    data_disk_name: DiskName
    data_disk_resource_group_name: ResourceGroupName
    should_deallocate: Flag
    ttl_h: Annotated[Hours, Also("ttlnHours")] = Field(default=0, alias="ttlInHours")


class SwapOsDisk(Part):
    """A disk that takes the OS disk's place, and what becomes of the one that it replaces."""

    os_disk_name: DiskName
    os_disk_resource_group_name: ResourceGroupName
    should_terminate: Flag = True
    retention_time_h: Hours = Field(default=TTL_DEFAULT_H, alias="retentionTime")
    """How long the old disk stays where it is to be deleted. The published API has no default; ours
    is that of every other deletion, for nobody's last copy goes because a field was left out."""


def parse_attach(body: object, limits: Limits) -> AttachDataDisk:
    """Return what an attach asks for. Raises `Rejected` with every problem."""
    return _parsed(AttachDataDisk, body, lambda sent: [*_of_its_type(sent), *_large(sent, limits)])


def parse_detach(body: object) -> DetachDataDisk:
    """Return what a detach asks for. Raises `Rejected` with every problem."""
    return _parsed(DetachDataDisk, body, lambda _sent: [])


def parse_swap(body: object) -> SwapOsDisk:
    """Return what a swap asks for. Raises `Rejected` with every problem."""
    return _parsed(SwapOsDisk, body, lambda _sent: [])


def _parsed(model: type[Asked], body: object, rules: Any) -> Asked:
    if not isinstance(body, dict):
        raise Rejected([FieldError(Code.TYPE, "must be an object", "body")])
    shaped = shape(model, body, "")
    values = merge(model, {}, shaped.value)
    problems, asked = [*shaped.problems], None
    try:
        asked = model.model_validate(values)
    except ValidationError as failed:
        details = failed.errors(include_url=False, include_input=False)
        problems += [problem_of(one) for one in details]
    known = {problem.loc for problem in problems}
    problems += [one for one in rules(values) if one.loc not in known]
    if problems or asked is None:
        told = [shaped.error(one) for one in problems]
        raise Rejected(FieldError(one.code, one.message, one.field.lstrip(".")) for one in told)
    return asked


def _large(sent: dict[str, Any], limits: Limits) -> Iterator[Problem]:
    size = sent.get("sizeGB")
    if isinstance(size, int) and size > limits.max_disk_gib:
        message = f"must be at most {limits.max_disk_gib}"
        yield Problem(("sizeGB",), Code.RANGE, message)


def _of_its_type(sent: dict[str, Any]) -> Iterator[Problem]:
    kind, zone = str(sent.get("storageAccountType")), sent.get("zone")
    if kind.endswith("_ZRS") and zone is not None:
        message = "must be left out: a zone-redundant disk is in no single zone"
        yield Problem(("zone",), Code.CONFLICT, message)
    if kind not in UNCACHED:
        return
    if zone is None:
        message = f"is required: {kind} disks are in a zone"
        yield Problem(("zone",), Code.REQUIRED, message)
    if sent.get("caching") not in (None, "None"):
        message = f"must be None: {kind} disks have no host cache"
        yield Problem(("caching",), Code.CONFLICT, message)
