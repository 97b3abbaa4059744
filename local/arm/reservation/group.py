"""What a capacity reservation group tells of the reservations in it."""

from local.arm.reservation import state, wire
from local.arm.wire import Json
from local.arm.world import Resource, World


def shown(world: World, group: Resource, expand: str = "") -> Json:
    """Return a group's body with its reservations; `instanceView`: with what is in use of each."""
    inside = state.of_group(world, group.id)
    properties = dict(group.properties)
    if inside:
        properties["capacityReservations"] = [{"id": one.id} for one in inside]
    if expand.lower() == "instanceview":
        views = [
            {
                "name": one.body["name"],
                **wire.instance_view(one.body["sku"]["capacity"], state.allocated(world, one)),
            }
            for one in inside
        ]
        properties["instanceView"] = {"capacityReservations": views}
    return {**group.body, "properties": properties}
