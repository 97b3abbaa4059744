"""How snapshots look on the wire: as disks do, and how far a background copy has come."""

from local.arm.disk import wire as disks
from local.arm.snapshot.progress import access_state, completion_percent
from local.arm.wire import Json, Reply
from local.arm.world import Resource, World


def body(world: World, snapshot: Resource) -> Json:
    """Return the body of a GET."""
    percent = completion_percent(world, snapshot)
    if percent is None:
        return snapshot.body
    progress = {
        "completionPercent": percent,
        "snapshotAccessState": access_state(world, snapshot),
    }
    return {**snapshot.body, "properties": {**snapshot.properties, **progress}}


def shown(world: World, snapshot: Resource) -> Reply:
    """Answer a GET with the snapshot."""
    reply = disks.shown(snapshot)
    reply.body = body(world, snapshot)
    return reply


def accepted_body(asked: Json, snapshot: Resource) -> Json:
    """Return the short body of an accepted PUT or PATCH; recorded without a name."""
    answer = disks.accepted_body(asked, snapshot, named=False)
    if snapshot.properties["incremental"]:
        answer["properties"]["diskSizeBytes"] = snapshot.properties["diskSizeBytes"]
    else:
        answer["properties"].pop("incremental", None)
    return answer
