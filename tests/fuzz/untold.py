"""Disks of which the log says that nobody knows what they hold: is that so?"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from local.arm.chronicle import SERVICE, Asked, Change, Happening
from local.arm.portrait import VM
from local.worlds.invariants.breach import name_of

UNKNOWN: Final = re.compile(r"(\S+) was made for a VM that was not seen to run and is gone;")
"""How the log tells of one, which is then kept, and paid for, for weeks."""


class Untold:
    """Listens to one world."""

    def __init__(self) -> None:
        self._users: defaultdict[str, set[str]] = defaultdict(set)
        """Birth marks of the VMs that had a disk of that name."""
        self._known: set[str] = set()
        """Of VMs that never ran and that the product has deleted itself: it has seen them."""
        self._ran: set[str] = set()
        self._ending: set[str] = set()
        """Ids of VMs that the product has told Azure to delete."""

    def hear(self, happening: Happening) -> None:
        """Hear what happened in Azure."""
        if isinstance(happening, Asked) and happening.method == "DELETE":
            if happening.caller == SERVICE and happening.was:
                self._ending.add(happening.was)
        elif isinstance(happening, Change):
            self._change(happening)

    def _change(self, change: Change) -> None:
        before, after = change.before, change.after
        if after and after.type == VM:
            if after.power == "running":
                self._ran.add(after.born)
            for _, disk in after.disks:
                self._users[name_of(disk)].add(after.born)
        if before and before.type == VM and after is None and before.born in self._ending:
            self._known.add(before.born)

    def wrong(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the disks that the log tells of so, and that certainly hold nothing."""
        for line in lines:
            told = UNKNOWN.match(line)
            users = self._users.get(told[1].lower()) if told else None
            if told and users and users <= self._known - self._ran:
                yield told[1]
