"""What the judge is told from outside: promises, wishes, and the product's records as plain data.

Whoever runs the product reads its tables and hands them over in these shapes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.arm.portrait import OS


@dataclass(frozen=True)
class Asked:
    """What a node's document asks of its VM."""

    spot_sizes: frozenset[str]
    od_sizes: frozenset[str]
    """Empty: on demand is not allowed."""
    zones: frozenset[str]
    """`""` for a VM without a zone."""
    public_ips: int
    luns: frozenset[str]

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> "Asked":
        """Read it off a node document."""
        compute, strategy = node.get("compute") or {}, node.get("strategy") or {}
        launch, sizes = compute.get("launchSpecification") or {}, compute.get("vmSizes") or {}
        network = launch.get("network") or {}
        on_demand = strategy.get("fallbackToOd") or strategy.get("preferredLifecycle") == "od"
        spot = [*(sizes.get("spotSizes") or ()), *(sizes.get("preferredSpotSizes") or ())]
        return cls(
            spot_sizes=frozenset(one.lower() for one in spot),
            od_sizes=frozenset(one.lower() for one in sizes.get("odSizes") or () if on_demand),
            zones=frozenset(compute.get("zones") or [""]),
            public_ips=sum(
                bool(one.get("assignPublicIp")) for one in network.get("networkInterfaces") or ()
            ),
            luns=frozenset(str(one["lun"]) for one in launch.get("dataDisks") or ()),
        )


@dataclass(frozen=True)
class Promise:
    """What a node's document says must outlive its VMs."""

    os_disk: bool = True
    data_disks: bool = True
    network: bool = True
    name: bool = True
    vm_admins: tuple[str, ...] | None = None
    """Words of which one must be in the name of whoever stops the VM; None: everybody may."""
    asked: "Asked | None" = None
    """What its VM is to be; None: nobody knows."""

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> "Promise":
        """Read the promise off a node document, as the API takes it."""
        persistence = node.get("persistence") or {}
        launch = (node.get("compute") or {}).get("launchSpecification") or {}
        network = bool(persistence.get("shouldPersistNetwork"))
        admins = (node.get("strategy") or {}).get("vmAdmins")
        return cls(
            os_disk=bool(persistence.get("shouldPersistOsDisk")),
            data_disks=bool(persistence.get("shouldPersistDataDisks")),
            network=network,
            name=network or bool(launch.get("vmName")),
            vm_admins=None if admins is None else tuple(admins),
            asked=Asked.of(node) if "compute" in node else None,
        )

    def keeps(self, slot: str) -> bool:
        """Tell whether the disk in a slot of the VM is promised."""
        return self.os_disk if slot == OS else self.data_disks


@dataclass(frozen=True)
class Wish:
    """What the user asked of a node through the API."""

    at: datetime
    kind: str
    """`up` (start, resume, recycle ...), `down` (stop, pause) or `delete`."""
    keeps: frozenset[str] = frozenset()
    """Of a delete: lower-case types of resources that are to stay, unowned."""


@dataclass(frozen=True)
class Told:
    """What the product's rows say of a node's VM; ids are lower-case."""

    vm: str
    size: str
    zone: str
    spot: bool
    disks: frozenset[tuple[str, str, str]]
    """Slot, id and zone."""
    nics: frozenset[str]
    addresses: frozenset[str]
    """Private and public ones."""


@dataclass(frozen=True)
class NodeView:
    """One node as the product's own rows tell it."""

    id: str
    status: str
    holds: frozenset[str] = frozenset()
    """Lower-case ids of all that its rows name as its own, leftovers and snapshots too."""
    operation: str = ""
    """Id of the operation that runs on it; empty: none."""
    waiting_until: datetime | None = None
    """When it will try again, if it waits."""
    reason: str = ""
    """Why it waits, or why it stands in ERROR."""
    told: Told | None = None
    """None: it has no VM."""


@dataclass(frozen=True)
class Records:
    """The product's tables at one moment."""

    nodes: Mapping[str, NodeView] = field(default_factory=dict)
    journal: Sequence[Mapping[str, Any]] = ()
    """Intents: operation_id, step, target, intended_at; other keys are not looked at."""
