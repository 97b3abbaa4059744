"""What the judge is told from outside: promises, wishes, and the product's records as plain data.

Whoever runs the product reads its tables and hands them over in these shapes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from local.arm.portrait import ADDRESS, DISK, NIC, OS, VM

DRAINS_S: Final = 120
"""As the API has it where a document does not say."""


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
    configurations: tuple[int, ...] = ()
    """How many IP configurations each NIC has, fewest first; empty: nobody knows."""
    afresh: frozenset[str] = frozenset()
    """Of the data disks those that it asks for where an imported VM had one that it did not name:
    detached, that one was not the document's, which may have another in its place."""
    pools: frozenset[str] = frozenset()
    """Backend pools, as the ends of their lower-case ids, from the resource group on."""
    own_addresses: tuple[frozenset[str], ...] = ()
    """Pools of private IPv4 addresses, of each NIC that has one: one address is to be of it."""
    own_public: tuple[frozenset[str], ...] = ()
    """Pools of public addresses, likewise, as the ends of their lower-case ids."""
    sizes_gib: tuple[tuple[str, int], ...] = ()
    """Of the disks that it orders, by slot; of one that is not named, the image decides."""
    sizes: frozenset[str] = frozenset()
    """All that it names: those of a VM that goes on on demand when its node is deleted."""
    data_persists: bool = True
    """What a VM has of data disks the next one has too; else each gets its own, as ordered."""

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
            configurations=tuple(
                sorted(
                    1 + len(one.get("additionalIpConfigurations") or ())
                    for one in network.get("networkInterfaces") or ()
                )
            ),
            own_addresses=tuple(
                frozenset(each for each in one["privateIpAddresses"] if "." in each)
                for one in network.get("networkInterfaces") or ()
                if one.get("privateIpAddresses")
            ),
            own_public=tuple(
                frozenset(map(_public_id, one["publicIps"]))
                for one in network.get("networkInterfaces") or ()
                if one.get("publicIps")
            ),
            pools=_pools(launch.get("loadBalancersConfig") or {}),
            sizes_gib=tuple(_sizes_gib(launch)),
            sizes=frozenset(one.lower() for one in (*spot, *(sizes.get("odSizes") or ()))),
            data_persists=bool((node.get("persistence") or {}).get("shouldPersistDataDisks")),
        )


def _sizes_gib(launch: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    os_disk = launch.get("osDisk") or {}
    if os_disk.get("sizeGB"):
        yield OS, int(os_disk["sizeGB"])
    for one in launch.get("dataDisks") or ():
        yield str(one["lun"]), int(one["sizeGB"])


def _public_id(named: Mapping[str, Any]) -> str:
    group, name = named["resourceGroupName"], named["name"]
    return f"/{group}/providers/microsoft.network/publicipaddresses/{name}".lower()


def _pools(config: Mapping[str, Any]) -> frozenset[str]:
    """Return what the ids of a document's backend pools end in, from the resource group on."""
    return frozenset(
        f"{one['resourceGroupName']}/providers/microsoft.network/{one['type']}s/{one['name']}"
        f"/backendaddresspools/{pool}".lower()
        for one in config.get("loadBalancers") or ()
        for pool in one["backendPoolNames"]
    )


def _heals_after(health: Mapping[str, Any]) -> timedelta | None:
    if not health.get("autoHealing"):
        return None
    return timedelta(seconds=float(health.get("unhealthyDuration") or 0))


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
    heals_after: timedelta | None = None
    """For how long its VM is unwell before it is replaced; None: it is not, for that."""
    recycles: bool = False
    """Its schedule has it recycled."""
    drains: timedelta | None = None
    """How long open connections have once its VM has left its pools; None: nobody knows."""

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
            heals_after=_heals_after(node.get("health") or {}),
            recycles=any(
                one["type"] == "recycle"
                for one in (node.get("scheduling") or {}).get("tasks") or ()
            ),
            drains=timedelta(
                seconds=(node.get("strategy") or {}).get("drainingTimeout") or DRAINS_S
            ),
        )

    def keeps(self, slot: str) -> bool:
        """Tell whether the disk in a slot of the VM is promised."""
        return self.os_disk if slot == OS else self.data_disks

    def after(self, wish: "Wish") -> "Promise":
        """Return what is still promised of a node whose user has it deleted.

        A VM that stays keeps all that it has, persisted or not. Else what persists stays, as far
        as the user has not chosen its kind.
        """
        if wish.kind != "delete":
            return self
        if VM in wish.keeps:
            return Promise(vm_admins=self.vm_admins)
        disks, network = DISK in wish.keeps, wish.keeps.issuperset((NIC, ADDRESS))
        return Promise(
            os_disk=self.os_disk and disks,
            data_disks=self.data_disks and disks,
            network=self.network and network,
            name=False,
            vm_admins=self.vm_admins,
        )


@dataclass(frozen=True)
class Wish:
    """What the user asked of a node through the API."""

    at: datetime
    kind: str
    """`up` (start, resume, recycle ...), `down` (stop, pause) or `delete`."""
    keeps: frozenset[str] = frozenset()
    """Of a delete: lower-case types of resources that are to stay, and be his alone."""
    stays: tuple[tuple[str, timedelta], ...] = ()
    """Of a delete: how long other types are to stay before they go; one not named goes at once."""
    on_demand: bool = False
    """Of a delete that keeps the VM: it is to go on as no Spot VM."""
    until: datetime | None = None
    """From then on the node's own schedule may have it otherwise; nothing is asked of it then."""

    def holds(self, now: datetime) -> bool:
        """Tell whether the user still wants it so."""
        return self.until is None or now < self.until


@dataclass(frozen=True)
class Farewell:
    """What the user asked of one disk: that it leaves its node, or that another takes its place."""

    at: datetime
    disk: str
    """Lower-case ARM id."""
    until: datetime | None = None
    """When it is to be deleted; None: it stays, and is his alone."""
    instead: str = ""
    """Lower-case ARM id of the disk that takes its place; empty: none does."""


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
    born: str = ""
    """The birth mark of that VM; empty: not told."""
    since: datetime | None = None
    """When it was launched."""
    image: str = ""
    """Lower-case: what its OS disk was first made from."""


@dataclass(frozen=True)
class NodeView:
    """One node as the product's own rows tell it."""

    id: str
    status: str
    holds: frozenset[str] = frozenset()
    """Lower-case ids of all that its rows name as its own, leftovers and snapshots too."""
    operation: str = ""
    """Id of the operation that runs on it; empty: none."""
    busy_since: datetime | None = None
    """When that operation took it."""
    waiting_until: datetime | None = None
    """When it will try again, if it waits."""
    reason: str = ""
    """Why it waits, or why it stands in ERROR."""
    told: Told | None = None
    """None: it has no VM."""
    disks: frozenset[tuple[str, str]] = frozenset()
    """Lower-case ids of its disks, with their zones; it has them without a VM, too."""
    retained: frozenset[str] = frozenset()
    """Lower-case ids of what it keeps until a time, then deletes: no part of it any more."""


Market = tuple[str, str, bool]
"""Size, lower-case; zone, empty for none; whether Azure may take it back."""


@dataclass(frozen=True)
class Remembered:
    """What the product remembers of one market."""

    market: Market
    worked: bool
    """A VM came up there, it says."""
    why: str
    """Azure's code for the last one that did not, or the product's word; empty: none was."""
    at: datetime | None = None
    """When that was."""


@dataclass(frozen=True)
class Records:
    """The product's tables at one moment."""

    nodes: Mapping[str, NodeView] = field(default_factory=dict)
    journal: Sequence[Mapping[str, Any]] = ()
    """Intents: operation_id, step, target, intended_at; other keys are not looked at."""
    markets: Sequence[Remembered] = ()
