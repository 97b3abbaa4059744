"""Histories told by hand: what an Azure did, one happening after the other."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from local.arm.chronicle import SERVICE, Asked, Change, Dip, Told
from local.arm.portrait import ADDRESS, DISK, NIC, SNAPSHOT, VM, Portrait
from local.worlds.invariants import Farewell, NodeView, Promise, Records, Watch, Wish

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NODE = "ssn-00000001"
TAGS = {"mooring-node": NODE}
EMITTED = "Microsoft.ResourceNotifications.MaintenanceResources.ScheduledEventEmitted"
PROVIDERS = "/subscriptions/s/resourcegroups/rg/providers"


def id_of(type_: str, name: str) -> str:
    return f"{PROVIDERS}/{type_}/{name}"


def vm(
    name: str = "vm", *, disks: str = "os data", nics: str = "nic", born: str = "", **more: Any
) -> Portrait:
    """A VM that is up: its OS disk first, data disks in LUNs 0, 1 ..."""
    slots = [("os" if at == 0 else str(at - 1), one) for at, one in enumerate(disks.split())]
    values: dict[str, Any] = {
        "tags": TAGS,
        "provisioning": "Succeeded",
        "power": "running",
        "allocated": True,
        "disks": tuple((slot, id_of(DISK, one)) for slot, one in slots),
        "nics": tuple(id_of(NIC, one) for one in nics.split()),
    }
    return Portrait(id_of(VM, name), VM, born or f"born-{name}", **values | more)


def disk(name: str, source: str = "", **more: Any) -> Portrait:
    """A disk; `source` names the disk or snapshot it was copied from."""
    return _copy(DISK, name, source, **more)


def snapshot(name: str, source: str, **more: Any) -> Portrait:
    return _copy(SNAPSHOT, name, source, **more)


def _copy(type_: str, name: str, source: str, **more: Any) -> Portrait:
    born = more.pop("born", f"born-{name}")
    values = {"tags": TAGS, "provisioning": "Succeeded"} | more
    origin = f"born-{source}" if source else ""
    return Portrait(id_of(type_, name), type_, born, source=origin, **values)


def nic(name: str = "nic", address: str = "10.0.0.4", public: str = "ip") -> Portrait:
    public_ips = (id_of(ADDRESS, public),) if public else ()
    portrait = Portrait(id_of(NIC, name), NIC, f"born-{name}", TAGS)
    return replace(portrait, addresses=(address,), public_ips=public_ips)


def public_ip(name: str = "ip", address: str = "20.0.0.4") -> Portrait:
    return Portrait(id_of(ADDRESS, name), ADDRESS, f"born-{name}", TAGS, addresses=(address,))


DEALLOCATED = {"power": "deallocated", "allocated": False}


class History:
    """A watch, and the means to tell it what happens; a minute passes between happenings."""

    def __init__(self, promise: Promise | None = None) -> None:
        self.watch = Watch()
        self.watch.promise(NODE, promise or Promise())
        self.now = NOON
        self.there: dict[str, Portrait] = {}

    @property
    def broken(self) -> list[str]:
        """The invariants that did not hold, in order."""
        return [breach.invariant for breach in self.watch.breaches]

    def passes(self, minutes: float = 1.0) -> "History":
        self.now += timedelta(minutes=minutes)
        return self

    def has(self, *portraits: Portrait) -> "History":
        """Resources come to be, or are like this from now on."""
        for portrait in portraits:
            before = self.there.get(portrait.id)
            self.there[portrait.id] = portrait
            self.watch.hear(Change(self.now, portrait.id, before, portrait))
        return self.passes()

    def is_now(self, portrait: Portrait, **changes: Any) -> "History":
        """A resource that is there changes."""
        return self.has(replace(self.there[portrait.id], **changes))

    def loses(self, *portraits: Portrait) -> "History":
        """Resources go."""
        for portrait in portraits:
            before = self.there.pop(portrait.id)
            self.watch.hear(Change(self.now, portrait.id, before, None))
        return self.passes()

    def lives(self) -> "History":
        """The usual beginning: a node's VM is up on two disks, with a NIC and its address."""
        return self.has(public_ip(), nic(), disk("os"), disk("data"), vm())

    def goes_down(self, portrait: Portrait) -> "History":
        return self.is_now(portrait, **DEALLOCATED)

    def asked(self, method: str, portrait: Portrait, **more: Any) -> "History":
        """The product asks Azure for a write, unless `caller` says who else."""
        verb = {"PUT": "write", "DELETE": "delete"}.get(method, more.pop("action", "start/action"))
        there = self.there.get(portrait.id)
        values: dict[str, Any] = {
            "resource": portrait.id,
            "caller": SERVICE,
            "operation": f"{portrait.type}/{verb}",
            "request_id": "mooring/op-1/start-0",
            "status": 202,
            "digest": "d",
            "was": there.born if there else "",
            "became": there.born if there else portrait.born,
        }
        self.watch.hear(Asked(self.now, method=method, **values | more))
        return self.passes()

    def told(self, portrait: Portrait, annotation: str) -> "History":
        """The subscriber takes an annotation of a VM."""
        event = {
            "eventType": "Microsoft.ResourceNotifications.HealthResources.ResourceAnnotated",
            "subject": portrait.id.upper(),
            "data": {"resourceInfo": {"properties": {"annotationName": annotation}}},
        }
        self.watch.hear(Told(self.now, "mooring", event))
        return self.passes()

    def warned(self, portrait: Portrait, status: str = "Scheduled") -> "History":
        """The subscriber takes an event that says that a VM is about to be evicted."""
        event = {
            "eventType": EMITTED,
            "subject": portrait.id.upper(),
            "data": {
                "resourceInfo": {"properties": {"EventType": "Preempt", "EventStatus": status}}
            },
        }
        self.watch.hear(Told(self.now, "mooring", event))
        return self.passes()

    def named(self, portrait: Portrait) -> "History":
        """The subscriber takes an event that says who had the VM deallocated."""
        data = {"operationName": "Microsoft.Compute/virtualMachines/deallocate/action"}
        event = {
            "eventType": "Microsoft.Resources.ResourceActionSuccess",
            "subject": portrait.id,
            "data": data,
        }
        self.watch.hear(Told(self.now, "mooring", event))
        return self.passes()

    def dipped(self, left: float, burst: int) -> "History":
        self.watch.hear(Dip(self.now, "putvm|s|vm", left, burst))
        return self

    def wishes(self, kind: str, *keeps: str) -> "History":
        self.watch.wish(NODE, Wish(self.now, kind, frozenset(keeps)))
        return self.passes()

    def deletes(self, *keeps: str, **more: Any) -> "History":
        """The owner has the node deleted; types that he names stay."""
        self.watch.wish(NODE, Wish(self.now, "delete", frozenset(keeps), **more))
        return self.passes()

    def gives_up(self, name: str, hours: int | None = None, instead: str = "") -> "History":
        """The owner gives a disk up: it goes so many hours later, or stays."""
        until = None if hours is None else self.now + timedelta(hours=hours)
        other = id_of(DISK, instead) if instead else ""
        self.watch.farewell(NODE, Farewell(self.now, id_of(DISK, name), until, other))
        return self.passes()

    def takes_back(self, name: str) -> "History":
        """The API has refused that."""
        self.watch.takes_back(NODE, id_of(DISK, name))
        return self

    def view(self, **view: Any) -> NodeView:
        return NodeView(NODE, **view)

    def reckons(self, *journal: dict[str, Any], **view: Any) -> "History":
        """The product's records are looked at; the node holds nothing unless `holds` says so."""
        nodes = {NODE: NodeView(NODE, **{"status": "ACTIVE"} | view)} if view else {}
        self.watch.reckon(self.now, Records(nodes, journal))
        return self.passes()


def intent(at: datetime, step: str = "start-0/start_vm", target: str = "") -> dict[str, Any]:
    """A row of the journal."""
    return {
        "operation_id": "op-1",
        "step": step,
        "target": target or vm().id.upper(),
        "intended_at": at.isoformat(),
    }
