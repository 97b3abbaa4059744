"""Wait for what a VM says of itself."""

from datetime import timedelta
from typing import Final

from activities.ports import Ports
from shared.contracts.base import StillRunning
from shared.contracts.signal import AwaitSignal, Heard, TimedOut

LOOK_FIRST_S: Final = 5.0
"""Between two looks at first: a table read each, and the VM is not waiting for us."""
LOOK_PART: Final = 0.1
"""Later a look comes when so much more time has passed: the answer is at most a tenth late, and a
wait of half an hour costs some eighty looks, well within what the seam grants an activity."""
LOOK_LAST_S: Final = 30.0
LOOKS: Final = 60
"""In waits so long that looks each `LOOK_LAST_S` would be too many: about so many more."""


async def await_signal(request: AwaitSignal, *, ports: Ports) -> Heard | TimedOut | StillRunning:
    """Look once whether the VM has spoken since; in between a durable timer runs, not we.

    Only reads our own rows: safe to repeat. A signal that comes at the deadline itself counts.
    """
    said = await ports.stores.signals.of(request.work.key, request.signal, request.since)
    if said:
        return Heard(at=said[0].at)
    now = ports.clock.now()
    if now >= request.deadline:
        return TimedOut()
    left_s = (request.deadline - now) / timedelta(seconds=1)
    waited_s = (now - request.since) / timedelta(seconds=1)
    longest_s = max(LOOK_LAST_S, (left_s + waited_s) / LOOKS)
    pause_s = min(longest_s, max(LOOK_FIRST_S, waited_s * LOOK_PART))
    return StillRunning(token="", again_s=min(pause_s, left_s))
