"""Hears all that happens in one Azure, and says what was done too early to an imported VM."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from local.arm.chronicle import SERVICE, Asked, Change, Happening
from local.arm.portrait import ADDRESS, DISK, NIC, VM, Portrait, portrait_of
from local.worlds.inprocess import InProcess
from local.worlds.invariants.picture import is_up, node_of

KINDS = (VM, DISK, NIC, ADDRESS)
BAD = 400
"""Statuses from this on say that nothing was done."""
SHARP = timedelta(seconds=5)
"""By how much the product's clock may be behind when it reckons a time to come."""


@dataclass
class Guard:
    """What a VM has before its import, by birth mark, and what came of it."""

    retention_h: int
    network_kept: bool
    unmanaged: bool = False
    """Its disks are blobs: they may become managed disks, and stay so."""
    own: dict[str, Portrait] = field(default_factory=dict)
    up_at: datetime | None = None
    wrong: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    allocated: bool = False
    """The VM stands on a host, by its owner's or the product's doing."""
    by_person: bool = False
    """Somebody else than the product has started it meanwhile."""
    dismissed: set[str] = field(default_factory=set)
    """Birth marks of what somebody else than the product has had Azure delete."""

    @classmethod
    def over(
        cls,
        world: InProcess,
        retention_h: int = 96,
        *,
        network_kept: bool = False,
        unmanaged: bool = False,
    ) -> "Guard":
        """Begin to watch all that there is in a world now."""
        guard = cls(retention_h, network_kept, unmanaged)
        guard.own = {one.born: one for one in portraits(world) if one.type in KINDS}
        guard.allocated = any(one.allocated for one in guard.own.values())
        world.arm.chronicle.listeners.append(guard.hear)
        return guard

    def hear(self, happening: Happening) -> None:
        """Judge one happening."""
        if isinstance(happening, Asked) and happening.was in self.own:
            self._asked(happening)
        if isinstance(happening, Change):
            self._converted(happening)
            self._ended(happening)
            self._used(happening)
            self._copied(happening)
            after = happening.after
            if after and after.type == VM and is_up(after) and after.born not in self.own:
                self.up_at = self.up_at or happening.at

    def _asked(self, asked: Asked) -> None:
        if asked.caller == SERVICE or asked.status >= BAD:
            return
        operation = asked.operation.lower()
        self.by_person |= operation.endswith("/start/action")
        if operation.endswith("/delete"):
            self.dismissed.add(asked.was)

    def _converted(self, change: Change) -> None:
        """A disk that Azure makes of the VM's blob is the VM's own, and is to bear no mark."""
        after = change.after
        if after is None or after.type != DISK or after.born in self.own:
            return
        vms = {one.id for one in self.own.values() if one.type == VM}
        if vms & set(after.owners):
            self.own[after.born] = replace(after, tags={})

    def _ended(self, change: Change) -> None:
        before, after = change.before, change.after
        if before is None or before.born not in self.own or (after and after.born == before.born):
            return
        self.gone.add(change.id)
        if before.born in self.dismissed:
            return
        if self.up_at is None:
            self.wrong.append(f"{change.id} ended before the node's VM was up")
        elif change.at < self.up_at + timedelta(hours=self.retention_h) - SHARP:
            self.wrong.append(f"{change.id} ended before its time")
        if self.network_kept and before.type in (NIC, ADDRESS):
            self.wrong.append(f"{change.id} ended, which the node was to keep")

    def _used(self, change: Change) -> None:
        """A disk of the source's is nobody else's, and one with the node's tag runs nothing."""
        after = change.after
        if after is None or after.born not in self.own:
            return
        was = self.own[after.born]
        if after.type == DISK and set(after.owners) - set(was.owners):
            self.wrong.append(f"{change.id} was attached to {after.owners}")
        if after.type == VM and after.allocated and node_of(after):
            self.wrong.append(f"{change.id} stands on a host and carries the node's tag")

    def _copied(self, change: Change) -> None:
        """What is copied of a VM that runs lacks what it has not written yet."""
        after = change.after
        if after is None:
            return
        if after.type == VM and after.born in self.own:
            self.allocated = after.allocated
        elif (
            change.before is None
            and after.source in self.own
            and self.allocated
            and not self.by_person
        ):
            self.wrong.append(f"{change.id} was copied while the VM was not stopped")

    def changed(self, world: InProcess) -> list[str]:
        """Return what of the source is not as it was: for an import that was given up.

        What somebody else has started or deleted is as they want it, and used by nobody.
        """
        now = {one.born: one for one in portraits(world)}
        return [
            f"{was.id}: {self._facts(was)} -> {self._facts(now[born]) if born in now else 'gone'}"
            for born, was in self.own.items()
            if born not in self.dismissed
            and (born not in now or self._facts(now[born]) != self._facts(was))
        ]

    def _facts(self, one: Portrait) -> tuple[object, ...]:
        tags = {name: value for name, value in one.tags.items() if name.startswith("mooring")}
        power = "" if self.by_person else one.power
        owners = () if self.dismissed else one.owners
        disks = () if self.unmanaged else one.disks
        net = (one.addresses, one.public_ips, one.pools)
        return (disks, one.nics, power, owners, *net, tags)


def portraits(world: InProcess) -> list[Portrait]:
    """Return what there is in a world."""
    drawn = (portrait_of(one) for one in world.arm.resources.values())
    return [one for one in drawn if one]
