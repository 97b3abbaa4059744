"""Wait until an evicted VM is down.

Many wait at once in a storm: then one list of the whole subscription answers for all, because a
list is one call of a bucket of 300 a minute, and reads of single VMs are 12 a minute each.
Source: Azure docs, compute-throttling-limits.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

from azure.core.exceptions import HttpResponseError

from activities.azure.clients import Azure
from activities.azure.errors import answering
from activities.ports import Ports
from activities.vm_read import CALM_S, UP, facts_of, get_vm, pause_after_read_s
from shared.clock import Clock
from shared.contracts.base import StillRunning
from shared.contracts.vm import AwaitDown, Down, StillUp, VmFacts
from shared.names import same_id

LEAST_DOWN_S: Final = 15.0
"""Going down was never recorded to take less: 35 s for an eviction, 22 s and more for a stop."""
LIST_S: Final = 1.0
"""Between two lists of a subscription: 60 a minute, a fifth of what Azure refills."""
CROWD: Final = 20
"""Waiting VMs in one subscription from which a list is cheaper than single reads."""
WAIT_S: Final = 90.0
"""How long one activity waits: past notice (30 s) and going down (35 s); then it asks again."""
FALSE_ALARM_S: Final = 180.0
"""After this long past its deadline a VM that still runs is not being evicted. Recorded: 65 s from
notice to deallocated."""
GOING: Final = frozenset({"deallocating", "stopping"})


class Crowd:
    """Those who wait in one subscription, and the list they share."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lock = asyncio.Lock()
        self._seen_at: datetime | None = None
        self._powers: dict[str, str] = {}

    async def power(self, azure: Azure, vm_id: str, clock: Clock) -> str:
        """Return a VM's power state from a list at most `LIST_S` old; empty if it is not in it."""
        async with self._lock:
            now = clock.now()
            if self._seen_at is None or now - self._seen_at >= timedelta(seconds=LIST_S):
                self._powers = await list_powers(azure)
                self._seen_at = now
        return self._powers.get(vm_id.lower(), "")


_CROWDS: dict[str, Crowd] = {}


async def list_powers(azure: Azure) -> dict[str, str]:
    """Return the power state of every VM of a subscription by lower-case id, in one call a page."""
    powers: dict[str, str] = {}
    async for vm in azure.compute.virtual_machines.list_all(status_only="true"):
        view: Any = vm.properties.instance_view if vm.properties else None
        for status in (view.statuses if view else None) or ():
            if status.code and status.code.startswith("PowerState/"):
                powers[str(vm.id).lower()] = status.code.split("/", 1)[1]
    return powers


@answering
async def await_down(request: AwaitDown, *, ports: Ports) -> Down | StillUp | StillRunning:
    """Wait until the VM is deallocated, failed or gone. Only reads: safe to repeat.

    Returns StillUp if it plainly is not going down; StillRunning to be asked again. The token
    holds when waiting began.
    """
    azure = await ports.azure_of(request.work)
    crowd = _CROWDS.setdefault(request.work.subscription_id, Crowd())
    began = datetime.fromisoformat(request.token) if request.token else ports.clock.now()
    alarm_ends = max(began, request.deadline or began) + timedelta(seconds=FALSE_ALARM_S)
    crowd.waiting += 1
    try:
        facts = await _watch(azure, crowd, request, ports)
    finally:
        crowd.waiting -= 1
    if facts is None or _is_other(facts, request):
        return Down(facts=facts or VmFacts(exists=False))
    if _is_down(facts):
        return Down(facts=facts)
    if facts.power == "running" and ports.clock.now() >= alarm_ends:
        return StillUp(facts=facts)
    return StillRunning(token=began.isoformat())


async def _watch(azure: Azure, crowd: Crowd, request: AwaitDown, ports: Ports) -> VmFacts | None:
    """Look until the VM is down or the time is up; return the last facts, None: it is gone."""
    until = ports.clock.now() + timedelta(seconds=WAIT_S)
    pause_s = CALM_S
    while True:
        if crowd.waiting < CROWD or not await _listed_as_up(azure, crowd, request, ports):
            vm = await get_vm(azure, request.vm_resource_id, ports.clock)
            facts = facts_of(vm, ports.clock)
            pause_s = pause_after_read_s(request.vm_resource_id, ports.clock)
            if not facts.exists or _is_down(facts) or ports.clock.now() >= until:
                return facts if facts.exists else None
        await ports.clock.sleep(_pause(request, crowd, pause_s, ports.clock.now()))


async def _listed_as_up(azure: Azure, crowd: Crowd, request: AwaitDown, ports: Ports) -> bool:
    try:
        power = await crowd.power(azure, request.vm_resource_id, ports.clock)
    except HttpResponseError:
        return False  # a list that fails is no news: the single read decides
    return power == "running" or power in GOING


def _pause(request: AwaitDown, crowd: Crowd, pause_s: float, now: datetime) -> float:
    if crowd.waiting >= CROWD:
        return LIST_S
    left_s = (request.deadline - now).total_seconds() if request.deadline else 0.0
    if left_s > 0:
        return min(CALM_S, left_s + LEAST_DOWN_S)
    return CALM_S if request.deadline and left_s > -LEAST_DOWN_S else pause_s


def _is_down(facts: VmFacts) -> bool:
    if facts.power in ("deallocated", "stopped"):
        return True
    return facts.provisioning == "Failed" and facts.power not in UP


def _is_other(facts: VmFacts, request: AwaitDown) -> bool:
    """Tell whether the VM under our name is a later one: ours is gone, then."""
    return bool(request.vm_id) and not same_id(facts.vm_id, request.vm_id or "")
