"""How a life's owner deletes his node: what goes with it, when, and what stays his."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from local.arm.portrait import ADDRESS, DISK, NIC, SNAPSHOT, VM
from local.worlds.invariants import Wish

Json = dict[str, Any]

KINDS: Final = {"network": NIC, "disk": DISK, "snapshot": SNAPSHOT, "publicIp": ADDRESS}
AT_ONCE: Final = 0.6
"""Part of the deletions that take all there is, now: they are played in the least time."""
KEEPS_VM: Final = 0.25
ON_DEMAND: Final = 0.7
"""Part of the VMs that stay."""
HOURS: Final = (None, 0, 0, 1, 2)


@dataclass(frozen=True)
class Parting:
    """What the owner chooses when he deletes his node."""

    hours: tuple[tuple[str, int], ...] = tuple((kind, 0) for kind in KINDS)
    """How long each chosen kind of resource stays; what is not chosen stays for good."""
    keeps_vm: bool = False
    on_demand: bool = False
    """The VM that stays is to be no Spot VM."""

    @property
    def lasts_s(self) -> float:
        """The seconds until the last of it may go."""
        return 3_600.0 * max(dict(self.hours).values(), default=0)

    def words(self) -> str:
        """Tell it."""
        goes = [f"{kind} after {hours} h" for kind, hours in self.hours]
        stays = [kind for kind in KINDS if kind not in dict(self.hours)]
        vm = "its VM stays" if self.keeps_vm else "its VM goes"
        vm += ", on demand" if self.on_demand else ""
        return f"{vm}; goes: {', '.join(goes) or 'nothing'}; stays: {', '.join(stays) or 'nothing'}"

    def body(self) -> Json:
        """Return the body of the call."""
        hours = dict(self.hours)
        config: Json = {"shouldTerminateVm": not self.keeps_vm}
        if self.on_demand:
            config["shouldRevertToOd"] = True
        for kind in KINDS:
            if kind in hours:
                chosen = {"shouldDeallocate": True, "ttlInHours": hours[kind]}
            elif kind == "network" and "publicIp" in hours:
                continue  # it goes with its address, and must not be told to stay
            else:
                chosen = {"shouldDeallocate": False}
            config[f"{kind}DeallocationConfig"] = chosen
        return {"deallocationConfig": config}

    def wish(self, now: datetime) -> Wish:
        """Return what the watch is told. An interface goes no later than its address is to."""
        hours = dict(self.hours)
        if "publicIp" in hours:
            hours["network"] = min(hours["publicIp"], hours.get("network", hours["publicIp"]))
        keeps = {type_ for kind, type_ in KINDS.items() if kind not in hours}
        return Wish(
            now,
            "delete",
            keeps=frozenset(keeps | ({VM} if self.keeps_vm else set())),
            stays=tuple((KINDS[kind], timedelta(hours=ttl)) for kind, ttl in hours.items()),
            on_demand=self.on_demand,
        )


def draw(dice: random.Random) -> Parting:
    """Draw one."""
    kind = dice.random()
    if kind < AT_ONCE:
        return Parting()
    if kind < AT_ONCE + KEEPS_VM:
        ttl = dice.choice(HOURS)
        chosen = () if ttl is None else (("snapshot", ttl),)
        return Parting(chosen, keeps_vm=True, on_demand=dice.random() < ON_DEMAND)
    drawn = [(name, dice.choice(HOURS)) for name in KINDS]
    return Parting(tuple((name, ttl) for name, ttl in drawn if ttl is not None))
