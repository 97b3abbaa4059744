"""What may change about a VM that is there, and what may not.

Sources: recorded refusals (priority, osProfile, maxPrice, proximity placement group); for zones,
availabilitySet, imageReference and evictionPolicy the same code is assumed.
"""

from local.arm import refusals
from local.arm.vm import errors, osprofile, spot
from local.arm.vm.state import is_deallocated
from local.arm.vm.wire import is_spot, same, spell
from local.arm.wire import Json, same_location
from local.arm.world import Resource

IMAGE_FIELDS = ("publisher", "offer", "sku", "version", "id")
SECURITY_FIELDS = ("encryptionAtHost", "securityType", "uefiSettings")
FREE = (
    *("additionalCapabilities", "applicationProfile", "capacityReservation", "diagnosticsProfile"),
    *("extensionsTimeBudget", "licenseType", "proximityPlacementGroup", "resiliencyProfile"),
    *("scheduledEventsPolicy", "scheduledEventsProfile", "securityProfile"),
)
"""Properties taken as given, after the checks below."""


def refuse_fixed(vm: Resource, body: Json) -> None:
    """Raise if a request wants to change what is fixed for a VM's life."""
    location = body.get("location")
    if location and not same_location(location, vm.location):
        group = vm.id.split("/")[4]
        raise errors.moved(vm.body["name"], vm.location, location, group)
    zones = body.get("zones")
    if zones is not None and [str(zone) for zone in zones] != vm.body.get("zones", []):
        raise refusals.unchangeable("zones")
    wanted = body.get("properties") or {}
    _refuse_spot(vm.properties, wanted)
    _refuse_profile(vm.properties, wanted)
    _refuse_image(vm.properties, wanted)
    for name in ("availabilitySet", "virtualMachineScaleSet"):
        given = (wanted.get(name) or {}).get("id")
        if given and not same(given, (vm.properties.get(name) or {}).get("id")):
            raise refusals.unchangeable(name)


def _refuse_spot(known: Json, wanted: Json) -> None:
    if wanted.get("priority"):
        before = known.get("priority", "Regular")
        after = spell("priority", wanted["priority"])
        # Low is Spot's old name: the one change that Azure lets pass.
        if after != before and {before, after} != {"Low", "Spot"}:
            raise refusals.unchangeable("priority")
    if wanted.get("evictionPolicy"):
        if not is_spot(known):
            raise errors.policy_without_spot()
        if spell("evictionPolicy", wanted["evictionPolicy"]) != known.get("evictionPolicy"):
            raise refusals.unchangeable("evictionPolicy")


def _refuse_profile(known: Json, wanted: Json) -> None:
    profile = wanted.get("osProfile")
    if not profile:
        return
    if "osProfile" not in known or osprofile.differs(known["osProfile"], profile):
        raise refusals.unchangeable("osProfile")


def _refuse_image(known: Json, wanted: Json) -> None:
    reference = (wanted.get("storageProfile") or {}).get("imageReference")
    if not reference:
        return
    before = known["storageProfile"].get("imageReference")
    if before is None:
        raise refusals.unchangeable("imageReference")
    for field in IMAGE_FIELDS:
        one, other = str(before.get(field) or ""), str(reference.get(field) or "")
        if one.lower() != other.lower():
            raise refusals.unchangeable("imageReference")


def refuse_while_allocated(vm: Resource, wanted: Json) -> None:
    """Raise if a request wants what only a deallocated VM can change."""
    _check_price(vm, wanted)
    if is_deallocated(vm):
        return
    known, name = vm.properties, vm.body["name"]
    if _regroups(known, wanted, "proximityPlacementGroup"):
        raise errors.ppg_while_running(name)
    if _regroups(known, wanted, "capacityReservation") and vm.zone is None:
        raise errors.while_allocated("the capacity reservation group", name)
    _refuse_fields(vm, wanted, "securityProfile", SECURITY_FIELDS)
    _refuse_fields(vm, wanted, "additionalCapabilities", ("ultraSSDEnabled",))


def _refuse_fields(vm: Resource, wanted: Json, group: str, fields: tuple[str, ...]) -> None:
    before, after = vm.properties.get(group) or {}, wanted.get(group) or {}
    for field in fields:
        if after.get(field) is not None and after[field] != before.get(field, False):
            raise errors.while_allocated(f"{group}.{field}", vm.body["name"])


def _regroups(known: Json, wanted: Json, name: str) -> bool:
    return name in wanted and not _same_group(known.get(name), wanted[name])


def _same_group(known: Json | None, wanted: Json | None) -> bool:
    ids = []
    for one in (known, wanted):
        inner = (one or {}).get("capacityReservationGroup") or one or {}
        ids.append(inner.get("id"))
    return same(*ids)


def _check_price(vm: Resource, wanted: Json) -> None:
    price = (wanted.get("billingProfile") or {}).get("maxPrice")
    if price is None:
        return
    if not is_spot(vm.properties):
        raise errors.max_price_without_spot()
    after = spot.check_max_price(wanted["billingProfile"])
    if after != vm.properties.get("billingProfile") and not is_deallocated(vm):
        raise errors.max_price_while_allocated(vm.body["name"])


def merge(vm: Resource, body: Json, *, whole: bool) -> None:
    """Take over the free parts of a request; `whole`: a PUT, whose absent tags are no tags."""
    if whole or body.get("tags") is not None:
        vm.body["tags"] = body.get("tags") or {}
    if body.get("plan"):
        vm.body["plan"] = body["plan"]
    wanted = body.get("properties") or {}
    for name in FREE:
        _merge_free(vm.properties, wanted, name, whole=whole)
    if wanted.get("priority"):
        vm.properties["priority"] = spell("priority", wanted["priority"])
    if (wanted.get("billingProfile") or {}).get("maxPrice") is not None:
        vm.properties["billingProfile"] = spot.check_max_price(wanted["billingProfile"])
    if wanted.get("userData") is not None:
        _set_user_data(vm, wanted["userData"])


def _merge_free(known: Json, wanted: Json, name: str, *, whole: bool) -> None:
    if wanted.get(name) is not None:
        known[name] = wanted[name]
    elif name in wanted and not whole:
        known.pop(name, None)


def _set_user_data(vm: Resource, user_data: str) -> None:
    vm.properties.pop("userData", None)
    if user_data:
        osprofile.check_base64(user_data, "userData", "User data")
        vm.properties["userData"] = user_data
