"""The routes about nodes that every version serves: create, read, change, delete, hear of VMs."""

from typing import Final

from store.tokens import Role
from triggers import shapes
from triggers.route import NODE, Route

NODE_ROUTES: Final = (
    Route(
        "azureStatefulNodeCreate",
        "POST",
        NODE,
        Role.OPERATOR,
        "Create a node",
        takes=shapes.CREATE_NODE,
        gives=shapes.NODE_ITEM,
    ),
    Route(
        "azureStatefulNodeGetAll",
        "GET",
        NODE,
        Role.VIEWER,
        "List nodes",
        gives=shapes.NODE_ITEM,
        queries=shapes.BY_NAME,
    ),
    Route(
        "azureStatefulNodeGetAllStatus",
        "GET",
        f"{NODE}/status",
        Role.VIEWER,
        "List statuses",
        gives=shapes.STATUS_ITEM,
    ),
    Route(
        "azureStatefulNodeGet",
        "GET",
        f"{NODE}/{{id}}",
        Role.VIEWER,
        "Read a node",
        gives=shapes.NODE_ITEM,
    ),
    Route(
        "azureStatefulNodeUpdate",
        "PUT",
        f"{NODE}/{{id}}",
        Role.OPERATOR,
        "Change a node",
        takes=shapes.UPDATE_NODE,
        gives=shapes.NODE_ITEM,
    ),
    Route(
        "azureStatefulNodeDelete",
        "DELETE",
        f"{NODE}/{{id}}",
        Role.OPERATOR,
        "Delete a node",
        takes=shapes.DELETE_NODE,
    ),
    Route(
        "azureStatefulNodeGetStatus",
        "GET",
        f"{NODE}/{{id}}/status",
        Role.VIEWER,
        "Read a status",
        gives=shapes.STATUS_ITEM,
    ),
    Route(
        "azureStatefulNodeLogs",
        "GET",
        f"{NODE}/{{id}}/log",
        Role.VIEWER,
        "Read the log",
        gives=shapes.LOG_ITEM,
        queries=shapes.LOG_QUERIES,
    ),
    Route(
        "elastigroupAzureSpotVmsCreateVMSignal",
        "POST",
        "azure/compute/vm/signal",
        Role.OPERATOR,
        "Say that a VM is ready, or ready to be shut down",
        takes=shapes.SAY_SIGNAL,
    ),
)
