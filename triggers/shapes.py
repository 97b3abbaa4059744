"""What the calls about nodes take and give."""

from typing import Any, Final

from services.signals import SignalCall
from shared.model.deallocation import DeallocationConfig
from shared.model.node import NodeDocument
from triggers.openapi_examples import CREATE, DELETE, LOG_LINE, NODE, SIGNAL, STATUS, UPDATE
from triggers.route import TEXT, Body, Items, Query

NULLABLE: Final = {"type": ["string", "null"]}


def thing(required: str, optional: str = "", **kinds: Any) -> dict[str, Any]:
    """Return the schema of an object by the names of its fields: texts, unless `kinds` says more.

    Optional fields may be null.
    """
    fields = {name: kinds.get(name, TEXT) for name in required.split()}
    fields |= {name: kinds.get(name, NULLABLE) for name in optional.split()}
    return {"type": "object", "properties": fields, "required": required.split()}


CREATE_NODE: Final = Body("CreateNode", NodeDocument, CREATE, under="statefulNode")
UPDATE_NODE: Final = Body("UpdateNode", NodeDocument, UPDATE, under="statefulNode", partial=True)
DELETE_NODE: Final = Body("DeleteNode", DeallocationConfig, DELETE, under="deallocationConfig")
SAY_SIGNAL: Final = Body("SignalCall", SignalCall, SIGNAL)

NODE_ITEM: Final = Items(
    "Node",
    {
        "allOf": [
            {"$ref": "#/components/schemas/NodeDocument"},
            thing("id createdAt updatedAt"),
        ]
    },
    NODE,
)
STATUS_ITEM: Final = Items(
    "Status",
    thing(
        "id name region resourceGroupName status vmHealthStatus",
        "vmName vmSize lifecycle lifeCycle zone privateIp publicIp rollbackReason errorReason"
        " progress waiting lastSnapshotAt createdAt updatedAt",
        vmHealthStatus={"enum": ["HEALTHY", "UNHEALTHY", "UNKNOWN"]},
        progress={"type": ["object", "null"]},
        waiting={"type": ["object", "null"]},
    ),
    STATUS,
)
LOG_ITEM: Final = Items(
    "LogLine",
    thing(
        "message severity createdAt",
        "data",
        severity={"enum": ["DEBUG", "INFO", "WARN", "ERROR"]},
        data={"type": ["object", "null"]},
    ),
    LOG_LINE,
)

BY_NAME: Final = (Query("name", "exact name"), Query("region", "exact region"))
LOG_QUERIES: Final = (
    Query("fromDate", "ISO 8601 or Unix milliseconds", required=True),
    Query("toDate", "ISO 8601 or Unix milliseconds", required=True),
    Query("severity", "DEBUG, INFO, WARN, ERROR or ALL (default)"),
    Query("resourceId", "ARM id: only lines about it"),
    Query(
        "limit",
        "default 500",
        schema={"type": "integer", "minimum": 0, "maximum": 1_000, "default": 500},
    ),
    Query("include", "data: with the structured part of decisions"),
)
