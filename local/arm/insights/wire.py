"""Data collection rules and their associations on the wire."""

from typing import Final

from local.arm.insights import errors
from local.arm.wire import Json, name_of

RULE: Final = "Microsoft.Insights/dataCollectionRules"
ASSOCIATION: Final = "Microsoft.Insights/dataCollectionRuleAssociations"


def rule(rule_id: str, body: Json) -> Json:
    """Return a rule's body; raise if it has no place."""
    if not body.get("location"):
        raise errors.missing("location")
    return {
        "id": rule_id,
        "name": name_of(rule_id),
        "type": RULE,
        "location": str(body["location"]).replace(" ", "").lower(),
        "tags": body.get("tags") or {},
        "properties": {**(body.get("properties") or {}), "provisioningState": "Succeeded"},
    }


def association(association_id: str, rule_id: str, given: Json) -> Json:
    """Return the body of an association with a rule."""
    told = {"description": given["description"]} if given.get("description") else {}
    return {
        "id": association_id,
        "name": name_of(association_id),
        "type": ASSOCIATION,
        "properties": {
            **told,
            "dataCollectionRuleId": rule_id,
            "provisioningState": "Succeeded",
        },
    }
