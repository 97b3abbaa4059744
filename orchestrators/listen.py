"""Listen: wait for what a VM says of itself, as long as it is there to say it.

A part of other runbooks.
"""

from datetime import datetime, timedelta
from typing import Literal

from shared.contracts.node import Claimed
from shared.contracts.signal import AWAIT_SIGNAL, AwaitSignal, Heard, Signal
from shared.contracts.vm import LOOK_AT_VM, LookAtVm, VmSeen
from shared.durable import Context, Durable
from shared.model.run import Row
from shared.policy.release import SLICES_MAX, granted_s, is_up, slice_s


class Listening(Row):
    """Which word of which VM."""

    signal: Signal
    since: datetime
    """What was said before is of an earlier VM, or was not asked for."""
    vm_resource_id: str
    step: str
    percent: int


Said = Literal["heard", "silent", "down"]


def listen(context: Context, node: Claimed, ask: Listening) -> Durable[Said]:
    """Wait for a signal for as long as the document grants; nothing asked for is heard at once."""
    granted = granted_s(node.document, ask.signal)
    if granted is None:
        return "heard"
    work = node.work.at(ask.step, ask.percent)
    end = context.current_utc_datetime + timedelta(seconds=granted)
    for _ in range(SLICES_MAX):
        until = min(end, context.current_utc_datetime + timedelta(seconds=slice_s(granted)))
        wait = AwaitSignal(work=work, signal=ask.signal, since=ask.since, deadline=until)
        if isinstance((yield from AWAIT_SIGNAL(context, wait)), Heard):
            return "heard"
        # Before it is called silent too: it says nothing if somebody stops it while it is awaited.
        look = LookAtVm(work=work, vm_resource_id=ask.vm_resource_id)
        seen = yield from LOOK_AT_VM(context, look)
        if isinstance(seen, VmSeen) and not is_up(seen.facts):
            return "down"
        if context.current_utc_datetime >= end:
            break
    return "silent"
