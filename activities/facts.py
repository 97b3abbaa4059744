"""Gather what a decision looks at, side by side: a node is down while this runs."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from azure.core.exceptions import AzureError

from activities.azure.clients import Azure
from activities.azure.ensure import found
from activities.catalogue import Catalogue
from activities.image import AccountUnknownError, subscription_of_image
from activities.os_facts import of_disk, security_of
from activities.ports import Ports
from activities.prices import RetailPrices
from activities.reservations import Groups, groups_named
from activities.vm_read import SECOND_LOOK_S, facts_of, get_vm
from shared.clock import Clock
from shared.contracts.market import Decide
from shared.contracts.vm import VmFacts
from shared.failures import Scope
from shared.model.facts import (
    BodyFacts,
    DecisionInputs,
    OsFacts,
    Price,
    QuotaFacts,
    SizeFacts,
    Wishes,
)
from shared.model.image import Image
from shared.model.market import MarketMemory
from shared.model.run import DiskRef, Lifecycle, RunState
from shared.model.strategy import CapacityReservation
from shared.model.wire import from_stored
from shared.names import parts_of, stem
from shared.policy.candidates import named_sizes
from shared.policy.network import kept_zone
from shared.policy.quota import ALL_CORES, SPOT_CORES
from shared.policy.wishes import wishes_from
from store.node_rows import NodeRecord

GOING: Final = frozenset({"deallocating", "stopping"})
NARROW: Final = frozenset({None, Scope.NONE, Scope.SIZE_IN_ZONE, Scope.SIZE})
"""Scopes that speak about no size but their own."""


@dataclass(frozen=True)
class Sources:
    """Where facts come from besides Azure's own resources."""

    ports: Ports
    prices: RetailPrices
    catalogue: Catalogue


class DiskGoneError(Exception):
    """A disk that the node must keep is not there: nothing can be launched without it."""


class GoingDownError(Exception):
    """The VM is on its way down, or out: what it will be cannot be read yet."""


@dataclass(frozen=True)
class _Disks:
    os: OsFacts
    os_disk: DiskRef | None
    data_disks: tuple[DiskRef, ...]


async def present_vm(request: Decide, ports: Ports) -> VmFacts | None:
    """Return the VM to be replaced: as last seen, or read anew if that is asked for.

    Raises GoingDownError, and azure.core's AzureError.
    """
    if not request.look_at:
        return request.vm
    azure = await ports.azure_of(request.work)
    facts = facts_of(await get_vm(azure, request.look_at, ports.clock), ports.clock)
    if facts.power in GOING or facts.provisioning == "Deleting":
        raise GoingDownError(f"{request.look_at} is {facts.power or 'being deleted'}")
    return facts


async def gather(
    request: Decide, vm: VmFacts | None, record: NodeRecord, sources: Sources
) -> DecisionInputs:
    """Return the inputs of a decision, without what cannot matter to it.

    Raises azure.core's AzureError where the catalogue or the disks cannot be read, DiskGoneError
    where a persisted disk is gone. Prices and quotas that cannot be had are left out.
    """
    work, ports, run = request.work, sources.ports, record.run
    azure = await ports.azure_of(work)
    document = from_stored(record.document)
    wishes = wishes_from(document)
    sizes, quotas, prices, memory, disks, groups = await asyncio.gather(
        sources.catalogue.sizes(azure, work.subscription_id, work.region),
        sources.catalogue.quotas(azure, work.subscription_id, work.region),
        _prices(sources.prices, work.region, wishes.os),
        ports.stores.markets.of_region(work.region),
        _disks(azure, vm, run, wishes, ports.clock),
        _groups(azure, document.strategy.capacity_reservation, request, sources),
    )
    if not (disks.os_disk and wishes.persists_os):
        image = document.compute.launch_specification.image
        os_facts = await _image(image, request, sources)
        disks = _Disks(os_facts, disks.os_disk, disks.data_disks)
    now = ports.clock.now()
    inputs = DecisionInputs(
        region=work.region,
        now=now,
        attempt=run.waiting.attempt if run.waiting else 0,
        knocked=request.knocked,
        wishes=wishes,
        memory=tuple(memory),
        body=_body(vm, run),
        launched_digest=run.launched_digest,
        os=disks.os,
        address_zone=kept_zone(run, document.persistence, stem(work.key)),
        os_disk=disks.os_disk,
        data_disks=disks.data_disks,
        reservations=tuple(one.for_vm(vm.id if vm else "") for one in groups.reserved),
        groups_missing=groups.missing,
    )
    return _trimmed(inputs, sizes, prices, quotas)


async def _image(image: Image | None, request: Decide, sources: Sources) -> OsFacts:
    """Ask about the image where it is; nothing is known of one whose account is not connected."""
    work, ports = request.work, sources.ports
    try:
        where = await subscription_of_image(ports.stores.accounts, image, work.subscription_id)
    except AccountUnknownError:
        return OsFacts()
    azure = await ports.azure.of(where, work.key.account_id)
    return await sources.catalogue.image(azure, where, work.region, image)


async def _groups(
    azure: Azure, wanted: CapacityReservation | None, request: Decide, sources: Sources
) -> Groups:
    if wanted is None or not wanted.should_utilize:
        return Groups()
    where, region = request.work.subscription_id, request.work.region
    named = groups_named(wanted, where)
    return await sources.catalogue.groups(azure, where, region, named)


async def _prices(prices: RetailPrices, region: str, system: str) -> tuple[Price, ...]:
    try:
        return await prices.of_region(region, system)
    except AzureError:
        return ()


async def _disks(
    azure: Azure, vm: VmFacts | None, run: RunState, wishes: Wishes, clock: Clock
) -> _Disks:
    """Read the persisted disks as they are now: zone and type decide where they can go."""
    os_disk = run.os_disk if wishes.persists_os else None
    data = run.data_disks if wishes.persists_data else ()
    kept = [disk for disk in (os_disk, *data) if disk]
    read = await asyncio.gather(*(_disk(azure, disk, clock) for disk in kept))
    seen = {ref.id: now for ref, now in zip(kept, read, strict=True)}
    controller = vm.controller if vm and vm.exists else ""
    return _Disks(
        os=of_disk(seen[os_disk.id], controller) if os_disk else OsFacts(),
        os_disk=_present(os_disk, seen[os_disk.id]) if os_disk else run.os_disk,
        data_disks=tuple(_present(disk, seen[disk.id]) for disk in data) or run.data_disks,
    )


async def _disk(azure: Azure, disk: DiskRef, clock: Clock) -> Any:
    """Read a disk; only two looks in a row that find nothing are believed."""
    group, _, name = parts_of(disk.id)
    read = await found(azure.compute.disks.get(group, name))
    if read is None:
        await clock.sleep(SECOND_LOOK_S)
        read = await found(azure.compute.disks.get(group, name))
    if read is None:
        raise DiskGoneError(f"the persisted disk {disk.name} is not there any more: {disk.id}")
    return read


def _present(ref: DiskRef, disk: Any) -> DiskRef:
    sku = disk.sku.name if disk.sku else None
    changes: dict[str, Any] = {
        "zone": disk.zones[0] if disk.zones and len(disk.zones) == 1 else None,
        "sku": str(getattr(sku, "value", sku)) if sku else ref.sku,
        "size_gib": disk.properties.disk_size_gb or ref.size_gib,
        "security_type": security_of(disk) if ref.lun is None else None,
    }
    return ref.model_copy(update=changes)


def _body(vm: VmFacts | None, run: RunState) -> BodyFacts | None:
    if vm is None or not vm.exists:
        return None
    return BodyFacts(
        size=vm.size,
        zone=vm.zone,
        lifecycle=Lifecycle.SPOT if vm.spot else Lifecycle.OD,
        deallocated=vm.power == "deallocated",
        was_up=bool(run.vm and run.vm.vm_id and run.vm.vm_id == vm.vm_id),
        controller=vm.controller,
        reservation=vm.reservation,
    )


def _trimmed(
    inputs: DecisionInputs,
    sizes: tuple[SizeFacts, ...],
    prices: tuple[Price, ...],
    quotas: tuple[QuotaFacts, ...],
) -> DecisionInputs:
    """Keep the facts that can bear on this node: the decision is stored with its inputs."""
    named = named_sizes(inputs.wishes, sizes)
    memory = tuple(one for one in inputs.memory if _matters(one, named, inputs))
    known = named | {one.size.casefold() for one in memory}
    known |= {inputs.body.size.casefold()} if inputs.body else set()
    kept = tuple(size for size in sizes if size.name.casefold() in known)
    pools = {size.family.casefold() for size in kept}
    pools |= {SPOT_CORES.casefold(), ALL_CORES.casefold()}
    return inputs.model_copy(
        update={
            "sizes": kept,
            "prices": tuple(one for one in prices if one.size.casefold() in named),
            "quotas": tuple(one for one in quotas if one.name.casefold() in pools),
            "memory": memory,
            "reservations": tuple(
                one for one in inputs.reservations if one.size.casefold() in named
            ),
        }
    )


def _matters(memory: MarketMemory, named: frozenset[str], inputs: DecisionInputs) -> bool:
    if memory.size.casefold() in named:
        return True
    until = memory.shunned_until
    return memory.scope not in NARROW and until is not None and until > inputs.now
