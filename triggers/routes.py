"""The API's route table: what there is, who may, and what this version serves.

Calls are matched by this table alone. The Functions host orders overlapping routes by the
functions' names, not by how literal they are, so what it says about `/{id}` and `/status` is
not relied on.
"""

from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from store.tokens import Role

NODE: Final = "azure/compute/statefulNode"
KIND: Final = "spotinst:azure:statefulNode"


@dataclass(frozen=True)
class Route:
    """One method on one path."""

    name: str
    """operationId of the published API."""
    method: str
    path: str
    role: Role = Role.VIEWER
    served: bool = False
    summary: str = ""


@dataclass(frozen=True)
class Match:
    """A route, and what its path parameters are."""

    route: Route
    parameters: dict[str, str]


SERVED: Final = (
    Route("azureStatefulNodeCreate", "POST", NODE, Role.OPERATOR, True, "Create a node"),
    Route("azureStatefulNodeGetAll", "GET", NODE, Role.VIEWER, True, "List nodes"),
    Route(
        "azureStatefulNodeGetAllStatus", "GET", f"{NODE}/status", Role.VIEWER, True, "List statuses"
    ),
    Route("azureStatefulNodeGet", "GET", f"{NODE}/{{id}}", Role.VIEWER, True, "Read a node"),
    Route("azureStatefulNodeUpdate", "PUT", f"{NODE}/{{id}}", Role.OPERATOR, True, "Change a node"),
    Route(
        "azureStatefulNodeDelete", "DELETE", f"{NODE}/{{id}}", Role.OPERATOR, True, "Delete a node"
    ),
    Route(
        "azureStatefulNodeGetStatus",
        "GET",
        f"{NODE}/{{id}}/status",
        Role.VIEWER,
        True,
        "Read a status",
    ),
    Route("azureStatefulNodeLogs", "GET", f"{NODE}/{{id}}/log", Role.VIEWER, True, "Read the log"),
)
_IMPORT_CONFIGURATION: Final = (
    f"{NODE}/resourceGroup/{{resourceGroupName}}/virtualMachine/{{virtualMachineName}}"
    "/importConfiguration"
)
_WRITE: Final = Role.OPERATOR
NOT_SERVED: Final = (
    Route("azureStatefulNodeImportVm", "POST", f"{NODE}/import", _WRITE),
    Route("azureStatefulNodeGetImportStatus", "GET", f"{NODE}/import/{{importId}}/status"),
    Route("azureStatefulNodeGetImportConfiguration", "GET", _IMPORT_CONFIGURATION),
    Route("azureGetAggregatedCosts", "GET", f"{NODE}/cost"),
    Route("azureGetDailyAggregatedCosts", "GET", f"{NODE}/cost/daily"),
    Route("azureGetDailyVmSizeUsage", "GET", f"{NODE}/sizeUsage/daily"),
    Route("azureStatefulNodeGetResources", "GET", f"{NODE}/{{id}}/resources"),
    Route("azureStatefulNodeChangeState", "PUT", f"{NODE}/{{id}}/state", _WRITE),
    Route("azureStatefulNodeSwapOSDisk", "PUT", f"{NODE}/{{id}}/osDisk/swap", _WRITE),
    Route("azureStatefulNodeAttachDataDisk", "PUT", f"{NODE}/{{id}}/dataDisk/attach", _WRITE),
    Route("azureStatefulNodeDetachDataDisk", "PUT", f"{NODE}/{{id}}/dataDisk/detach", _WRITE),
    Route("elastigroupAzureSpotVmsCreateVMSignal", "POST", "azure/compute/vm/signal", _WRITE),
    Route("SetCloudCredentialsForAzure", "POST", "azure/setup/credentials", Role.ADMIN),
    Route("GetCloudCredentialsForAzure", "GET", "azure/setup/credentials", Role.ADMIN),
    Route(
        "ValidateCloudCredentialsForAzure", "POST", "azure/setup/credentials/validation", Role.ADMIN
    ),
    Route("SetTenantCredentials", "POST", "azure/setup/tenant/credentials", Role.ADMIN),
    Route(
        "ValidateTenantCredentials", "POST", "azure/setup/tenant/credentials/validation", Role.ADMIN
    ),
    Route("ListAccounts", "GET", "setup/account"),
)
ROUTES: Final = (*SERVED, *NOT_SERVED)


def match(method: str, url: str) -> Match | None:
    """Return the route of a call: of several that fit the one with the most literal path."""
    steps = [unquote(step) for step in urlsplit(url).path.strip("/").split("/")]
    fitting = [
        (found, route)
        for route in ROUTES
        if route.method == method and (found := _parameters(route, steps)) is not None
    ]
    if not fitting:
        return None
    parameters, route = min(fitting, key=lambda one: len(one[0]))
    return Match(route, parameters)


def _parameters(route: Route, steps: list[str]) -> dict[str, str] | None:
    template = route.path.split("/")
    if len(template) != len(steps):
        return None
    found: dict[str, str] = {}
    for wanted, step in zip(template, steps, strict=True):
        if wanted.startswith("{"):
            found[wanted.strip("{}")] = step
        elif wanted.lower() != step.lower():
            return None
    return found
