"""When a source was made the node's, or given back: what its user waits for, and pays meanwhile."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change, Happening
from local.arm.portrait import DISK, SNAPSHOT, Portrait
from local.worlds.invariants.picture import Picture, is_up, node_of

MARK: Final = "mooring-import"
NO_ROOM: Final = 409
BAD: Final = 400
"""Statuses from this on say that nothing was done."""
GOES: Final = frozenset({"starting", "running"})
DOWN: Final = "it does not run"
"""What a status says of a source that could not be started again."""
SEEN: Final = timedelta(seconds=1)
"""What was done so long before a write was seen by who wrote, if nothing else disturbs him."""
TOLD_WITHIN: Final = timedelta(minutes=15)
"""After the mark was taken off a source its import is called failed: it waits for nothing else."""
REPEAT: Final = timedelta(seconds=45)
"""What is asked once more so soon is an activity that runs twice."""


@dataclass
class Returning:
    """Hears of one source; `wrong` is so whatever befell, `slow` only if nothing else did."""

    born: str
    """Birth mark of the VM that is imported."""
    picture: Picture
    has_vm: Callable[[], bool]
    """Tells whether the node is shown with a VM of its own."""
    up_at: datetime | None = None
    """When it ran again."""
    down_at: datetime | None = None
    """When it was last set going down."""
    free_at: datetime | None = None
    """When the mark was taken off it."""
    pools: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Those that its NICs were in, by birth mark."""
    joined_at: datetime | None = None
    """When a NIC of it was in its pools again."""
    wrong: list[str] = field(default_factory=list)
    slow: list[str] = field(default_factory=list)
    _refused: datetime | None = None
    _marked: bool = False
    _out: set[str] = field(default_factory=set)
    _going: datetime | None = None
    """When it was started, if it has not gone down since."""
    _is_known: bool = False
    """The product has started it, or was refused that while it was going already."""

    def hear(self, happening: Happening) -> None:
        """Hear what happened in Azure."""
        if isinstance(happening, Asked) and happening.was == self.born:
            self._asked(happening)
        if isinstance(happening, Change):
            before, after = happening.before, happening.after
            if before and after and before.born == after.born == self.born:
                self._changed(happening.at, before, after)
            if after and after.born in self.pools:
                self._pooled(happening.at, after)

    def _asked(self, asked: Asked) -> None:
        """A source that Azure has no room for is tried again: nobody pays for copies meanwhile."""
        if not asked.operation.lower().endswith("/start/action"):
            return
        self._started(asked)
        if asked.caller != SERVICE:
            return
        copies = [
            one.id
            for one in self.picture.portraits.values()
            if one.type in (DISK, SNAPSHOT) and node_of(one)
        ]
        if self._refused and copies and asked.at - self._refused > REPEAT:
            self.slow.append(f"the source is tried again, and there is still {sorted(copies)}")
        if asked.status == NO_ROOM:
            self._refused = self._refused or asked.at

    def _started(self, asked: Asked) -> None:
        """Hear that it was to be started, and whether whoever asks could know that it is."""
        if 0 < asked.status < BAD:
            self._going = self._going or asked.at
            self._is_known |= asked.caller == SERVICE
        elif asked.caller == SERVICE and self._going:
            self._is_known |= asked.at - self._going > SEEN

    def _changed(self, at: datetime, before: Portrait, after: Portrait) -> None:
        if before.power != after.power and after.power not in GOES:
            self.down_at, self._going, self._is_known = at, None, False
        if is_up(after) and before.power != after.power:  # no tag or disk that is changed only
            self.up_at = at
        self._marked = MARK in after.tags
        if MARK in before.tags and not self._marked:
            self.free_at = at
        if node_of(after) and not node_of(before) and not self.has_vm():
            self.wrong.append("the source was made the node's before the node was shown with a VM")

    def _pooled(self, at: datetime, nic: Portrait) -> None:
        if nic.pools != self.pools[nic.born]:
            self._out.add(nic.born)
        elif nic.born in self._out:
            self._out.discard(nic.born)
            self.joined_at = at

    def told(self, now: datetime, *, frees: bool = True) -> None:
        """Hear that the import was first seen to be called failed; `frees`: the mark may go."""
        if frees and self._marked:
            self.slow.append("it is called failed, and its source is still marked")
        if self.free_at and now - self.free_at > TOLD_WITHIN:
            minutes = (now - self.free_at).total_seconds() / 60
            self.slow.append(f"it is called failed {minutes:.0f} min after the source was free")

    def said(self, told: str) -> None:
        """Hear what the status of an import in vain says of it."""
        if DOWN in told and self._going and self._is_known:
            self.wrong.append(f"it is said to be down, and goes since {self._going}: {told}")

    def ran(self, since: datetime, within: timedelta) -> None:
        """Judge whether the source ran again in time."""
        if self.up_at is None or self.up_at - since > within:
            self.slow.append(f"the source was to run by {since + within}: it ran at {self.up_at}")

    def joined(self, within: timedelta) -> None:
        """Judge whether the source was in its pools soon after it ran again."""
        late = self.up_at and self.joined_at and self.joined_at - self.up_at > within
        if self._out or late:
            self.slow.append(f"the source ran at {self.up_at}, in its pools at {self.joined_at}")
