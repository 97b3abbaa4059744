"""How galleries look on the wire."""

from local.arm.disk.wire import shown
from local.arm.gallery.state import VERSION, replication
from local.arm.wire import Reply, Request
from local.arm.world import Resource


def reply(request: Request, resource: Resource) -> Reply:
    """Answer a GET; `$expand=ReplicationStatus` shows how far a version's replicas are."""
    answer = shown(resource)
    expanded = request.query.get("$expand", "").lower()
    if resource.type == VERSION and expanded == "replicationstatus":
        properties = {**resource.properties, "replicationStatus": replication(resource)}
        answer.body = {**resource.body, "properties": properties}
    return answer
