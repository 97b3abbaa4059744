"""Resource groups on the wire."""

import re

from local.arm.wire import Json, group_of
from local.arm.world import Resource

TYPE = "Microsoft.Resources/resourceGroups"
FIELD_FILTER = re.compile(r"(resourceGroup|resourceType) eq '([^']*)'", re.IGNORECASE)
TAG_FILTER = re.compile(r"tagname eq '([^']*)'(?: and tagvalue eq '([^']*)')?", re.IGNORECASE)


def parse(document: Json) -> Json:
    """Return the parts of a PUT body or PATCH body that a group keeps."""
    kept: Json = {key: document[key] for key in ("managedBy", "tags") if document.get(key)}
    if "tags" in document:
        kept["tags"] = document["tags"] or {}
    return kept


def fits(resource: Resource, odata_filter: str) -> bool:
    """Tell whether a resource passes a `$filter` by tag, group or type; no filter passes all."""
    found = TAG_FILTER.search(odata_filter)
    if found:
        tags = resource.body.get("tags") or {}
        name, value = found.groups()
        if name not in tags or (value is not None and tags[name] != value):
            return False
    told = {"resourcegroup": group_of(resource.id), "resourcetype": resource.type}
    return all(
        told[field.lower()].lower() == wanted.lower()
        for field, wanted in FIELD_FILTER.findall(odata_filter)
    )


SUMMARY = ("id", "name", "type", "location", "tags", "sku", "zones", "managedBy", "identity")


def summary(resource: Resource) -> Json:
    """Return a resource as lists of mixed resources tell it."""
    return {key: resource.body[key] for key in SUMMARY if key in resource.body}
