"""How long Azure takes: drawn from measured figures by the world's dice, or their medians."""

import math
from dataclasses import dataclass
from fnmatch import fnmatchcase

from local.arm.world import World


@dataclass(frozen=True)
class Measured:
    """Seconds from acceptance to end, as measured; `source` says where."""

    least_s: float
    p50_s: float
    p90_s: float
    source: str


RECORDED = "server-side times in public ARM recordings, 2016-2021"
REASONED = "no figure found; of the order of its neighbours"

TABLE = {
    "vm.create.image": Measured(44, 73, 123, RECORDED + ", n=113"),
    "vm.create.image.windows": Measured(60, 89, 150, RECORDED + ", p50 only"),
    "vm.create.specialized": Measured(15, 30, 50, REASONED),
    "vm.create.attach": Measured(7, 16, 21, RECORDED + ", n=6"),
    "vm.start": Measured(7.8, 22, 25.6, RECORDED + ", n=6"),
    "vm.start.stopped": Measured(5, 10, 20, REASONED),
    "vm.deallocate": Measured(22, 30, 45, RECORDED + ", n=10"),
    "vm.poweroff": Measured(4, 8, 13, RECORDED),
    "vm.restart": Measured(5, 15, 30, REASONED),
    "vm.redeploy": Measured(40, 57, 80, RECORDED + ", n=1"),
    "vm.reapply": Measured(2, 5, 10, REASONED),
    "vm.delete.running": Measured(34, 42.5, 136, RECORDED + ", n=29"),
    "vm.delete.forced": Measured(30, 45.9, 60, RECORDED + ", n=1"),
    "vm.delete.deallocated": Measured(0.45, 0.46, 0.53, RECORDED + ", n=4"),
    "vm.update.deallocated": Measured(0.70, 0.75, 0.81, RECORDED),
    "vm.update.running": Measured(2, 4.5, 8, RECORDED + ", p50 only"),
    "vm.update.disks": Measured(5, 10, 18, RECORDED),
    "vm.resize.running": Measured(60, 89, 120, RECORDED + ", n=1"),
    "vm.convert": Measured(20, 60, 180, REASONED),
    "vm.swap": Measured(15, 22.6, 30, RECORDED + ", n=1"),
    "vm.allocation.fail": Measured(5, 20, 50, "one public log: about 50 s"),
    "vm.eviction.deallocate": Measured(25, 35, 45, "one recording: 65 s less the 30 s notice"),
    "vm.agent.ready": Measured(10, 25, 60, "UNVERIFIED in all sources; assumed 10-60 s"),
    "vm.extension": Measured(10, 30, 73, RECORDED),
    "disk.create.empty": Measured(0.1, 0.2, 0.3, RECORDED),
    "disk.create.image": Measured(0.3, 0.6, 1.0, REASONED),
    "disk.create.snapshot": Measured(0.36, 0.6, 0.95, RECORDED),
    "disk.create.copy": Measured(0.36, 0.6, 0.95, RECORDED),
    "disk.update": Measured(0.2, 0.4, 0.8, REASONED),
    "disk.access": Measured(0.2, 0.5, 1.0, REASONED),
    "disk.delete": Measured(0.15, 0.2, 0.3, RECORDED),
    "snapshot.create": Measured(0.4, 0.6, 0.8, RECORDED + ", longest 21.6 s"),
    "snapshot.update": Measured(0.2, 0.4, 0.8, REASONED),
    "snapshot.delete": Measured(0.15, 0.2, 0.3, RECORDED),
    "image.create": Measured(5, 7, 10, RECORDED),
    "image.delete": Measured(1, 3, 5, REASONED),
    "gallery.write": Measured(1, 3, 10, REASONED),
    "gallery.version": Measured(60, 180, 600, REASONED),
    "nic.create": Measured(0.1, 0.3, 0.6, REASONED),
    "nic.update": Measured(0.5, 1.0, 3.0, REASONED),
    "nic.delete": Measured(1.0, 3.0, 10.0, REASONED),
    "network.create": Measured(1.0, 3.0, 5.0, REASONED),
    "network.update": Measured(1.0, 2.0, 4.0, REASONED),
    "network.delete": Measured(1.0, 5.0, 10.0, REASONED),
    "gateway.create": Measured(240, 330, 600, REASONED),
    "gateway.update": Measured(10, 30, 90, REASONED),
    "gateway.delete": Measured(60, 180, 400, REASONED),
    "gateway.health": Measured(1, 3, 10, REASONED),
    "group.delete": Measured(15, 30, 90, REASONED),
}

TAIL_CAP = 4.0
"""No draw lies farther beyond the median than this many times p90 - p50."""


def draw(world: World, operation: str) -> float:
    """Return how long an operation takes this time, in seconds.

    Between the least and the median evenly, beyond it an exponential tail through p90; the
    setting `latency: median` returns the median, `latency_scale` multiplies, and `latency_of`
    (pattern of rows: factor) besides. KeyError if the operation has no row.
    """
    row = TABLE[operation]
    settings = world.facts.get("settings", {})
    scale = float(settings.get("latency_scale", 1.0))
    for pattern, factor in settings.get("latency_of", {}).items():
        scale *= factor if fnmatchcase(operation, pattern) else 1.0
    if settings.get("latency", "drawn") == "median":
        return row.p50_s * scale
    throw = world.dice().random()
    if throw < 0.5:  # noqa: PLR2004 - the median
        return (row.least_s + (row.p50_s - row.least_s) * throw * 2) * scale
    beyond = (row.p90_s - row.p50_s) * -math.log(max(2 * (1 - throw), 1e-9)) / math.log(5)
    return (row.p50_s + min(beyond, TAIL_CAP * (row.p90_s - row.p50_s))) * scale
