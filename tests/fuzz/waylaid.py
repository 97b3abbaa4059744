"""Imports of VMs that are made for what stands against them: few sources have what it takes."""

import random
from dataclasses import dataclass
from typing import Any, Final

from tests.fuzz import doomed
from tests.fuzz.doomed import COMPLETED, EITHER, Doom, forbid, silent

Json = dict[str, Any]

WAYLAID: Final = 0.045
"""Part of the lives that begin so."""
STEPS: Final = 1
"""What happens besides, at most: these lives are about their import, and to cost no more."""
JOINS_S: Final = 45.0
"""A source that runs is in its pools by then: one write of a NIC, and nothing to wait for."""
LATE_S: Final = 1_000.0
"""Longer than a source may take to run that has room."""
MARKED_S: Final = 240.0
"""Two looks of the owner's at how far his import is, and much longer than `JOINS_S`."""
MOMENT_S: Final = 10.0
"""Facts that have changed are read anew for longer than that, if there is a pause before."""
SETTINGS: Final[Json] = {"latency_of": {"vm.start": 2.0}}
"""A start in vain lasts for longer than the product tries anew whose facts have changed."""
NETWORK: Final[Json] = {"unmanaged": False}
POOLED: Final[Json] = {"running": True, "unmanaged": False, "pooled": True, "drain_s": 30}
BLOBS: Final[Json] = {
    "running": False,
    "unmanaged": True,
    "zone": None,
    "public": False,
    "starts_converted": True,
}


@dataclass(frozen=True)
class Plot:
    """What stands against an import, and what its source is for that."""

    weight: int
    source: Json
    doom: Doom

    def fits(self, *, network: bool) -> bool:
        """Tell whether it is for a node that keeps the network, or does not."""
        return network or self.source is not NETWORK


LATE: Final = silent(doomed.NIC_WRITE, LATE_S) | {"resource": "*/legacy-nic*", "method": "PUT"}
MARKED: Final = silent(doomed.VM_WRITE, MARKED_S) | {"resource": doomed.SOURCE}
IN_VAIN: Final = forbid(*doomed.STARTS, **doomed.NO_ROOM) | {
    "kind": "fail",
    "caller": "person",
    "times": 1,
}
PREEMPTED: Final = forbid(
    doomed.VM_WRITE,
    doomed.SOURCE,
    lasts_s=MOMENT_S,
    status=409,
    code="OperationPreempted",
    message="Operation execution has been preempted by a more recent operation.",
)
UNREADABLE: Final = forbid("Microsoft.Compute/disks/read", "*/disks/legacy_*", times=1)
PLOTS: Final = (
    Plot(
        2,
        POOLED,
        Doom(
            "no pool takes it back for a while",
            (doomed.NO_LAUNCH,),
            doomed.LAUNCHES,
            (LATE,),
            runs_within_s=doomed.SOON_S,
        ),
    ),
    Plot(
        2,
        POOLED,
        Doom(
            "its mark stays on it for a while",
            (doomed.NO_LAUNCH,),
            doomed.STARTS,
            (MARKED,),
            joins_within_s=JOINS_S,
        ),
    ),
    Plot(2, BLOBS, Doom("a disk that was converted may not be read at once", (UNREADABLE,))),
    Plot(
        1,
        BLOBS,
        Doom("it may not be stopped once Azure starts it", (forbid(*doomed.STOPS),), whole=False),
    ),
    Plot(
        4,
        NETWORK,
        Doom(
            "another operation goes before the exchange of its NICs",
            at=doomed.HOLDER,
            then=(PREEMPTED,),
            ends=COMPLETED,
        ),
    ),
    Plot(
        5,
        NETWORK,
        Doom(
            "started in vain as it gives its NICs away",
            (IN_VAIN,),
            doomed.HOLDER,
            person="start",
            ends=COMPLETED,
        ),
    ),
    Plot(
        2,
        NETWORK,
        Doom(
            "started as it gives its NICs away",
            at=doomed.HOLDER,
            person="start",
            ends=EITHER,
            tells="runs",
        ),
    ),
)


def draw(dice: random.Random, *, network: bool) -> tuple[Json, Doom]:
    """Draw what stands against an import, and what its source is for that; `network`: kept."""
    plots = [one for one in PLOTS if one.fits(network=network)]
    drawn = dice.choices(plots, [one.weight for one in plots])[0]
    return drawn.source, drawn.doom
