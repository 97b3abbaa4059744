"""Reserved capacity: what the groups that a document may use hold, and what of it is in use."""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

from azure.core.exceptions import HttpResponseError

from activities.azure.clients import Azure
from activities.azure.errors import arm_error
from shared.failures import Kind
from shared.model.facts import Reservation
from shared.model.strategy import CapacityReservation
from shared.names import parts_of, same_id

GROUPS: Final = "Microsoft.Compute/capacityReservationGroups"
GROUPS_MAX: Final = 20
"""Groups that are looked into where the document names none: two calls each, in down time."""


@dataclass(frozen=True)
class Reserved:
    """One capacity reservation."""

    group_id: str
    size: str
    zone: str | None
    places: int
    held_by: tuple[str, ...]
    """Ids of the VMs that stand in it now."""

    def for_vm(self, vm_id: str) -> Reservation:
        """Return it as a decision sees it, for which its own VM is about to give its place up."""
        others = [one for one in self.held_by if not same_id(one, vm_id)]
        free = max(0, self.places - len(others))
        return Reservation(group_id=self.group_id, size=self.size, zone=self.zone, free=free)


@dataclass(frozen=True)
class Groups:
    """What could be read: the reservations in the order of their groups, and who was not there."""

    reserved: tuple[Reserved, ...] = ()
    missing: tuple[str, ...] = ()


def groups_named(wanted: CapacityReservation | None, subscription_id: str) -> tuple[str, ...]:
    """Return the ids of the groups that a document names, those to prefer first; none: any."""
    named = (wanted.capacity_reservation_groups if wanted else None) or ()
    first = sorted(named, key=lambda one: not one.should_prioritize)
    base = f"/subscriptions/{subscription_id}/resourceGroups"
    return tuple(f"{base}/{one.resource_group_name}/providers/{GROUPS}/{one.name}" for one in first)


async def read_groups(azure: Azure, region: str, named: tuple[str, ...]) -> Groups:
    """Read these groups; without any, those of the subscription in the region, at most GROUPS_MAX.

    One that is not there, or that we may not read, is told as missing: nothing waits for it.
    Raises azure.core's AzureError where Azure does not answer.
    """
    ids = named or await _of_region(azure, region)
    read = await asyncio.gather(*(_group(azure, one) for one in ids))
    found = tuple(one for group in read for one in group or ())
    missing = tuple(one for one, group in zip(ids, read, strict=True) if group is None)
    return Groups(found, missing if named else ())


async def _of_region(azure: Azure, region: str) -> tuple[str, ...]:
    listed = azure.compute.capacity_reservation_groups.list_by_subscription()
    here = [one.id or "" async for one in listed if _same(one.location, region)]
    return tuple(sorted(here)[:GROUPS_MAX])


def _same(place: str, region: str) -> bool:
    return place.replace(" ", "").casefold() == region.casefold()


async def _group(azure: Azure, group_id: str) -> tuple[Reserved, ...] | None:
    group, _, name = parts_of(group_id)
    try:
        whole, rows = await asyncio.gather(
            azure.compute.capacity_reservation_groups.get(group, name, expand="instanceView"),
            _rows(azure, group, name),
        )
    except HttpResponseError as error:
        if _is_final(error):
            return None
        raise
    held = _held(whole.properties.instance_view if whole.properties else None)
    return tuple(
        Reserved(
            group_id=group_id,
            size=row.sku.name or "",
            zone=row.zones[0] if row.zones else None,
            places=row.sku.capacity or 0,
            held_by=held.get((row.name or "").lower(), ()),
        )
        for row in rows
    )


async def _rows(azure: Azure, group: str, name: str) -> list[Any]:
    listed = azure.compute.capacity_reservations.list_by_capacity_reservation_group(group, name)
    return [row async for row in listed]


def _held(view: Any) -> dict[str, tuple[str, ...]]:
    """Return which VMs stand in each reservation, by its name without case."""
    rows = (view.capacity_reservations if view else None) or ()
    return {
        (row.name or "").lower(): tuple(
            vm.id or ""
            for vm in (row.utilization_info and row.utilization_info.virtual_machines_allocated)
            or ()
        )
        for row in rows
    }


def _is_final(error: HttpResponseError) -> bool:
    return arm_error(error).rule.kind in (Kind.GONE, Kind.PERMANENT)
