"""What Spot adds: priority, eviction policy, the highest price. Source: Azure docs, spot-vms."""

from local.arm.sku.state import Size
from local.arm.vm import errors
from local.arm.vm.wire import is_spot, spell
from local.arm.wire import Json

DECIMALS = 5


def complete(properties: Json, size: Size) -> None:
    """Check a new VM's Spot properties and add their defaults."""
    if properties.get("priority"):
        spelled = spell("priority", properties["priority"])
        if spelled is None:
            raise errors.invalid(
                "priority",
                f"The value '{properties['priority']}' of parameter 'priority' is invalid.",
            )
        properties["priority"] = spelled
    if not is_spot(properties):
        if properties.get("evictionPolicy"):
            raise errors.policy_without_spot()
        if (properties.get("billingProfile") or {}).get("maxPrice") is not None:
            raise errors.max_price_without_spot()
        return
    if not size.supports("LowPriorityCapable"):
        raise errors.spot_unsupported(size.name)
    if properties.get("availabilitySet"):
        raise errors.spot_in_availability_set()
    policy = spell("evictionPolicy", properties.get("evictionPolicy") or "Deallocate")
    properties["evictionPolicy"] = policy or "Deallocate"
    properties["billingProfile"] = check_max_price(properties.get("billingProfile"))


def check_max_price(profile: Json | None) -> Json:
    """Return the billing profile with its default; raise if the price is not one."""
    price = (profile or {}).get("maxPrice")
    price = -1.0 if price is None else float(price)
    if price != -1.0 and (price <= 0 or round(price, DECIMALS) != price):
        raise errors.max_price_invalid()
    return {"maxPrice": price}
