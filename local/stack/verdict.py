"""Did it come back? What the document promises, beside what Azure has before and after."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from local.stack.body import Body, Thing
from local.stack.http import Json


@dataclass(frozen=True)
class Line:
    """One line of the verdict."""

    what: str
    before: str
    after: str
    kept: bool
    promised: bool = True
    """What was not promised is told all the same."""
    remark: str = ""


@dataclass(frozen=True)
class Promise:
    """What the document says must outlive a VM."""

    name: bool
    os_disk: bool
    os_rebuilt: bool
    """Persisted by a snapshot: a copy of the disk is what was promised."""
    data_disks: bool
    data_rebuilt: bool
    network: bool

    @classmethod
    def of(cls, node: Json) -> "Promise":
        """Read the promise off a node document."""
        persistence: dict[str, Any] = node.get("persistence") or {}
        network = bool(persistence.get("shouldPersistNetwork"))
        return cls(
            name=network or bool(node["compute"]["launchSpecification"].get("vmName")),
            os_disk=bool(persistence.get("shouldPersistOsDisk")),
            os_rebuilt=persistence.get("osDiskPersistenceMode") == "onLaunch",
            data_disks=bool(persistence.get("shouldPersistDataDisks")),
            data_rebuilt=persistence.get("dataDisksPersistenceMode") == "onLaunch",
            network=network,
        )


def compare(before: Body, after: Body, promise: Promise, vms: int) -> list[Line]:
    """Return the verdict, most important first."""
    moved = before.zone != after.zone
    network = promise.network
    return [
        Line("virtual machines", "1", str(vms), vms == 1),
        Line("power", before.power, after.power, after.power == "running"),
        _disks(
            ("OS disk", promise.os_disk, promise.os_rebuilt or moved),
            [before.os_disk],
            [after.os_disk],
        ),
        _disks(
            ("data disks", promise.data_disks, promise.data_rebuilt or moved),
            before.data_disks,
            after.data_disks,
        ),
        _same("private address", before.private_addresses, after.private_addresses, network),
        _same("public address", before.public_addresses, after.public_addresses, network),
        Line("NIC", _names(before.nics), _names(after.nics), before.nics == after.nics, network),
        _same("VM name", [before.name], [after.name], promise.name),
        _same("lifecycle", [before.lifecycle], [after.lifecycle], promised=False),
        _same("VM size", [before.size], [after.size], promised=False),
        _same("zone", [before.zone], [after.zone], promised=False),
        _same("VM id", [before.vm_id], [after.vm_id], promised=False),
    ]


def broken(lines: Sequence[Line]) -> list[str]:
    """Return what was promised and not kept, in words; empty: it came back."""
    return [
        f"{line.what}: {line.before} became {line.after}"
        for line in lines
        if line.promised and not line.kept
    ]


def _same(what: str, before: Sequence[str], after: Sequence[str], promised: bool) -> Line:  # noqa: FBT001
    kept = tuple(before) == tuple(after)
    return Line(what, ", ".join(before) or "none", ", ".join(after) or "none", kept, promised)


def _names(things: Sequence[Thing]) -> str:
    return ", ".join(thing.name for thing in things) or "none"


def _disks(said: tuple[str, bool, bool], before: Sequence[Thing], after: Sequence[Thing]) -> Line:
    what, promised, copy_will_do = said
    same = [thing.birth_mark for thing in before] == [thing.birth_mark for thing in after]
    copied = len(before) == len(after) and all(thing.copy_of for thing in after)
    remark = "the same" if same else "made from " + ", ".join(thing.copy_of for thing in after)
    kept = same or (copy_will_do and copied)
    return Line(what, _names(before), _names(after), kept, promised, remark if promised else "")
