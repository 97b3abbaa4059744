"""Whether a VM is up, and what is remembered of its market either way."""

import asyncio
from datetime import timedelta
from typing import Any, Final

from azure.mgmt.compute import models as m

from activities.azure.clients import Azure
from activities.ports import Ports
from activities.vm_read import body_of, disks_of, failure_of, power_of, state_of, with_addresses
from shared.contracts.base import NoCapacity, StillRunning, Work
from shared.contracts.vm import VmUp
from shared.failures import classify
from shared.model.market import Market
from shared.model.run import LogEntry, MarketMemory, NicRef

UP: Final = frozenset({"running", "starting"})
SHUN_ODD_S: Final = 600
"""A market whose VM failed, vanished or was taken at once: a reading of ours, not a refusal of
Azure's, so passed over only as long as a quota shortage."""


async def up(
    azure: Azure, vm: m.VirtualMachine | None, nics: tuple[NicRef, ...], ports: Ports
) -> VmUp | NoCapacity | StillRunning:
    """Believe in a VM only once it was read back running; `vm` was just read."""
    if vm is None:
        return NoCapacity(code="VmVanished", message="the VM was accepted, then was not there")
    vm_id = vm.id or ""
    if state_of(vm) in ("Creating", "Updating"):
        return StillRunning(token="")
    if state_of(vm) == "Failed":
        code, message = failure_of(vm)
        return NoCapacity(code=code, message=message, left_behind=vm_id)
    if power_of(vm) not in UP:
        text = f"{vm.name} was made and is {power_of(vm) or 'not running'} already"
        return NoCapacity(code="EvictedAtOnce", message=text, left_behind=vm_id)
    os_disk, data_disks = disks_of(vm)
    return VmUp(
        vm=body_of(vm, ports.clock),
        os_disk=os_disk,
        data_disks=data_disks,
        nics=await with_addresses(azure, nics),
    )


async def refused(answer: NoCapacity, market: Market, work: Work, ports: Ports) -> NoCapacity:
    """Shun the market for as long as the failure table says, and tell the node's user."""
    now, lifecycle = ports.clock.now(), market.lifecycle
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
    where = f"{lifecycle} {market.size} in " + (f"zone {market.zone}" if market.zone else "region")
    line = LogEntry(at=now, message=f"no room: {where}: {answer.code}", severity="WARN")
    await asyncio.gather(
        ports.stores.markets.remember(memory), ports.stores.log.write(work.key, [line])
    )
    return answer


async def succeeded(market: Market, work: Work, ports: Ports) -> None:
    """Remember that a market had room."""
    memory: dict[str, Any] = {"region": work.region, "last_success_at": ports.clock.now()}
    memory |= market.model_dump(include={"size", "zone", "lifecycle"})
    await ports.stores.markets.remember(MarketMemory.model_validate(memory))
