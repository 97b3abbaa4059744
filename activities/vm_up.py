"""Whether a VM is up, and what is remembered of its market either way."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.azure.errors import ArmError
from activities.ports import Ports
from activities.vm_read import (
    UP,
    body_of,
    disks_of,
    failure_of,
    image_of,
    power_of,
    state_of,
    with_addresses,
)
from shared.contracts.base import Changed, NoCapacity, Refused, StillRunning, VmFailed, Work
from shared.contracts.vm import VmUp
from shared.failures import Kind, classify
from shared.model.market import Market, MarketMemory
from shared.model.run import LogEntry, NicRef

SHUN_ODD_S: Final = 600
"""A market where a VM vanished or was taken at once: a reading of ours, not a refusal of Azure's,
so passed over only as long as a quota shortage."""
TAKEN: Final = "EvictedAtOnce"
"""Our word for what Azure does without one: a Spot VM is accepted, and taken back at once."""
VANISHED: Final = NoCapacity(code="VmVanished", message="the VM was accepted, then was not there")
FAILED: Final = 200
"""The status under which a failed operation is told: the look at it succeeded."""

NotUp = NoCapacity | VmFailed | Refused | Changed
"""Why a VM is not up."""


@dataclass(frozen=True)
class Landing:
    """A VM that was just read, and what is known of it besides."""

    vm: m.VirtualMachine | None
    nics: tuple[NicRef, ...]
    since: datetime
    """When it was set going: what is heard of a VM of that name before then is not about it."""
    in_place: bool = False
    """True: the node's own VM, started; it stays whatever comes."""
    stopped: bool = False
    """True: somebody was heard to stop it since; it is no market's fault that it is down."""


async def up(azure: Azure, seen: Landing) -> VmUp | NotUp | StillRunning:
    """Believe in a VM only once it was read back running.

    One that is started in place and runs is up even if Azure calls it Failed, as it does when the
    guest was slow to report: its disks are the node's, and no other VM would boot them sooner.
    """
    vm = seen.vm
    if vm is None:
        return _vanished(seen)
    vm_id = "" if seen.in_place else vm.id or ""
    if state_of(vm) in ("Creating", "Updating"):
        return StillRunning(token="")
    runs = power_of(vm) in UP
    failed = state_of(vm) == "Failed"
    if failed and not (runs and seen.in_place):
        return failed_as(*failure_of(vm), vm_id)
    if not runs and seen.in_place and not seen.stopped:
        text = f"{vm.name} was started and is {power_of(vm) or 'not running'} already"
        return NoCapacity(code=TAKEN, message=text)
    os_disk, data_disks = disks_of(vm)
    return VmUp(
        vm=body_of(vm, seen.since),
        os_disk=os_disk,
        data_disks=data_disks,
        nics=await with_addresses(azure, seen.nics),
        image=image_of(vm),
        warning=": ".join(failure_of(vm)) if failed else "",
        taken=not runs,
    )


def _vanished(seen: Landing) -> NotUp:
    """Say what it means that a VM is not there: somebody deleted it, or Azure took a new one."""
    if seen.in_place:
        return Changed(code="VmVanished", message="the VM was deleted while it was started")
    return VANISHED


def failed_as(code: str, message: str, left_behind: str) -> NotUp:
    """Return what the failure of an operation that Azure had accepted means for the launch."""
    rule = classify(code, message, FAILED)
    match rule.kind:
        case Kind.CAPACITY | Kind.QUOTA:
            return NoCapacity(code=code, message=message, scope=rule.scope, left_behind=left_behind)
        case Kind.PERMANENT:
            return Refused(code=code, message=message, left_behind=left_behind)
        case Kind.GUEST:
            return VmFailed(code=code, message=message, left_behind=left_behind)
        case _:
            # The platform's own failure says nothing of the image: another market, or later.
            return NoCapacity(code=code, message=message, left_behind=left_behind)


def ended_badly(error: ArmError, left_behind: str) -> NotUp | None:
    """Return what an accepted operation's bad end means; None: read the VM back to know.

    Raises the error itself where it says nothing of the VM: who asks again will read it back.
    """
    match error.rule.kind:
        case Kind.GONE:
            return None
        case Kind.TRANSIENT | Kind.THROTTLED | Kind.CONFLICT:
            raise error
        case _:
            return failed_as(error.code, error.message, left_behind)


async def told(answer: NotUp, market: Market, work: Work, ports: Ports) -> NotUp:
    """Tell the node's user why a market was left, and shun it if it is the market's fault."""
    now, lifecycle = ports.clock.now(), market.lifecycle
    where = f"{lifecycle} {market.size} in " + (f"zone {market.zone}" if market.zone else "region")
    what = "no room" if isinstance(answer, NoCapacity) else "no VM"
    line = LogEntry(at=now, message=f"{what}: {where}: {answer.code}", severity="WARN")
    works = [ports.stores.log.write(work.key, [line])]
    if isinstance(answer, NoCapacity) and not market.reservation:
        rule = classify(answer.code, answer.message, None)
        memory = MarketMemory(
            region=work.region,
            size=market.size,
            zone=market.zone,
            lifecycle=lifecycle,
            shunned_until=now + timedelta(seconds=rule.shun_for(lifecycle) or SHUN_ODD_S),
            scope=answer.scope,
            reason=answer.code,
            last_failure_at=now,
        )
        works.append(ports.stores.markets.remember(memory))
    await asyncio.gather(*works)
    return answer


async def succeeded(market: Market, work: Work, ports: Ports) -> None:
    """Remember that a market had room; a place that was kept tells nothing of it."""
    if market.reservation:
        return
    memory: dict[str, Any] = {"region": work.region, "last_success_at": ports.clock.now()}
    memory |= market.model_dump(include={"size", "zone", "lifecycle"})
    await ports.stores.markets.remember(MarketMemory.model_validate(memory))
