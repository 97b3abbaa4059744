"""Why a market is not open to a node now: the first reason found, in a fixed order."""

from collections.abc import Callable
from typing import Final

from shared.model.facts import DecisionInputs, Reason, Reservation, SizeFacts
from shared.model.market import Market
from shared.model.run import Lifecycle
from shared.policy.candidates import size_named
from shared.policy.disk_fit import sku_after
from shared.policy.quota import over_quota
from shared.policy.shun import shunning
from shared.policy.windows import in_any

Why = tuple[Reason, str] | None
"""A code and words, or None: nothing against it."""
GUARDED: Final = ("TrustedLaunch", "ConfidentialVM")
"""Security types that are for generation 2 alone."""
OVER_SPOT: Final = "utilizeOverSpot"
"""Reserved capacity comes before Spot; else it comes where on-demand would, and before that."""
_Check = Callable[[Market, SizeFacts, DecisionInputs], Why]


def why_excluded(market: Market, inputs: DecisionInputs) -> Why:
    """Return what speaks against a market, or None: it is open.

    SHUNNED comes last: whatever is only shunned would be open but for our memory.
    """
    unwanted = _unwanted(market, inputs)
    if unwanted:
        return unwanted
    size = size_named(inputs.sizes, market.size)
    if size is None:
        return Reason.NOT_OFFERED, f"{inputs.region} does not offer {market.size}"
    found = (check(market, size, inputs) for check in _CHECKS)
    return next((why for why in found if why), None)


def wants_od_first(inputs: DecisionInputs) -> bool:
    """Tell whether on-demand comes before Spot now."""
    return inputs.wishes.prefers_od or in_any(inputs.wishes.od_windows, inputs.now)


def _unwanted(market: Market, inputs: DecisionInputs) -> Why:
    wishes, in_window = inputs.wishes, in_any(inputs.wishes.od_windows, inputs.now)
    if market.lifecycle is Lifecycle.SPOT:
        return (Reason.SPOT_NOT_WANTED_NOW, "inside an odWindow") if in_window else None
    if market.reservation and wishes.reserved == OVER_SPOT:
        return None
    allowed = wishes.fallback_to_od or wishes.prefers_od or in_window
    return None if allowed else (Reason.OD_NOT_ALLOWED, "fallbackToOd is false")


def _offered(market: Market, size: SizeFacts, inputs: DecisionInputs) -> Why:
    if size.restricted:
        text = f"{size.name} is not available to this subscription in {inputs.region}"
        return Reason.RESTRICTED, text
    if market.zone and market.zone not in size.zones:
        return Reason.NOT_OFFERED_IN_ZONE, f"zone {market.zone} does not offer {size.name}"
    if market.zone and market.zone in size.restricted_zones:
        text = f"{size.name} is not available to this subscription in zone {market.zone}"
        return Reason.RESTRICTED, text
    if market.lifecycle is Lifecycle.SPOT and not size.spot:
        return Reason.NOT_SOLD_AS_SPOT, f"{size.name} is not sold as Spot"
    return None


def _boots(_market: Market, size: SizeFacts, inputs: DecisionInputs) -> Why:
    """Compare what the OS disk or image needs with what the size has; unknown needs fit."""
    needs = inputs.os
    if needs.architecture and needs.architecture.casefold() != size.architecture.casefold():
        return Reason.ARCHITECTURE, f"{size.name} is {size.architecture}, not {needs.architecture}"
    if needs.generation and needs.generation not in size.generations:
        return Reason.GENERATION, f"{size.name} does not boot generation {needs.generation}"
    known = {one.casefold() for one in needs.controllers}
    if known and not known & {one.casefold() for one in size.controllers}:
        has = " or ".join(size.controllers)
        return Reason.CONTROLLER, f"{size.name} has {has} disks, the OS knows {needs.controllers}"
    return None


def _secures(_market: Market, size: SizeFacts, inputs: DecisionInputs) -> Why:
    wanted = inputs.os.security_type or inputs.wishes.security_type
    if wanted in GUARDED and inputs.os.generation == "V1":
        return Reason.GENERATION, f"{wanted} needs generation 2, which the OS is not of"
    if wanted == "TrustedLaunch" and not (size.trusted_launch and "V2" in size.generations):
        return Reason.SECURITY_TYPE, f"{size.name} has no trusted launch"
    if wanted == "ConfidentialVM" and not size.confidential:
        return Reason.SECURITY_TYPE, f"{size.name} is not a confidential size"
    if wanted != "ConfidentialVM" and size.confidential:
        return Reason.SECURITY_TYPE, f"{size.name} takes confidential VMs only"
    if inputs.wishes.encryption_at_host and not size.encryption_at_host:
        return Reason.ENCRYPTION_AT_HOST, f"{size.name} has no encryption at host"
    return None


def _stores(market: Market, size: SizeFacts, inputs: DecisionInputs) -> Why:
    """Compare the disks that the VM will have with what the size takes."""
    data = _data_skus(inputs)
    skus = [*_os_skus(inputs), *(sku for each in data for sku in each)]
    fast = [sku for sku in skus if sku.startswith("Premium")]
    if fast and not size.premium_io:
        return Reason.PREMIUM_IO, f"{size.name} takes no {fast[0]} disk"
    if "UltraSSD_LRS" in skus and (market.zone or "regional") not in size.ultra_zones:
        return Reason.ULTRA_DISK, f"{size.name} takes no Ultra disk there"
    if "PremiumV2_LRS" in skus and size.zones and not market.zone:
        return Reason.DISK_NEEDS_ZONE, "a PremiumV2_LRS disk needs a zone in a region that has them"
    if size.max_data_disks is not None and len(data) > size.max_data_disks:
        text = f"{size.name} takes {size.max_data_disks} data disks, not {len(data)}"
        return Reason.DATA_DISKS, text
    return None


def _reserves(market: Market, size: SizeFacts, inputs: DecisionInputs) -> Why:
    """Compare what Azure does not put on reserved capacity with what the node is.

    Source: Azure docs, capacity-reservation-overview.
    """
    if not market.reservation:
        return None
    group = market.reservation.rsplit("/", 1)[-1]
    if inputs.wishes.in_proximity_group:
        return Reason.NOT_RESERVABLE, f"a VM in a proximity group cannot be in {group}"
    if any("UltraSSD_LRS" in each for each in _data_skus(inputs)):
        return Reason.NOT_RESERVABLE, f"a VM with an Ultra disk cannot be in {group}"
    if not any(one.free > 0 and _is_of(one, market) for one in inputs.reservations):
        return Reason.RESERVATION_FULL, f"what {group} reserves of {size.name} is all in use"
    return None


def _is_of(reservation: Reservation, market: Market) -> bool:
    same = reservation.group_id == market.reservation and reservation.zone == market.zone
    return same and reservation.size.casefold() == market.size.casefold()


def _connects(market: Market, size: SizeFacts, inputs: DecisionInputs) -> Why:
    """Compare the interfaces and addresses that the VM will have with what the size takes."""
    nics = inputs.wishes.nic_count
    if size.max_nics is not None and nics > size.max_nics:
        return Reason.NICS, f"{size.name} takes {size.max_nics} network interfaces, not {nics}"
    kept = inputs.address_zone
    if kept and market.zone and market.zone != kept:
        return Reason.ADDRESS_ZONE, f"the public address that is kept serves zone {kept} alone"
    return None


def _os_skus(inputs: DecisionInputs) -> list[str]:
    """Return the types that the OS disk has, or will have."""
    kept = inputs.os_disk.sku if inputs.os_disk and inputs.wishes.persists_os else None
    wanted = inputs.wishes.os_disk_sku
    found = [kept, sku_after(kept, wanted)] if kept else [wanted]
    return [sku for sku in found if sku]


def _data_skus(inputs: DecisionInputs) -> list[list[str]]:
    """Return the types that each data disk of the next VM has, or will have.

    Kept disks, those that the document asks for besides, and those that come with the image.
    """
    wishes = inputs.wishes
    luns = wishes.data_disk_luns or range(len(wishes.data_disk_skus))
    wanted = dict(zip(luns, wishes.data_disk_skus, strict=True))
    kept = inputs.data_disks if wishes.persists_data else ()
    found = [(disk.sku, sku_after(disk.sku, wanted.pop(disk.lun or 0, None))) for disk in kept]
    new = {**dict.fromkeys(inputs.os.data_luns), **wanted}
    types = [*found, *((sku,) for sku in new.values())]
    return [[sku for sku in each if sku] for each in types]


def _remembered(market: Market, _size: SizeFacts, inputs: DecisionInputs) -> Why:
    if market.reservation:
        return None  # a place that is kept for us does not fill with the market around it
    memory = shunning(market, inputs)
    if memory is None or memory.shunned_until is None:
        return None
    where = "" if memory.size.casefold() == market.size.casefold() else f" of {memory.size}"
    words = f"{memory.reason or 'refused'}{where}, passed over until"
    return Reason.SHUNNED, f"{words} {memory.shunned_until:%Y-%m-%d %H:%M:%S} UTC"


_CHECKS: Final[tuple[_Check, ...]] = (
    _offered,
    _boots,
    _secures,
    _stores,
    _connects,
    _reserves,
    over_quota,
    _remembered,
)
