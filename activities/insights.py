"""Associate a VM with a data collection rule, by which Azure Monitor gathers what it tells.

azure-mgmt-monitor would be a second large SDK for two calls of two lines, so these go through the
compute client: same credential, same transport, same pipeline.
"""

from http import HTTPStatus
from typing import Any, Final

from azure.core.exceptions import HttpResponseError, ResourceNotFoundError, map_error
from azure.core.rest import HttpRequest
from azure.mgmt.core.exceptions import ARMErrorFormat

from activities.azure.clients import Azure
from activities.azure.errors import Refusal, answering
from activities.ports import Ports, headers, journalled
from shared.contracts.base import Done, Refused, StillRunning
from shared.contracts.insights import AssociateRule
from shared.model.wire import from_stored
from shared.names import association_name, same_id

API_VERSION: Final = "2023-03-11"
"""The newest generally available one. Source: Azure docs, REST reference of Azure Monitor, data
collection rule associations."""
PROVIDER: Final = "Microsoft.Insights/dataCollectionRuleAssociations"


@answering
async def associate_rule(request: AssociateRule, *, ports: Ports) -> Done | StillRunning | Refusal:
    """Associate the VM with the rule that the document names, if one is wanted.

    Idempotent: an association that names the rule already is left alone, and a PUT of ours is read
    back before it is believed. It ends with its VM, so that nothing has to be cleared away.
    """
    work = request.work
    record = await ports.stores.nodes.get(work.key)
    if record is None:
        return Refused(code="NodeGone", message="the node was deleted")
    integrations = from_stored(record.document).integrations
    insights = integrations.insights if integrations else None
    if insights is None or not insights.is_enabled:
        return Done()
    azure = await ports.azure_of(work)
    target = f"{request.vm_resource_id}/providers/{PROVIDER}/{association_name(work.key)}"
    if await _names(azure, target, insights.data_collection_rule_id):
        return Done()
    body = {"properties": {"dataCollectionRuleId": insights.data_collection_rule_id}}
    async with journalled(ports, work, "associate_rule", target):
        await _send(azure, "PUT", target, json=body, headers=headers(work))
    # A read that lags behind, or somebody who changed it at once: the next look decides.
    seen = await _names(azure, target, insights.data_collection_rule_id)
    return Done() if seen else StillRunning(token="")


async def _names(azure: Azure, target: str, rule_id: str) -> bool:
    """Tell whether an association is there and names the rule."""
    try:
        there = await _send(azure, "GET", target)
    except ResourceNotFoundError:
        return False
    return same_id(str(there.get("properties", {}).get("dataCollectionRuleId", "")), rule_id)


async def _send(azure: Azure, method: str, target: str, **more: Any) -> dict[str, Any]:
    """Send a request to Resource Manager; raise as the SDK's own operations do."""
    request = HttpRequest(
        method, f"{{endpoint}}{target}", params={"api-version": API_VERSION}, **more
    )
    response = await azure.compute.send_request(request)
    if response.status_code in (HTTPStatus.OK, HTTPStatus.CREATED):
        found: dict[str, Any] = response.json()
        return found
    map_error(response.status_code, response, {HTTPStatus.NOT_FOUND: ResourceNotFoundError})
    raise HttpResponseError(response=response, error_format=ARMErrorFormat)
